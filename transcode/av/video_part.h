// VideoPart: the pictures of a clip on their way into the rungs of a ladder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transcode/av/decoder.h"
#include "transcode/av/encoder.h"
#include "transcode/av/glimpse.h"
#include "transcode/av/graph.h"
#include "transcode/av/timeline.h"

namespace lensfs::av {

// From pictures that look so to the sizes, largest first, each made from the one before: [in] to
// [out0] …
[[nodiscard]] std::string ladder_filters(const Look& look, const std::vector<Size>& sizes);

// Rung: frames of one size, put on an even timeline and encoded.
class Rung {
 public:
  // Slots are counted from `offset`. Times of frames are in `time_base`.
  Rung(const VideoSettings& settings, CodecContext codec, std::int64_t offset,
       AVRational time_base);

  [[nodiscard]] const VideoSettings& settings() const { return settings_; }
  [[nodiscard]] Result<int> feed(Output& output) { return encoder_.feed(output); }
  // Takes the frame over.
  [[nodiscard]] Status take(Frame frame);
  [[nodiscard]] Status finish(FrameRate::Kind kind);
  [[nodiscard]] std::int64_t frames() const { return frames_; }
  [[nodiscard]] std::int64_t end_ns() const;  // of the last frame, from the start of the file

 private:
  // The held frame, for this many slots.
  [[nodiscard]] Status emit(std::int64_t slots);

  VideoSettings settings_;
  Encoder encoder_;
  std::int64_t offset_;
  Timeline timeline_;
  Frame held_;
  std::int64_t held_slot_ = 0;
  std::int64_t held_duration_ = 0;
  std::int64_t frames_ = 0;
};

class VideoPart {
 public:
  [[nodiscard]] static Result<VideoPart> make(Input& input, int stream, const Glimpse& glimpse,
                                              FrameRate::Kind kind);

  [[nodiscard]] const Look& look() const { return glimpse_.look; }
  // The rung of these settings, made if there is none yet; its number. Before take().
  [[nodiscard]] Result<std::size_t> rung_for(const VideoSettings& settings, std::int64_t offset);
  [[nodiscard]] Rung& rung(std::size_t number) { return rungs_[number]; }

  // null: the end; then everything is encoded.
  [[nodiscard]] Status take(const AVPacket* packet);

 private:
  VideoPart(Input& input, Decoder decoder, const Glimpse& glimpse, FrameRate::Kind kind);
  [[nodiscard]] Status pass(AVFrame& frame);
  [[nodiscard]] Status make_graph(const AVFrame& frame);
  [[nodiscard]] Status collect();

  Input* input_;
  Decoder decoder_;
  Glimpse glimpse_;
  FrameRate::Kind kind_;
  AVRational time_base_;  // half of the track's: the middle between two fields has a time
  std::vector<Rung> rungs_;
  std::vector<std::size_t> by_size_;  // numbers of rungs, largest first: the outputs of the graph
  std::optional<Graph> graph_;
  Frame decoded_;
};

}  // namespace lensfs::av
