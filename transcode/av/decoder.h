// Decoder: packets of one track in, frames out. Damaged packets are counted and passed over.
#pragma once

#include <cstdint>

#include "transcode/av/input.h"

namespace lensfs::av {

class Decoder {
 public:
  // With more than one thread frames come out some packets later, and what is damaged may look
  // otherwise.
  [[nodiscard]] static Result<Decoder> open(Input& input, int stream, int threads = 1);

  // From now on a frame's pts is that of its packet, where that has one: what was decoded before
  // does not matter.
  void believe_times() { believes_times_ = true; }
  // null: the end. Then receive() until it gives nothing.
  [[nodiscard]] Status send(const AVPacket* packet);
  // Whether there was a frame. Its pts is the best guess of its time, in the track's time base.
  [[nodiscard]] Result<bool> receive(AVFrame& into);
  // After a seek.
  void reset();
  // Only keyframes come out (or all again).
  enum class Frames { all, key };
  void want(Frames frames);
  // What frames show does not matter, only what they say of themselves: the decoder saves what it
  // can.
  void want_no_pixels();

  [[nodiscard]] int stream() const { return stream_; }
  [[nodiscard]] std::int64_t frames() const { return frames_; }
  // Packets that could not be decoded.
  [[nodiscard]] std::int64_t bad() const { return bad_; }
  // corrupt when nothing came out, or when more packets were bad than good.
  [[nodiscard]] Status verdict() const;

 private:
  Decoder(Input& input, int stream, CodecContext codec)
      : input_(&input), stream_(stream), codec_(std::move(codec)) {}

  Input* input_;
  int stream_;
  CodecContext codec_;
  std::int64_t frames_ = 0;
  std::int64_t bad_ = 0;
  int last_error_ = 0;
  bool believes_times_ = false;
};

}  // namespace lensfs::av
