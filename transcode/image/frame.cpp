#include "transcode/image/frame.h"

#include "transcode/image/load.h"
#include "transcode/image/prepare.h"

namespace lensfs {
namespace {

constexpr int kBands = 3;

// RGB without alpha.
Result<Pixels> plain(Pixels picture) {
  if (vips_image_hasalpha(picture.get()) != 0) {
    LENSFS_TRY(picture, vips_run([&](VipsImage** out) {
                 return vips_flatten(picture.get(), out, nullptr);
               }));
  }
  if (picture->Bands == kBands) return picture;
  return vips_run([&](VipsImage** out) {
    return vips_colourspace(picture.get(), out, VIPS_INTERPRETATION_sRGB, nullptr);
  });
}

}  // namespace

Result<FramePicture> load_frame(const MediaSource& source, int box_width, int box_height) {
  start_vips();
  LENSFS_TRY(const Bytes bytes, Bytes::of(source));
  const View view{.box = {box_width, box_height}, .moment = {}, .damage = Damage::shown};
  LENSFS_TRY(Pixels picture, load(bytes, view));
  LENSFS_TRY(picture, plain(std::move(picture)));
  if (picture->Bands != kBands || picture->BandFmt != VIPS_FORMAT_UCHAR) {
    return fail(Errc::not_supported, "not a picture in colour");
  }
  FramePicture frame{.width = picture->Xsize, .height = picture->Ysize, .rgb = {}};
  std::size_t size = 0;
  const std::unique_ptr<void, void (*)(void*)> written(
      vips_image_write_to_memory(picture.get(), &size), g_free);
  if (!written) return fail(vips_failure());
  const auto* const from = static_cast<const std::uint8_t*>(written.get());
  frame.rgb.assign(from, from + size);
  return frame;
}

}  // namespace lensfs
