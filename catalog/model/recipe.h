// Recipe: everything that decides the bytes of a rendition but the object it is made of. Two
// recipes of the same text make the same rendition, so the catalog knows a rendition by object and
// recipe. What a profile means for one asset is a recipe (profile.h).
//
// As text it is one line: the form, its revision, and what differs from the default, in a fixed
// order: "video.1 box=1280x720 format=mov quality=23". A revision changes when the code that
// makes this form starts to make other bytes on purpose.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs {

struct Recipe {
  enum class Form {
    still,      // a picture: of a picture, a page, or a moment of something that takes time
    video,      // H.264 and AAC (or what MXF carries), all audio tracks
    audio,      // sound alone
    waveform,   // a picture of the sound
    filmstrip,  // one picture of many small frames, evenly spread
    edit,       // for editing: intra frames of one size and PCM, so that all sizes are known ahead
    facts,      // no rendition: what the file says of itself; its revision is that of the reader
  };
  Form form = Form::still;
  // Pixels that the result (of a filmstrip: one frame of it) fits into, aspect kept, never
  // enlarged; 0: no limit. A waveform has exactly this size.
  int width = 0;
  int height = 0;
  // still, waveform, filmstrip: "jpeg", "png", "webp", or "auto": PNG where there is transparency,
  // else JPEG. video: "mov", "mp4", "mxf". audio: "m4a" (AAC), "wav" (PCM). edit: "mov", "mxf", and
  // of the sound alone "wav" and "aiff".
  std::string format = "auto";
  // still: 1 … 100. video: the CRF of x264, 0 … 51. audio: kbit/s of a stereo pair. 0: the form's
  // own default (82, 23, 160).
  int quality = 0;
  // Which moment or page a still shows. "": the poster (a frame that says something; the first
  // page). "f1234": that frame, the first is 0. "01.00.05.12": that timecode. "p3": that page, the
  // first is 1. Of an edit form: the part that it holds, "01.00.05.12+00.00.02.00": from that
  // timecode, and how long.
  std::string at{};
  int tiles = 0;  // of a filmstrip; 0: 60
  // edit: DNxHR "lb" (the default, ""), "sq" or "hqx", and what part of each side of the original's
  // raster it has: 1, 2 (the default, 0) or 4.
  std::string codec{};
  int divisor = 0;
  // video of a sequence: thousandths of a frame per second, 1000 … 240000; 0: 25 frames.
  int rate = 0;

  friend bool operator==(const Recipe&, const Recipe&) = default;
  [[nodiscard]] std::string text() const;
  // invalid for anything that text() does not give.
  [[nodiscard]] static Result<Recipe> from_text(std::string_view text);
};

// The rate of a sequence's video, frames over seconds: 25/1, 24000/1001.
struct FramesPerSecond {
  int frames = 25;
  int seconds = 1;
};
[[nodiscard]] FramesPerSecond rate_of(const Recipe& recipe);

// What is wrong with a recipe that somebody wrote: a format that its form does not have, a box or a
// quality out of range. The error names the part.
[[nodiscard]] Status check_recipe(const Recipe& recipe);

[[nodiscard]] std::string_view name_of(Recipe::Form form);

}  // namespace lensfs
