// Encoder: frames of one kind in, packets into the tracks of one or more outputs. What several
// renditions have in common (the sound of all rungs of a ladder) is encoded once.
#pragma once

#include <vector>

#include "transcode/av/colour.h"
#include "transcode/av/geometry.h"
#include "transcode/av/output.h"

namespace lensfs::av {

class Encoder {
 public:
  explicit Encoder(CodecContext codec) : codec_(std::move(codec)), packet_(new_packet()) {}

  [[nodiscard]] AVCodecContext& codec() const { return *codec_; }
  // Makes a track for it in this output; the track's number.
  [[nodiscard]] Result<int> feed(Output& output);
  // null: the end. The frame's pts is in the codec's time base. Only the encoder's own failures
  // come back; without an output that still works it does nothing.
  [[nodiscard]] Status encode(const AVFrame* frame);

 private:
  struct Target {
    Output* output;
    int track;
  };
  CodecContext codec_;
  Packet packet_;
  std::vector<Target> targets_;
};

struct VideoSettings {
  Container container = Container::mov;
  Size size;
  AVRational rate{25, 1};
  Tags tags{};
  int quality = 0;  // CRF; 0: 23
  friend bool operator==(const VideoSettings& one, const VideoSettings& other) {
    return one.size == other.size && one.quality == other.quality &&
           (one.container == Container::mxf) == (other.container == Container::mxf);
  }
};
// What every encoder of pictures is told first: limited range, and one thread.
void describe_pictures(AVCodecContext& codec, Size size, AVRational rate, const Tags& tags);

// H.264 (High, 8-bit 4:2:0, a keyframe every two seconds at most), or MPEG-2 for MXF: long GOP
// 4:2:0 with a quantiser that looks like that CRF.
[[nodiscard]] Result<CodecContext> open_video(const VideoSettings& settings);

}  // namespace lensfs::av
