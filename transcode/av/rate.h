// The rate that a rendition's frames have.
//
// A source is *even* when its frames follow each other at one distance: 98 % of the distances that
// its index tells (or, without an index, both rates that the container gives) agree. Then the
// rate is the source's own, taken for the standard rate that it is within 0.05 % of: containers
// round. Any other source is uneven (phones, screen recordings); its rate is the standard rate
// nearest to the average, by ratio. Standard rates: 1 2 3 4 5 6 8 10 12 12.5 15 18 20 23.976 24 25
// 29.97 30 47.952 48 50 59.94 60 90 100 119.88 120 200 239.76 240.
//
// MXF carries only 23.976 24 25 29.97 30 50 59.94 60: every other rate becomes the nearest of
// these.
#pragma once

#include <span>

#include "transcode/av/handles.h"

namespace lensfs::av {

struct FrameRate {
  enum class Kind { even, uneven };
  AVRational rate{25, 1};
  Kind kind = Kind::even;
};

[[nodiscard]] FrameRate frame_rate_of(AVStream& stream);
// What MXF takes for this rate.
[[nodiscard]] AVRational mxf_rate(AVRational rate);

// The parts, for tests. `average` is what to snap, `even` from the index or the container.
[[nodiscard]] AVRational snap_even(AVRational rate);
[[nodiscard]] AVRational snap_uneven(AVRational average);

}  // namespace lensfs::av
