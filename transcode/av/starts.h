// Where the tracks of a rendition begin; ladder.h says the rule.
#pragma once

#include <cstdint>
#include <optional>

#include "transcode/av/clip.h"
#include "transcode/av/output.h"

namespace lensfs::av {

// When tracks begin in the source, in microseconds of its own time.
struct Starts {
  std::optional<std::int64_t> video_us;
  std::optional<std::int64_t> sound_us;  // the earliest
};
// `first_frame`: the time of the first frame in the time base of its track, where it is known.
[[nodiscard]] Starts starts_of(Input& input, const Clip& clip,
                               std::optional<std::int64_t> first_frame);

struct Start {
  std::int64_t zero_us = 0;  // the source's time that becomes 0
  std::int64_t slots = 0;    // of the video before its first frame
};
[[nodiscard]] Start start_for(const Starts& starts, Container container, AVRational rate);

}  // namespace lensfs::av
