// FrameSource: decoded frames by their number in a FrameIndex.
#pragma once

#include "transcode/av/edit/picture_maker.h"

namespace lensfs::av {

struct Picked {
  Frame frame;  // null: there is none
  bool is_replaced = false;
};

class FrameSource {
 public:
  FrameSource() = default;
  FrameSource(FrameSource&&) = default;
  FrameSource& operator=(FrameSource&&) = default;
  virtual ~FrameSource() = default;
  // The frame, or what stands for it where it cannot be decoded.
  [[nodiscard]] virtual Result<Picked> pick(std::size_t frame) = 0;
  // Null where it cannot be decoded.
  [[nodiscard]] virtual Result<Frame> exactly(std::size_t frame) = 0;

 protected:
  struct Kept {
    std::int64_t number;
    Frame frame;
  };
  // Another hold of the same picture; null without memory.
  [[nodiscard]] static Frame same(const AVFrame& frame);
};

// The frame as the codec takes it. What cannot be shown is black, and replaced.
struct Shown {
  Frame scaled;
  bool is_replaced = false;
};
[[nodiscard]] Result<Shown> show(FrameSource& source, PictureMaker& maker, std::size_t frame,
                                 std::size_t frames);

}  // namespace lensfs::av
