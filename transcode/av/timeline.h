// Timeline: frames that come at their own times, put on an even timeline: slot n begins n frames
// after the first one, and shows the last frame whose time, rounded to a slot, is not after n.
//
// Times are doubted. One that jumps back, or so far ahead that the clip would stand still for
// longer than what is left of its patience (an hour in all, and twenty slots per frame), is a break
// in the recording: the clip goes on at the next slot.
#pragma once

#include <cstdint>

#include "transcode/av/handles.h"

namespace lensfs::av {

class Timeline {
 public:
  // `time_base` is that of the times given to slot_of.
  Timeline(AVRational rate, AVRational time_base);

  // The slot of the next frame: never before that of the last one, and equal to it when the new
  // frame takes its place. AV_NOPTS_VALUE: the slot after the last.
  [[nodiscard]] std::int64_t slot_of(std::int64_t time);
  // For how many slots the last frame stands when it lasts this long (same unit; 0: unknown).
  [[nodiscard]] std::int64_t tail(std::int64_t duration) const;

 private:
  AVRational rate_;
  AVRational time_base_;
  std::int64_t zero_ = AV_NOPTS_VALUE;  // time of slot 0
  std::int64_t slot_ = -1;              // the last one given
  std::int64_t time_ = 0;               // of the last frame
  std::int64_t patience_;               // slots that may yet be filled by standing still
};

}  // namespace lensfs::av
