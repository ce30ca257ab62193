// The timecode of a clip's first frame.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transcode/av/handles.h"

namespace lensfs::av {

struct Timecode {
  std::string text;       // "01:00:00;00"; a semicolon: drop frame
  AVRational rate{0, 1};  // what its frames count; 0: nothing said, so the clip's own rate
};

// Looks at the timecode track, then at what tracks and container say. `video` may be -1.
[[nodiscard]] std::optional<Timecode> timecode_of(const AVFormatContext& format, int video);

// The rate that the timecode of a clip of this rate counts at. A track of timecode may count
// every second frame (30 drop-frame on 59.94p).
[[nodiscard]] AVRational counting_rate(const Timecode& timecode, AVRational clip_rate);
// The same moment for a timecode that counts at another rate.
[[nodiscard]] std::string at_rate(const Timecode& timecode, AVRational from, AVRational to);

// Frames from the start of the day; nothing for what is no timecode. `text` may have any
// separators.
[[nodiscard]] std::optional<std::int64_t> frames_of(const std::string& text, AVRational rate);
[[nodiscard]] bool is_drop_frame(const std::string& text);

}  // namespace lensfs::av
