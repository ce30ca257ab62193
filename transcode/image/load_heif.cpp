#include <libheif/heif.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "transcode/image/colour.h"
#include "transcode/image/load.h"

namespace lensfs {
namespace {

constexpr double kWhite = 203;  // cd/m2 of diffuse white, ITU-R BT.2408

// How the numbers of a picture for bright screens become light.
struct Coding {
  heif_transfer_characteristics transfer;
  heif_color_primaries primaries;
};

// Of the primary picture, if it is such a one.
std::optional<Coding> coding_of(std::span<const std::byte> content) {
  const std::unique_ptr<heif_context, void (*)(heif_context*)> context(heif_context_alloc(),
                                                                       heif_context_free);
  heif_error error = heif_context_read_from_memory_without_copy(context.get(), content.data(),
                                                                content.size(), nullptr);
  if (error.code != heif_error_Ok) return std::nullopt;
  heif_image_handle* found = nullptr;
  error = heif_context_get_primary_image_handle(context.get(), &found);
  if (error.code != heif_error_Ok) return std::nullopt;
  const std::unique_ptr<const heif_image_handle, void (*)(const heif_image_handle*)> handle(
      found, heif_image_handle_release);
  heif_color_profile_nclx* profile = nullptr;
  error = heif_image_handle_get_nclx_color_profile(handle.get(), &profile);
  if (error.code != heif_error_Ok || profile == nullptr) return std::nullopt;
  const Coding coding{profile->transfer_characteristics, profile->color_primaries};
  heif_nclx_color_profile_free(profile);
  const bool bright = coding.transfer == heif_transfer_characteristic_ITU_R_BT_2100_0_PQ ||
                      coding.transfer == heif_transfer_characteristic_ITU_R_BT_2100_0_HLG;
  return bright ? std::optional(coding) : std::nullopt;
}

// SMPTE ST 2084: code 0 … 1 to parts of diffuse white.
double pq_light(double code) {
  constexpr double kM1 = 1305.0 / 8192;
  constexpr double kM2 = 2523.0 / 32;
  constexpr double kC1 = 107.0 / 128;
  constexpr double kC2 = 2413.0 / 128;
  constexpr double kC3 = 2392.0 / 128;
  const double root = std::pow(code, 1 / kM2);
  return 10000 / kWhite * std::pow(std::max(root - kC1, 0.0) / (kC2 - kC3 * root), 1 / kM1);
}

// ITU-R BT.2100 HLG on a screen of 1000 cd/m2; the system gamma taken channel by channel.
double hlg_light(double code) {
  constexpr double kA = 0.17883277;
  constexpr double kB = 1 - 4 * kA;
  const double c = 0.5 - kA * std::log(4 * kA);
  const double scene = code <= 0.5 ? code * code / 3 : (std::exp((code - c) / kA) + kB) / 12;
  return 1000 / kWhite * std::pow(scene, 1.2);
}

std::vector<float> light_table(heif_transfer_characteristics transfer) {
  constexpr std::size_t kCodes = 65536;
  std::vector<float> table(kCodes);
  for (std::size_t i = 0; i < kCodes; ++i) {
    const double code = static_cast<double>(i) / (kCodes - 1);
    table[i] = static_cast<float>(transfer == heif_transfer_characteristic_ITU_R_BT_2100_0_PQ
                                      ? pq_light(code)
                                      : hlg_light(code));
  }
  return table;
}

using Matrix = std::array<float, 9>;

// To the primaries of sRGB.
Matrix matrix_of(heif_color_primaries primaries) {
  if (primaries == heif_color_primaries_ITU_R_BT_2020_2_and_2100_0)
    return {1.6605F, -0.5876F, -0.0728F, -0.1246F, 1.1329F, -0.0083F, -0.0182F, -0.1006F, 1.1187F};
  if (primaries == heif_color_primaries_SMPTE_EG_432_1)  // Display P3
    return {1.2249F, -0.2247F, 0.0F, -0.0420F, 1.0419F, 0.0F, -0.0197F, -0.0786F, 1.0979F};
  return {1, 0, 0, 0, 1, 0, 0, 0, 1};
}

struct Brightness {
  std::vector<float> table;
  Matrix matrix;
  int bands;
};

void show_row(const Brightness& bright, const std::uint16_t* from, std::uint8_t* rgba, int width) {
  const Matrix& m = bright.matrix;
  for (int x = 0; x < width; ++x, from += bright.bands, rgba += 4) {
    const float red = bright.table[from[0]];
    const float green = bright.table[from[1]];
    const float blue = bright.table[from[2]];
    show_light({m[0] * red + m[1] * green + m[2] * blue, m[3] * red + m[4] * green + m[5] * blue,
                m[6] * red + m[7] * green + m[8] * blue, 1},
               rgba);
    rgba[3] = bright.bands > 3 ? static_cast<std::uint8_t>(from[3] >> 8U) : 255;
  }
}

Result<Pixels> load_bright(const Bytes& bytes, const Coding& coding, const View& view) {
  LENSFS_TRY(const VipsInput input, bytes.input());
  LENSFS_TRY(Pixels picture, vips_run([&](VipsImage** out) {
               return vips_heifload_source(input.get(), out, "access", VIPS_ACCESS_SEQUENTIAL,
                                           nullptr);
             }));
  LENSFS_CHECK(check_size(vips_image_get_width(picture.get()), vips_image_get_height(picture.get()),
                          8, Decoded::as_a_whole));
  const int bands = vips_image_get_bands(picture.get());
  const bool fits = vips_image_get_format(picture.get()) == VIPS_FORMAT_USHORT && bands >= 3;
  if (!fits) return load_with_vips(bytes, SourceFormat::heif, view);
  const auto bright = std::make_shared<const Brightness>(
      Brightness{light_table(coding.transfer), matrix_of(coding.primaries), bands});
  LENSFS_TRY(
      const Pixels shown,
      mapped_rows(std::move(picture), [bright](const VipsPel* from, std::uint8_t* rgba, int width) {
        const void* values = from;
        show_row(*bright, static_cast<const std::uint16_t*>(values), rgba, width);
      }));
  return fit(shown, view.box);
}

}  // namespace

Result<Pixels> load_heif(const Bytes& bytes, const View& view) {
  const bool whole = view.moment.kind == Moment::Kind::whole || view.moment.number == 0;
  const auto content = bytes.all();
  if (whole && content) {
    if (const auto coding = coding_of(*content)) return load_bright(bytes, *coding, view);
  }
  return load_with_vips(bytes, SourceFormat::heif, view);
}

}  // namespace lensfs
