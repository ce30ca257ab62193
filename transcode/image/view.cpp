#include "transcode/image/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "transcode/image/colour.h"

namespace lensfs {
namespace {

constexpr double kMostPixels = 300e6;
constexpr double kMostBytes = 1024.0 * 1024.0 * 1024.0;

int limit_of(int side) {
  return side > 0 ? side : VIPS_MAX_COORD;
}

Result<Pixels> thumbnail(const Pixels& picture, Box size, bool managed) {
  return vips_run([&](VipsImage** out) {
    if (managed)
      return vips_thumbnail_image(picture.get(), out, size.width, "height", size.height, "size",
                                  VIPS_SIZE_FORCE, "export_profile", "srgb", nullptr);
    return vips_thumbnail_image(picture.get(), out, size.width, "height", size.height, "size",
                                VIPS_SIZE_FORCE, nullptr);
  });
}

}  // namespace

Result<Moment> moment_of(std::string_view at) {
  if (at.empty()) return Moment{};
  const bool page = at.front() == 'p';
  if (!page && at.front() != 'f')
    return fail(Error(Errc::not_supported, "a picture has no timecode"));
  int number = 0;
  const std::string_view digits = at.substr(1);
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (code != std::errc() || end != digits.data() + digits.size() || number < (page ? 1 : 0))
    return fail(Error(Errc::invalid, "not a page (p3) or a frame (f12)").with(at));
  return Moment{page ? Moment::Kind::page : Moment::Kind::frame, page ? number - 1 : number};
}

Status check_moment(const Moment& moment, int count, Counts counts) {
  if (moment.kind == Moment::Kind::whole) return {};
  const bool frames = counts == Counts::frames;
  if (moment.kind == Moment::Kind::frame && !frames)
    return fail(Error(Errc::not_supported, "only animated pictures have frames"));
  if (moment.number >= count)
    return fail(Error(Errc::not_supported, "there is no such page or frame")
                    .with(fmt::format("{} of {}", moment.number + 1, count)));
  return {};
}

Box fitted_size(int width, int height, Box box, PixelAspect aspect) {
  double wide = width;
  double high = height;
  if (aspect.value > 1.0) high /= aspect.value;
  if (aspect.value < 1.0) wide *= aspect.value;
  const double scale = std::min({1.0, limit_of(box.width) / wide, limit_of(box.height) / high});
  const auto side = [scale](double length) {
    return std::max(1, static_cast<int>(std::lround(length * scale)));
  };
  return {side(wide), side(high)};
}

Result<Pixels> fit(const Pixels& picture, Box box, PixelAspect aspect) {
  const bool turned = vips_image_get_orientation_swap(picture.get()) != 0;
  const int width = vips_image_get_width(picture.get());
  const int height = vips_image_get_height(picture.get());
  const Box size =
      turned ? fitted_size(height, width, box, aspect) : fitted_size(width, height, box, aspect);
  if (vips_image_get_typeof(picture.get(), VIPS_META_ICC_NAME) != 0) {
    if (auto managed = thumbnail(picture, size, true)) return to_srgb(std::move(*managed));
  }
  LENSFS_TRY(Pixels plain, thumbnail(picture, size, false));
  return to_srgb(std::move(plain));
}

Status check_size(double width, double height, double bytes_per_pixel, Decoded how) {
  const double pixels = width * height;
  if (pixels > kMostPixels)
    return fail(Error(Errc::too_big, "more than 300 million pixels")
                    .with(fmt::format("{:.0f} x {:.0f}", width, height)));
  if (how == Decoded::as_a_whole && pixels * bytes_per_pixel > kMostBytes)
    return fail(Error(Errc::too_big, "more than 1 GiB when decoded")
                    .with(fmt::format("{:.0f} x {:.0f}", width, height)));
  return {};
}

}  // namespace lensfs
