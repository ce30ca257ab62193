// Glimpse: the first frame of a clip, and what it tells of all the others.
#pragma once

#include "transcode/av/clip.h"
#include "transcode/av/colour.h"
#include "transcode/av/decoder.h"
#include "transcode/av/geometry.h"

namespace lensfs::av {

struct Look {
  enum class Fields { progressive, interlaced };
  Size stored;  // as decoded
  Size square;  // the same in square pixels, before the turn
  Turn turn;
  Colour colour;
  Fields fields = Fields::progressive;
  Alpha alpha = Alpha::no;
  // As people see it: square pixels, turned.
  [[nodiscard]] Size shown() const;
  // The size before the turn of a picture that is shown in this size.
  [[nodiscard]] Size before_turn(Size shown) const;
};
[[nodiscard]] Look look_of(Input& input, int stream, const AVFrame& frame);

struct Glimpse {
  Look look;
  std::int64_t first_time = 0;  // of the first frame, in the track's time base
};
// Decodes up to the first frame; the packets are put back. corrupt if there is none in the first
// 64 MiB, not_supported for what cannot be shown in true colours.
[[nodiscard]] Result<Glimpse> glimpse(Input& input, int stream);
// The same out of the first keyframe alone, which may not be the first frame that is shown.
[[nodiscard]] Result<Glimpse> glimpse_of_key(Input& input, int stream);

}  // namespace lensfs::av
