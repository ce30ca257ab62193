// PictureMaker: decoded frames into DNxHR frames, all of one size. What comes out depends on the
// frame and, where that is interlaced, on the two beside it, and on nothing that was made before.
//
// A frame that its decoder calls interlaced is deinterlaced (bwdif, one frame for both fields).
// Scaling is bicubic and to the bit the same with every set of instructions.
#pragma once

#include <optional>
#include <string>

#include "transcode/av/edit/plan.h"
#include "transcode/av/graph.h"

namespace lensfs::av {

// A frame and those shown before and after it; these may be missing.
struct Neighbourhood {
  AVFrame* before = nullptr;
  AVFrame* frame = nullptr;
  AVFrame* after = nullptr;
};

class PictureMaker {
 public:
  [[nodiscard]] static Result<PictureMaker> make(const PicturePlan& plan);

  // In the size and format that the codec takes.
  [[nodiscard]] Result<Frame> scale(const Neighbourhood& from);
  // The packet has frame_bytes() bytes and is the maker's until the next call.
  [[nodiscard]] Result<const AVPacket*> encode(AVFrame& scaled);
  [[nodiscard]] Result<Frame> black() const;

  [[nodiscard]] int frame_bytes() const { return frame_bytes_; }
  [[nodiscard]] const AVCodecContext& codec() const { return *codec_; }

 private:
  PictureMaker(const PicturePlan& plan, CodecContext codec);
  [[nodiscard]] Result<const AVFrame*> with_margins(const AVFrame& scaled);
  [[nodiscard]] Result<Frame> deinterlace(const Neighbourhood& from) const;

  PicturePlan plan_;
  CodecContext codec_;
  CodecContext patient_codec_;  // for frames that need a coarser quantiser; made when one comes
  Packet packet_;
  Frame with_margins_;  // made when it is needed first
  std::optional<Graph> graph_;
  int frame_bytes_ = 0;
};

}  // namespace lensfs::av
