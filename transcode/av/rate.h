// The rate that a rendition's frames have.
//
// A source is *even* when its frames follow each other at one distance: 98 % of the distances agree
// that its index tells; without one, both rates that the container gives; where these differ, the
// distances of the first frames. Then the rate is the source's own, taken for the standard rate
// that it is within 0.05 % of: containers round. Any other source is uneven (phones, screen
// recordings); its rate is the standard rate nearest to the average, by ratio. Standard rates: 1 2
// 3 4 5 6 8 10 12 12.5 15 18 20 23.976 24 25 29.97 30 47.952 48 50 59.94 60 90 100 119.88 120 200
// 239.76 240.
//
// MXF carries only 23.976 24 25 29.97 30 50 59.94 60: every other rate becomes the nearest of
// these.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "transcode/av/input.h"

namespace lensfs::av {

struct FrameRate {
  enum class Kind { even, uneven };
  AVRational rate{25, 1};
  Kind kind = Kind::even;
};

// May read some of the first packets; they are put back.
[[nodiscard]] Result<FrameRate> frame_rate_of(Input& input, int stream);
// What MXF takes for this rate.
[[nodiscard]] AVRational mxf_rate(AVRational rate);

// The parts, for tests. Distances between frames in units of the time base; nothing: too few.
[[nodiscard]] std::optional<FrameRate> rate_from(const std::vector<std::int64_t>& distances,
                                                 AVRational time_base);
// `error` is how far off the rate may be, as a share of it.
[[nodiscard]] AVRational snap_even(AVRational rate, double error);
[[nodiscard]] AVRational snap_uneven(AVRational average);

}  // namespace lensfs::av
