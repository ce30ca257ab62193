// Sequences: renditions of numbered pictures. A picture is decoded and shown as a still of it is
// (image/frame.h: light beyond white is tone-mapped, then sRGB), so that a frame of the video looks
// like the still of it.
//
// A picture lasts one frame of the rate. Where a number is missing the picture before it stays; a
// damaged one is passed over in the same way, unless more are bad than good.
#pragma once

#include <span>

#include "transcode/av/ladder.h"

namespace lensfs::av {

// Orders of form video. Every job is answered.
void make_sequence_ladder(const MediaSource& source, std::span<const Job> jobs,
                          const Progress& progress);
[[nodiscard]] Result<Made> make_sequence_filmstrip(const MediaSource& source, const Order& order,
                                                   const Progress& progress);

}  // namespace lensfs::av
