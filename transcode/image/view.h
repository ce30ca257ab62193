// View: what one rendition shows of a source, and how big; and the picture fitted to that.
#pragma once

#include <string_view>

#include "catalog/base/result.h"
#include "transcode/image/pixels.h"

namespace lensfs {

struct Box {
  int width = 0;  // 0: no limit
  int height = 0;
  friend bool operator==(const Box&, const Box&) = default;
};

// Which part of the source: counted from 0.
struct Moment {
  enum class Kind { whole, page, frame };
  Kind kind = Kind::whole;
  int number = 0;
};

// The `at` of a recipe. not_supported for a timecode: pictures have none.
[[nodiscard]] Result<Moment> moment_of(std::string_view at);
// Whether a source of `count` pages (or frames, if `moment` asks for one and they are frames) has
// that moment; not_supported with the reason if not. `frames` says what the source counts.
enum class Counts { pages, frames };
[[nodiscard]] Status check_moment(const Moment& moment, int count, Counts counts);

struct View {
  Box box;
  Moment moment;
  Damage damage = Damage::shown;
};

// A picture whose pixels are not square is drawn with square ones: width of a pixel : its height.
struct PixelAspect {
  double value = 1.0;
};

// The size that a picture of `width` x `height` has in a box: aspect kept, never enlarged.
[[nodiscard]] Box fitted_size(int width, int height, Box box, PixelAspect aspect = {});
// Scales to that size, turns upright as its orientation says, and converts to 8-bit sRGB or grey,
// with alpha if it had one. An embedded profile is obeyed; one that does not fit is ignored.
[[nodiscard]] Result<Pixels> fit(const Pixels& picture, Box box, PixelAspect aspect = {});

// Refuses what would take too long or too much memory: more pixels than the engine takes (300
// million); of formats that are decoded as a whole also what needs more than 1 GiB.
enum class Decoded { in_strips, as_a_whole };
[[nodiscard]] Status check_size(double width, double height, double bytes_per_pixel, Decoded how);

}  // namespace lensfs
