// Geometry: how large a picture of a clip is when it is shown, and how it is turned.
#pragma once

#include <string>

#include "transcode/av/handles.h"

namespace lensfs::av {

struct Size {
  int width = 0;
  int height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

// What is done to a stored picture to show it: flipped first, then turned clockwise.
struct Turn {
  enum class Flip { no, yes };
  int quarters = 0;      // 0 … 3
  Flip flip = Flip::no;  // left becomes right
  [[nodiscard]] bool swaps_sides() const { return quarters % 2 == 1; }
};

// From a track's display matrix; angles between the right ones are rounded.
[[nodiscard]] Turn turn_of(const AVStream& stream);
// The filters that do it, each with a comma before; empty for no turn.
[[nodiscard]] std::string filters_of(const Turn& turn);

// Square pixels, before any turn: the width changes, the height stays. An aspect that makes no
// sense counts as square.
[[nodiscard]] Size square(int width, int height, AVRational pixel_aspect);

enum class Sides { any, even };
// Fits `size` into the box (a side of 0: no limit), aspect kept, never enlarged, at least 1 (even:
// 2) a side. Even sides are the nearest that the box has room for.
[[nodiscard]] Size fit(Size size, Size box, Sides sides);

}  // namespace lensfs::av
