#include "transcode/image/measure.h"

#include <algorithm>
#include <string>

#include "transcode/image/load.h"
#include "transcode/image/prepare.h"

namespace lensfs {
namespace {

std::string blob(const Pixels& picture, const char* name) {
  const void* content = nullptr;
  std::size_t size = 0;
  if (vips_image_get_typeof(picture.get(), name) == 0 ||
      vips_image_get_blob(picture.get(), name, &content, &size) != 0) {
    return {};
  }
  return {static_cast<const char*>(content), size};
}

int number(const Pixels& picture, const char* name) {
  int value = 0;
  if (vips_image_get_typeof(picture.get(), name) == 0 ||
      vips_image_get_int(picture.get(), name, &value) != 0) {
    return 0;
  }
  return value;
}

Result<Pixels> header_of(const Bytes& bytes, SourceFormat format) {
  LENSFS_TRY(const VipsInput input, bytes.input());
  if (format == SourceFormat::heif) {
    return vips_run([&](VipsImage** out) {
      return vips_heifload_source(input.get(), out, "access", VIPS_ACCESS_SEQUENTIAL, nullptr);
    });
  }
  if (vips_foreign_find_load_source(input.get()) == nullptr) return fail(vips_failure());
  VipsImage* image =
      vips_image_new_from_source(input.get(), "", "access", VIPS_ACCESS_SEQUENTIAL, nullptr);
  if (image == nullptr) return fail(vips_failure());
  return Pixels(image);
}

// Of formats that have no header to read without the rest, at least here.
bool is_drawn(SourceFormat format) {
  return format == SourceFormat::exr || format == SourceFormat::dpx ||
         format == SourceFormat::cineon || format == SourceFormat::icns ||
         format == SourceFormat::bitmap;
}

}  // namespace

Result<Measured> measure(const Bytes& bytes, SourceFormat format) {
  start_vips();
  vips_error_clear();
  if (is_drawn(format)) {
    LENSFS_TRY(const Pixels picture, load(bytes, View{}));
    return Measured{.width = vips_image_get_width(picture.get()),
                    .height = vips_image_get_height(picture.get())};
  }
  LENSFS_TRY(const Pixels picture, header_of(bytes, format));
  Measured measured{.width = vips_image_get_width(picture.get()),
                    .height = vips_image_get_page_height(picture.get()),
                    .pages = std::max(1, vips_image_get_n_pages(picture.get())),
                    .orientation = number(picture, VIPS_META_ORIENTATION),
                    .exif = blob(picture, VIPS_META_EXIF_NAME),
                    .iptc = blob(picture, VIPS_META_IPTC_NAME),
                    .xmp = blob(picture, VIPS_META_XMP_NAME)};
  measured.bit_depth = number(picture, "bits-per-sample");
  if (measured.bit_depth == 0) measured.bit_depth = number(picture, "heif-bitdepth");
  if (measured.bit_depth == 0 && format != SourceFormat::svg) {
    measured.bit_depth =
        static_cast<int>(vips_format_sizeof(vips_image_get_format(picture.get()))) * 8;
  }
  return measured;
}

}  // namespace lensfs
