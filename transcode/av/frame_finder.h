// FrameFinder: single frames of a clip, by time or by number.
#pragma once

#include <optional>

#include "transcode/av/clip.h"
#include "transcode/av/decoder.h"
#include "transcode/av/glimpse.h"

namespace lensfs::av {

// A frame with those beside it, as far as they are at hand; what removes interlacing wants them.
struct Moment {
  Frame before;
  Frame frame;
  Frame after;
};

class FrameFinder {
 public:
  // The source must outlive it.
  [[nodiscard]] static Result<FrameFinder> open(const MediaSource& source);

  [[nodiscard]] Input& input() { return *input_; }
  [[nodiscard]] const Clip& clip() const { return clip_; }
  [[nodiscard]] double seconds() { return seconds_of(*input_, clip_); }
  // Seconds from the first frame; of a frame without a time: 0.
  [[nodiscard]] double seconds_at(const AVFrame& frame);

  // The frame that is shown in this slot of the clip's even timeline (timeline.h), found by a seek
  // where that is possible. not_found past the end, saying where that is.
  [[nodiscard]] Result<Moment> at_slot(std::int64_t slot);
  // The keyframe at or near this time after the first frame; null where there is none.
  [[nodiscard]] Result<Frame> keyframe_near(double seconds);
  // Whether the index knows that keyframe_near() would find the same keyframe for both times.
  [[nodiscard]] bool is_same_keyframe(double one, double other);
  // The next frame of all, or of keyframes alone; null at the end.
  [[nodiscard]] Result<Frame> next(Decoder::Frames wanted);
  // Back to the first frame.
  [[nodiscard]] Status restart();

 private:
  FrameFinder(const MediaSource& source, std::unique_ptr<Input> input, const Clip& clip,
              std::int64_t zero, Decoder decoder);
  [[nodiscard]] std::int64_t time_at(double seconds);
  // What decoding from here on gives for this slot; empty when it begins after it.
  [[nodiscard]] Result<std::optional<Moment>> search(std::int64_t slot);
  [[nodiscard]] Status seek(std::int64_t time);

  const MediaSource* source_;
  std::unique_ptr<Input> input_;
  Clip clip_;
  std::int64_t zero_;  // time of the first frame, in the track's time base
  std::optional<Decoder> decoder_;
  bool at_end_ = false;
  bool from_start_ = true;  // what comes next is the first frame
};

// The slot that `at` of a recipe names ("f12", "01.00.05.12") in this clip; a timecode counts from
// the clip's own, or from 0. not_found before the start, invalid for what is no moment.
[[nodiscard]] Result<std::int64_t> slot_named(const std::string& at, const Clip& clip);

}  // namespace lensfs::av
