#include "transcode/image/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace lensfs {
namespace {

constexpr std::size_t kCodes = 1U << 14U;

std::array<std::uint8_t, kCodes + 1> make_codes() {
  std::array<std::uint8_t, kCodes + 1> codes{};
  for (std::size_t i = 0; i <= kCodes; ++i) {
    const double linear = static_cast<double>(i) / kCodes;
    const double coded =
        linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
    codes[i] = static_cast<std::uint8_t>(std::lround(coded * 255));
  }
  return codes;
}

float clean(float value) noexcept {
  constexpr float kBrightest = 65504;  // what half floats can hold
  if (std::isnan(value) || value <= 0) return 0;
  return std::min(value, kBrightest);
}

struct MappedRows {
  Pixels picture;  // libvips does not keep it alive
  RowMap map;
};

void map_row(const float* from, std::uint8_t* to, int width, int bands, float exposure) {
  const bool grey = bands < 3;
  const bool alpha = bands == 2 || bands > 3;
  for (int x = 0; x < width; ++x, from += bands, to += 4) {
    Light light{from[0] * exposure, (grey ? from[0] : from[1]) * exposure,
                (grey ? from[0] : from[2]) * exposure, 1};
    show_light(light, to);
    const float cover = alpha ? from[grey ? 1 : 3] : 1.0F;
    to[3] = static_cast<std::uint8_t>(std::lround(std::clamp(clean(cover), 0.0F, 1.0F) * 255));
  }
}

int map_region(VipsRegion* out, void* sequence, void* /*picture*/, void* rows_of,
               gboolean* /*stop*/) {
  auto* in = static_cast<VipsRegion*>(sequence);
  const auto& rows = *static_cast<MappedRows*>(rows_of);
  const VipsRect area = out->valid;
  if (vips_region_prepare(in, &area) != 0) return -1;
  for (int y = area.top; y < area.top + area.height; ++y)
    rows.map(pixel_at(in, area.left, y), pixel_at(out, area.left, y), area.width);
  return 0;
}

}  // namespace

std::uint8_t srgb_code(float linear) noexcept {
  static const auto codes = make_codes();
  const float at = std::clamp(clean(linear), 0.0F, 1.0F) * static_cast<float>(kCodes);
  return codes[static_cast<std::size_t>(at + 0.5F)];
}

float roll_off(float linear) noexcept {
  if (linear <= kShoulder) return linear;
  constexpr float kRoom = 1 - kShoulder;
  const float over = linear - kShoulder;
  return kShoulder + kRoom * over / (over + kRoom);
}

void show_light(Light light, std::uint8_t* rgba) noexcept {
  float red = clean(light.red);
  float green = clean(light.green);
  float blue = clean(light.blue);
  float cover = std::min(clean(light.alpha), 1.0F);
  constexpr float kNothing = 1.0F / 512;
  if (cover < kNothing) cover = std::min(1.0F, std::max({red, green, blue}));
  if (cover < kNothing) {
    std::fill_n(rgba, 4, std::uint8_t{0});
    return;
  }
  red /= cover;
  green /= cover;
  blue /= cover;
  const float peak = std::max({red, green, blue});
  const float shown = roll_off(peak);
  const float scale = peak > kShoulder ? shown / peak : 1.0F;
  constexpr float kPaling = 0.05F;
  constexpr float kPalest = 1.0F;  // half of the colour stays
  const float over = std::clamp(kPaling * (peak - 1), 0.0F, kPalest);
  const float white = shown * over / (1 + over);  // what is very bright also loses colour
  const float kept = scale / (1 + over);
  rgba[0] = srgb_code(red * kept + white);
  rgba[1] = srgb_code(green * kept + white);
  rgba[2] = srgb_code(blue * kept + white);
  rgba[3] = static_cast<std::uint8_t>(cover * 255 + 0.5F);
}

Result<Pixels> mapped_rows(Pixels picture, RowMap map) {
  Pixels shown(vips_image_new());
  if (vips_image_pipelinev(shown.get(), VIPS_DEMAND_STYLE_THINSTRIP, picture.get(), nullptr) != 0)
    return fail(vips_failure());
  shown->Bands = 4;
  shown->BandFmt = VIPS_FORMAT_UCHAR;
  shown->Type = VIPS_INTERPRETATION_sRGB;
  shown->Coding = VIPS_CODING_NONE;
  vips_image_remove(shown.get(), VIPS_META_ICC_NAME);
  auto* rows = new MappedRows{std::move(picture), std::move(map)};
  g_object_set_data_full(G_OBJECT(shown.get()), "lensfs-mapped", rows,
                         [](void* owned) { delete static_cast<MappedRows*>(owned); });
  if (vips_image_generate(shown.get(), vips_start_one, map_region, vips_stop_one,
                          rows->picture.get(), rows) != 0)
    return fail(vips_failure());
  return shown;
}

Result<Pixels> tone_mapped(const Pixels& scene, float exposure) {
  LENSFS_TRY(Pixels floats,
             vips_run([&](VipsImage** out) { return vips_cast_float(scene.get(), out, nullptr); }));
  const int bands = vips_image_get_bands(floats.get());
  return mapped_rows(std::move(floats),
                     [bands, exposure](const VipsPel* from, std::uint8_t* rgba, int width) {
                       const void* values = from;
                       map_row(static_cast<const float*>(values), rgba, width, bands, exposure);
                     });
}

Result<float> exposure_of(const Pixels& scene) {
  LENSFS_TRY(const Pixels small, vips_run([&](VipsImage** out) {
               const double most =
                   std::max(vips_image_get_width(scene.get()), vips_image_get_height(scene.get()));
               const double shrink = std::max(1.0, std::floor(most / 256));
               return vips_shrink(scene.get(), out, shrink, shrink, nullptr);
             }));
  LENSFS_TRY(const Pixels floats,
             vips_run([&](VipsImage** out) { return vips_cast_float(small.get(), out, nullptr); }));
  std::size_t length = 0;
  std::unique_ptr<void, decltype(&g_free)> memory(vips_image_write_to_memory(floats.get(), &length),
                                                  &g_free);
  if (!memory) return fail(vips_failure());
  const int bands = vips_image_get_bands(floats.get());
  const auto* values = static_cast<const float*>(memory.get());
  double sum = 0;
  std::size_t lit = 0;
  for (std::size_t i = 0; i + static_cast<std::size_t>(bands) <= length / sizeof(float);
       i += static_cast<std::size_t>(bands)) {
    const float light = bands < 3 ? clean(values[i])
                                  : 0.2126F * clean(values[i]) + 0.7152F * clean(values[i + 1]) +
                                        0.0722F * clean(values[i + 2]);
    if (light <= 0) continue;
    sum += std::log(light);
    ++lit;
  }
  if (lit == 0) return 1.0F;
  const double middle = std::exp(sum / static_cast<double>(lit));
  constexpr double kDarkest = 0.02;
  constexpr double kBrightest = 0.6;
  constexpr double kMiddleGrey = 0.18;
  if (middle >= kDarkest && middle <= kBrightest) return 1.0F;
  return static_cast<float>(kMiddleGrey / middle);
}

Result<Pixels> to_srgb(Pixels picture) {
  const int bands = vips_image_get_bands(picture.get());
  const VipsInterpretation now = vips_image_get_interpretation(picture.get());
  const VipsInterpretation wanted = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  if (now == wanted && vips_image_get_format(picture.get()) == VIPS_FORMAT_UCHAR) return picture;
  LENSFS_TRY(Pixels converted, vips_run([&](VipsImage** out) {
               return vips_colourspace(picture.get(), out, wanted, nullptr);
             }));
  if (vips_image_get_format(converted.get()) == VIPS_FORMAT_UCHAR) return converted;
  return vips_run([&](VipsImage** out) { return vips_cast_uchar(converted.get(), out, nullptr); });
}

}  // namespace lensfs
