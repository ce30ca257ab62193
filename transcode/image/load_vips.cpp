#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "transcode/image/colour.h"
#include "transcode/image/load.h"

namespace lensfs {
namespace {

VipsFailOn fail_on(Damage damage) {
  return damage == Damage::refused ? VIPS_FAIL_ON_TRUNCATED : VIPS_FAIL_ON_NONE;
}

Result<Pixels> open(const Bytes& bytes, SourceFormat format, const std::string& options,
                    Damage damage) {
  LENSFS_TRY(const VipsInput input, bytes.input());
  if (format ==
      SourceFormat::heif) {  // by name: libvips does not recognise every brand that it can read
    const int page = options.empty() ? 0 : std::stoi(options.substr(options.find('=') + 1));
    return vips_run([&](VipsImage** out) {
      return vips_heifload_source(input.get(), out, "access", VIPS_ACCESS_SEQUENTIAL, "page", page,
                                  "fail_on", fail_on(damage), nullptr);
    });
  }
  // Without a loader of its own the source would be offered to ImageMagick.
  if (vips_foreign_find_load_source(input.get()) == nullptr) return fail(vips_failure());
  VipsImage* image =
      vips_image_new_from_source(input.get(), options.c_str(), "access", VIPS_ACCESS_SEQUENTIAL,
                                 "fail_on", fail_on(damage), nullptr);
  if (image == nullptr) return fail(vips_failure());
  return Pixels(image);
}

// JPEG decodes at 1/2, 1/4, 1/8 for little; as libvips chooses: at least twice the size wanted.
double jpeg_shrink(int width, int height, Box box) {
  const Box size = fitted_size(width, height, box);
  const double shrink =
      std::min(static_cast<double>(width) / size.width, static_cast<double>(height) / size.height);
  if (shrink >= 16) return 8;
  if (shrink >= 8) return 4;
  return shrink >= 4 ? 2 : 1;
}

Status check_cost(const Pixels& header, SourceFormat format, Box box) {
  double width = vips_image_get_width(header.get());
  double height = vips_image_get_height(header.get());
  if (format == SourceFormat::jpeg) {
    const double shrink =
        jpeg_shrink(vips_image_get_width(header.get()), vips_image_get_height(header.get()), box);
    width /= shrink;
    height /= shrink;
  }
  const bool whole = format == SourceFormat::heif || format == SourceFormat::jxl ||
                     format == SourceFormat::jp2 || format == SourceFormat::webp ||
                     format == SourceFormat::gif;
  return check_size(width, height, static_cast<double>(pixel_size(header.get())),
                    whole ? Decoded::as_a_whole : Decoded::in_strips);
}

// Floats are light unless they are coordinates of another space (Lab).
bool is_scene_light(const Pixels& picture) {
  if (vips_image_get_coding(picture.get()) == VIPS_CODING_RAD) return true;
  const VipsBandFormat format = vips_image_get_format(picture.get());
  if (format != VIPS_FORMAT_FLOAT && format != VIPS_FORMAT_DOUBLE) return false;
  const VipsInterpretation space = vips_image_get_interpretation(picture.get());
  return space != VIPS_INTERPRETATION_LAB && space != VIPS_INTERPRETATION_LCH &&
         space != VIPS_INTERPRETATION_CMYK;
}

// Scene-linear RGB, or grey, of what a float picture holds.
Result<Pixels> scene_of(Pixels picture) {
  if (vips_image_get_coding(picture.get()) == VIPS_CODING_RAD) {
    LENSFS_TRY(picture, vips_run([&](VipsImage** out) {
                 return vips_rad2float(picture.get(), out, nullptr);
               }));
  }
  if (vips_image_get_interpretation(picture.get()) != VIPS_INTERPRETATION_XYZ) return picture;
  return vips_run([&](VipsImage** out) {
    return vips_colourspace(picture.get(), out, VIPS_INTERPRETATION_scRGB, nullptr);
  });
}

Result<Pixels> load_scene(const Bytes& bytes, SourceFormat format, const std::string& options,
                          const View& view) {
  LENSFS_TRY(Pixels first, open(bytes, format, options, view.damage));
  LENSFS_TRY(const Pixels measured, scene_of(std::move(first)));
  LENSFS_TRY(const float exposure, exposure_of(measured));
  LENSFS_TRY(Pixels again, open(bytes, format, options, view.damage));
  LENSFS_TRY(const Pixels scene, scene_of(std::move(again)));
  LENSFS_TRY(const Pixels shown, tone_mapped(scene, exposure));
  return fit(shown, view.box);
}

// `size` is exact. Asking libvips for "at most" instead makes it take too small a level of a
// picture that is stored in several sizes (8.14, SIZE_DOWN).
struct Shrink {
  std::string options;
  Box size;
  Damage damage;
};

enum class Profile { obeyed, ignored };

// vips_thumbnail_source (8.14) does not pass its own "fail_on" on; a loader's option it does.
std::string loader_options(const Shrink& shrink) {
  if (shrink.damage == Damage::shown) return shrink.options;
  if (shrink.options.empty()) return "[fail_on=truncated]";
  return shrink.options.substr(0, shrink.options.size() - 1) + ",fail_on=truncated]";
}

Result<Pixels> shrunk_on_load(const Bytes& bytes, const Shrink& shrink, Profile profile) {
  LENSFS_TRY(const VipsInput input, bytes.input());
  const std::string options = loader_options(shrink);
  return vips_run([&](VipsImage** out) {
    if (profile == Profile::obeyed)
      return vips_thumbnail_source(input.get(), out, shrink.size.width, "height",
                                   shrink.size.height, "size", VIPS_SIZE_FORCE, "option_string",
                                   options.c_str(), "export_profile", "srgb", nullptr);
    return vips_thumbnail_source(input.get(), out, shrink.size.width, "height", shrink.size.height,
                                 "size", VIPS_SIZE_FORCE, "option_string", options.c_str(),
                                 nullptr);
  });
}

// An embedded profile that is broken, or of another kind of picture, is as good as none.
Result<Pixels> load_shown(const Bytes& bytes, const Shrink& shrink, Profile profile) {
  if (profile == Profile::obeyed) {
    if (auto managed = shrunk_on_load(bytes, shrink, profile)) return to_srgb(std::move(*managed));
    vips_error_clear();
  }
  LENSFS_TRY(Pixels plain, shrunk_on_load(bytes, shrink, Profile::ignored));
  return to_srgb(std::move(plain));
}

Box upright_size(const Pixels& header) {
  const int width = vips_image_get_width(header.get());
  const int height = vips_image_get_height(header.get());
  const bool turned = vips_image_get_orientation_swap(header.get()) != 0;
  return turned ? Box{height, width} : Box{width, height};
}

}  // namespace

Result<Pixels> load_bitmap(const Bytes& bytes, const View& view) {
  vips_error_clear();
  LENSFS_TRY(const auto content, bytes.all());
  LENSFS_CHECK(check_moment(view.moment, 1, Counts::pages));
  LENSFS_TRY(const Pixels picture, vips_run([&](VipsImage** out) {
               // libvips does not write to it.
               void* start = const_cast<std::byte*>(content.data());
               return vips_magickload_buffer(start, content.size(), out, "access",
                                             VIPS_ACCESS_SEQUENTIAL, nullptr);
             }));
  LENSFS_CHECK(check_size(vips_image_get_width(picture.get()), vips_image_get_height(picture.get()),
                          8, Decoded::as_a_whole));
  return fit(picture, view.box);
}

Result<Pixels> load_with_vips(const Bytes& bytes, SourceFormat format, const View& view) {
  vips_error_clear();
  LENSFS_TRY(Pixels header, open(bytes, format, "", view.damage));
  const bool animated = format == SourceFormat::gif || format == SourceFormat::webp;
  LENSFS_CHECK(check_moment(view.moment, vips_image_get_n_pages(header.get()),
                            animated ? Counts::frames : Counts::pages));
  std::string options;
  if (view.moment.number > 0) {
    options = fmt::format("[page={}]", view.moment.number);
    LENSFS_TRY(header, open(bytes, format, options, view.damage));
  }
  LENSFS_CHECK(check_cost(header, format, view.box));
  if (is_scene_light(header)) return load_scene(bytes, format, options, view);
  LENSFS_TRY(const VipsInput input, bytes.input());
  if (vips_foreign_find_load_source(input.get()) == nullptr) {
    vips_error_clear();
    return fit(header, view.box);
  }
  const Box upright = upright_size(header);
  const Shrink shrink{options, fitted_size(upright.width, upright.height, view.box), view.damage};
  const bool has_profile = vips_image_get_typeof(header.get(), VIPS_META_ICC_NAME) != 0;
  return load_shown(bytes, shrink, has_profile ? Profile::obeyed : Profile::ignored);
}

}  // namespace lensfs
