#include <libraw/libraw.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "transcode/image/load.h"

namespace lensfs {
namespace {

using Processed = std::unique_ptr<libraw_processed_image_t, void (*)(libraw_processed_image_t*)>;

Error raw_error(int code, const char* what) {
  const char* said = libraw_strerror(code);
  const Errc kind = code == LIBRAW_FILE_UNSUPPORTED || code == LIBRAW_REQUEST_FOR_NONEXISTENT_IMAGE
                        ? Errc::not_supported
                        : Errc::corrupt;
  return Error(kind, what).with(said == nullptr ? "" : said);
}

int exif_orientation(int flip) {
  constexpr int kUpsideDown = 3;
  constexpr int kLeft = 5;
  constexpr int kRight = 6;
  if (flip == kUpsideDown) return 3;
  if (flip == kLeft) return 8;
  return flip == kRight ? 6 : 1;
}

int longest(Box box) {
  return std::max(box.width, box.height);
}

// Whether a picture with this longest side serves as well as the sensor's at half size would.
bool is_enough(int side, const Box& sensor, const Box& wanted) {
  const Box fitted = fitted_size(std::max(sensor.width, 1), std::max(sensor.height, 1), wanted);
  return side >= std::min(longest(fitted), longest(sensor) / 2);
}

Result<Pixels> open_preview(const Bytes& jpeg, int flip) {
  LENSFS_TRY(const VipsInput input, jpeg.input());
  LENSFS_TRY(Pixels preview, vips_run([&](VipsImage** out) {
               return vips_jpegload_source(input.get(), out, "access", VIPS_ACCESS_SEQUENTIAL,
                                           nullptr);
             }));
  if (vips_image_get_orientation(preview.get()) == 1)
    vips_image_set_int(preview.get(), VIPS_META_ORIENTATION, exif_orientation(flip));
  return preview;
}

Result<Pixels> preview_of(LibRaw& raw) {
  if (const int code = raw.unpack_thumb(); code != LIBRAW_SUCCESS)
    return fail(raw_error(code, "its preview"));
  const auto& thumbnail = raw.imgdata.thumbnail;
  if (thumbnail.tformat != LIBRAW_THUMBNAIL_JPEG || thumbnail.thumb == nullptr)
    return fail(Error(Errc::not_supported, "the preview is no JPEG"));
  return open_preview(Bytes::owned(std::string(thumbnail.thumb, thumbnail.tlength)),
                      raw.imgdata.sizes.flip);
}

Result<Pixels> developed(LibRaw& raw) {
  auto& settings = raw.imgdata.params;
  settings.half_size = 1;
  settings.use_camera_wb = 1;
  settings.output_color = 1;  // sRGB
  settings.output_bps = 8;
  if (const int code = raw.unpack(); code != LIBRAW_SUCCESS)
    return fail(raw_error(code, "the sensor's picture"));
  if (const int code = raw.dcraw_process(); code != LIBRAW_SUCCESS)
    return fail(raw_error(code, "the sensor's picture"));
  int code = LIBRAW_SUCCESS;
  const Processed picture(raw.dcraw_make_mem_image(&code), LibRaw::dcraw_clear_mem);
  if (!picture || picture->type != LIBRAW_IMAGE_BITMAP || picture->bits != 8)
    return fail(raw_error(code, "the sensor's picture"));
  RowShape shape{picture->width, picture->height, picture->colors};
  if (picture->colors < 3) shape.interpretation = VIPS_INTERPRETATION_B_W;
  return pixels_of_memory(shape, picture->data);  // turned upright by LibRaw
}

Result<Pixels> picture_of(LibRaw& raw, const View& view) {
  const Box sensor{raw.imgdata.sizes.width, raw.imgdata.sizes.height};
  LENSFS_CHECK(check_size(sensor.width, sensor.height, 4, Decoded::as_a_whole));
  Result<Pixels> preview = preview_of(raw);
  if (preview) {
    const Box size{vips_image_get_width(preview->get()), vips_image_get_height(preview->get())};
    if (is_enough(longest(size), sensor, view.box)) return fit(*preview, view.box);
  }
  Result<Pixels> full = developed(raw);
  if (full) return fit(*full, view.box);
  if (preview) return fit(*preview, view.box);
  return full;
}

}  // namespace

Result<Pixels> load_raw(const Bytes& bytes, const View& view) {
  LENSFS_CHECK(check_moment(view.moment, 1, Counts::pages));
  LENSFS_TRY(const auto content, bytes.all());
  try {
    const auto raw = std::make_unique<LibRaw>();
    constexpr unsigned kMostMegabytes = 1024;
    raw->imgdata.params.max_raw_memory_mb = kMostMegabytes;
    // LibRaw does not write to it.
    void* start = const_cast<std::byte*>(content.data());
    if (const int code = raw->open_buffer(start, content.size()); code != LIBRAW_SUCCESS)
      return fail(raw_error(code, "this camera file"));
    return picture_of(*raw, view);
  } catch (const std::bad_alloc&) {
    return fail(Error(Errc::too_big, "not enough memory for this picture"));
  } catch (const std::exception& error) {
    return fail(Error(Errc::corrupt, "cannot be decoded").with(error.what()));
  }
}

}  // namespace lensfs
