#include "transcode/image/write.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/base/fd.h"
#include "transcode/image/binary.h"

namespace lensfs {
namespace {

using VipsOutput = std::unique_ptr<VipsTarget, Unref>;

Result<Pixels> over_white(const Pixels& picture) {
  const double white[] = {255.0};
  const std::unique_ptr<VipsArrayDouble, void (*)(VipsArrayDouble*)> background(
      vips_array_double_new(white, 1),
      [](VipsArrayDouble* array) { vips_area_unref(VIPS_AREA(array)); });
  return vips_run([&](VipsImage** out) {
    return vips_flatten(picture.get(), out, "background", background.get(), nullptr);
  });
}

Result<Pixels> without_alpha(const Pixels& picture) {
  return vips_run([&](VipsImage** out) {
    return vips_extract_band(picture.get(), out, 0, "n", vips_image_get_bands(picture.get()) - 1,
                             nullptr);
  });
}

// Every field that a format might write; "strip" leaves some in WebP.
void remove_metadata(const Pixels& picture) {
  gchar** fields = vips_image_get_fields(picture.get());
  for (gchar** field = fields; *field != nullptr; ++field)
    vips_image_remove(picture.get(), *field);  // does nothing for size and the like
  g_strfreev(fields);
}

Result<Pixels> prepared(const Pixels& picture, Alpha alpha, bool keeps_alpha) {
  if (vips_image_hasalpha(picture.get()) == 0 || (alpha == Alpha::transparent && keeps_alpha))
    return vips_run([&](VipsImage** out) { return vips_copy(picture.get(), out, nullptr); });
  return alpha == Alpha::transparent ? over_white(picture) : without_alpha(picture);
}

// libvips writes EXIF into a WebP even if it has none to keep. A WebP is a RIFF: chunks of a name,
// a length and content; the first, VP8X, has a flag for each kind of metadata.
std::string without_metadata(std::string_view webp) {
  constexpr std::size_t kHeader = 12;
  constexpr std::size_t kFlags = 8;      // in VP8X, behind its name and length
  constexpr unsigned kMetadata = 0x2cU;  // ICC, EXIF, XMP
  std::string kept(webp.substr(0, kHeader));
  std::size_t at = kHeader;
  while (at + 8 <= webp.size()) {
    const std::uint32_t length = u32_at(std::as_bytes(std::span(webp)), at + 4, Endian::little);
    std::string chunk(webp.substr(at, 8 + std::size_t{length} + length % 2));
    at += chunk.size();
    const std::string_view name = std::string_view(chunk).substr(0, 4);
    if (name == "EXIF" || name == "XMP " || name == "ICCP") continue;
    if (name == "VP8X" && chunk.size() > kFlags)
      chunk[kFlags] = static_cast<char>(static_cast<unsigned char>(chunk[kFlags]) & ~kMetadata);
    kept += chunk;
  }
  const auto size = static_cast<std::uint32_t>(kept.size() - 8);
  for (unsigned i = 0; i < 4; ++i) kept[4 + i] = static_cast<char>(size >> (8 * i));
  return kept;
}

Status write_webp(const Pixels& picture, int quality, int output) {
  void* memory = nullptr;
  std::size_t length = 0;
  if (vips_webpsave_buffer(picture.get(), &memory, &length, "Q", quality, "strip", TRUE, nullptr) !=
      0)
    return fail(vips_failure());
  const std::unique_ptr<void, decltype(&g_free)> owned(memory, g_free);
  const std::string webp = without_metadata({static_cast<const char*>(memory), length});
  return write_full(output, std::as_bytes(std::span(webp)), 0);
}

int encode(VipsImage* picture, const std::string& extension, int quality, VipsTarget* to) {
  if (extension == "png") return vips_pngsave_target(picture, to, "strip", TRUE, nullptr);
  return vips_jpegsave_target(picture, to, "Q", quality, "strip", TRUE, "optimize_coding", TRUE,
                              nullptr);
}

std::string extension_of(const std::string& format, Alpha alpha) {
  if (format == "png" || format == "webp") return format;
  return format == "auto" && alpha == Alpha::transparent ? "png" : "jpg";
}

}  // namespace

Result<bool> has_transparency(const Pixels& picture) {
  if (vips_image_hasalpha(picture.get()) == 0) return false;
  LENSFS_TRY(const Pixels alpha, vips_run([&](VipsImage** out) {
               return vips_extract_band(picture.get(), out, vips_image_get_bands(picture.get()) - 1,
                                        nullptr);
             }));
  double least = 0;
  if (vips_min(alpha.get(), &least, nullptr) != 0) return fail(vips_failure());
  return least < 255;
}

Result<Made> write_still(const Pixels& picture, Alpha alpha, const Order& order) {
  Made made;
  made.extension = extension_of(order.recipe.format, alpha);
  LENSFS_TRY(const Pixels ready, prepared(picture, alpha, made.extension != "jpg"));
  remove_metadata(ready);
  made.width = vips_image_get_width(ready.get());
  made.height = vips_image_get_height(ready.get());
  const int quality = order.recipe.quality > 0 ? order.recipe.quality : kDefaultQuality;
  if (made.extension == "webp") {
    LENSFS_CHECK(write_webp(ready, quality, order.output));
    return made;
  }
  const VipsOutput to(vips_target_new_to_descriptor(order.output));
  if (!to) return fail(Error(Errc::io, "write the rendition"));
  if (encode(ready.get(), made.extension, quality, to.get()) != 0) return fail(vips_failure());
  return made;
}

}  // namespace lensfs
