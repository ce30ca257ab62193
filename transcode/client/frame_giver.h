// FrameGiver: puts the frames of a sequence, one at a time, where a decoder can read them.
#pragma once

#include "transcode/engine.h"
#include "transcode/protocol.h"

namespace lensfs {

class FrameGiver {
 public:
  // `scratch`: the file in memory that the decoder has for reading. The source must outlive this.
  FrameGiver(const MediaSource& source, Fd scratch)
      : source_(source), scratch_(std::move(scratch)) {}

  // Puts it there in place of the one before. corrupt if there is no such frame; a frame that
  // cannot be read is an answer that says why.
  [[nodiscard]] Result<FrameGiven> give(const FrameWanted& wanted) const;

 private:
  [[nodiscard]] Status copy(const SourceFrame& frame) const;

  const MediaSource& source_;
  Fd scratch_;
};

}  // namespace lensfs
