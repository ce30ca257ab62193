#include "transcode/image/write.h"

#include <memory>
#include <string>
#include <utility>

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

Result<Pixels> prepared(const Pixels& picture, Alpha alpha, bool keeps_alpha) {
  if (vips_image_hasalpha(picture.get()) == 0 || (alpha == Alpha::transparent && keeps_alpha))
    return vips_run([&](VipsImage** out) { return vips_copy(picture.get(), out, nullptr); });
  return alpha == Alpha::transparent ? over_white(picture) : without_alpha(picture);
}

int encode(VipsImage* picture, const std::string& extension, int quality, VipsTarget* to) {
  if (extension == "png") return vips_pngsave_target(picture, to, "strip", TRUE, nullptr);
  if (extension == "webp")
    return vips_webpsave_target(picture, to, "Q", quality, "strip", TRUE, nullptr);
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
  made.width = vips_image_get_width(ready.get());
  made.height = vips_image_get_height(ready.get());
  const VipsOutput to(vips_target_new_to_descriptor(order.output));
  if (!to) return fail(Error(Errc::io, "write the rendition"));
  const int quality = order.recipe.quality > 0 ? order.recipe.quality : kDefaultQuality;
  if (encode(ready.get(), made.extension, quality, to.get()) != 0) return fail(vips_failure());
  return made;
}

}  // namespace lensfs
