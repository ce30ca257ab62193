// Ladder: video and sound renditions and waveforms of one source, all from one pass over it: every
// track is decoded once, every picture scaled step by step from the largest size down, and what
// two renditions have in common is encoded once.
//
// Time: the earliest track begins at 0 and every other as much later as in the source. Where the
// video begins later than sound by a frame or more, the difference is rounded up to a whole frame,
// and the sound gets what was added as silence; by less, the sound before it is cut. MXF begins
// with the video. Sound keeps its own length; in MXF it is as long as the video.
//
// Frames: see timeline.h and rate.h.
#pragma once

#include <span>

#include "transcode/av/clip.h"
#include "transcode/av/input.h"

namespace lensfs::av {

// One order and where its answer goes.
struct Job {
  const Order* order;
  Result<Made>* answer;
};

// Orders of form video, audio and waveform. Every job is answered.
void make_ladder(Input& input, const Clip& clip, std::span<const Job> jobs,
                 const Progress& progress);

}  // namespace lensfs::av
