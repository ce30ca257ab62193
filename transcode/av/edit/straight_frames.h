// StraightFrames: the frames of a source one after the other, read and decoded from beginning to
// end. At the first damage a FramePicker takes over, whose rules say what is shown there.
#pragma once

#include <deque>
#include <optional>

#include "transcode/av/edit/frame_picker.h"

namespace lensfs::av {

class StraightFrames final : public FrameSource {
 public:
  // Source and index must outlive it. Frames before `first` are not wanted.
  [[nodiscard]] static Result<StraightFrames> open(const MediaSource& source,
                                                   const FrameIndex& index, int stream,
                                                   std::size_t first);
  // Numbers may not go back by more than two.
  [[nodiscard]] Result<Picked> pick(std::size_t frame) override;
  [[nodiscard]] Result<Frame> exactly(std::size_t frame) override;

 private:
  StraightFrames(const MediaSource& source, const FrameIndex& index, int stream)
      : source_(&source), index_(&index), stream_(stream) {}
  [[nodiscard]] Result<bool> advance();
  [[nodiscard]] bool is_wrong(const AVFrame* frame);
  [[nodiscard]] Frame kept(std::size_t frame) const;

  const MediaSource* source_;
  const FrameIndex* index_;
  int stream_;
  std::unique_ptr<Input> input_;
  std::optional<Decoder> decoder_;
  std::deque<Kept> kept_;
  std::int64_t last_ = -1;
  std::int64_t fed_pts_ = AV_NOPTS_VALUE;
  std::int64_t from_pts_ = 0;  // of the keyframe where it began
  std::int64_t said_ = 0;
  std::int64_t bad_ = 0;
  bool is_fed_ = false;
  bool is_damaged_ = false;
  std::optional<FramePicker> picker_;
};

}  // namespace lensfs::av
