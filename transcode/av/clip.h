// Clip: which tracks of a source matter, and what it says of itself as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "transcode/av/input.h"
#include "transcode/av/rate.h"
#include "transcode/av/timecode.h"

namespace lensfs::av {

struct Clip {
  int video = -1;                // the track of moving pictures; -1: none
  int cover = -1;                // a picture that goes with sound; -1: none
  std::vector<int> sounds;       // tracks of sound that can be decoded, in order
  FrameRate rate;                // of the video
  std::int64_t duration_us = 0;  // claimed; 0: unknown
  std::optional<Timecode> timecode;
};

// Fails only where reading does.
[[nodiscard]] Result<Clip> clip_of(Input& input);

// Seconds of the video track as claimed, else of the whole; 0: unknown.
[[nodiscard]] double seconds_of(Input& input, const Clip& clip);

}  // namespace lensfs::av
