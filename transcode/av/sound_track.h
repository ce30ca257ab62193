// SoundEncoding: one track of sound, put on the clip's timeline and encoded.
//
// Samples keep their place: what comes before time zero is cut, gaps and late starts are filled
// with silence, what overlaps is dropped. Deviations below a tenth of a second are taken for bad
// clocks of containers and left alone. Silence is limited to an hour in all, and to the length of
// the clip; after that a gap is a break and is left out.
#pragma once

#include <cstdint>
#include <optional>

#include "transcode/av/encoder.h"
#include "transcode/av/sound_codec.h"

namespace lensfs::av {

class SoundEncoding {
 public:
  struct Span {
    std::int64_t zero_us = 0;  // the clip's time zero in microseconds, in the container's time
    double seconds = 0;        // how long the clip claims to be; 0: unknown
  };
  [[nodiscard]] static Result<SoundEncoding> make(const AVStream& from,
                                                  const SoundSettings& settings, const Span& span);
  [[nodiscard]] Result<int> feed(Output& output) { return encoder_.feed(output); }
  [[nodiscard]] const SoundSettings& settings() const { return settings_; }

  // A frame as decoded; its pts in the time base of the track. It is not changed.
  [[nodiscard]] Status take(const AVFrame& frame);
  // The end. Silence makes it at least this long (in nanoseconds), where that is given.
  [[nodiscard]] Status finish(std::optional<std::int64_t> least_ns);
  [[nodiscard]] std::int64_t duration_ns() const;

 private:
  SoundEncoding(const AVStream& from, const SoundSettings& settings, CodecContext codec);
  // What was taken so far goes through the resampler; then frames of another kind can come.
  [[nodiscard]] Status drain_resampler();
  [[nodiscard]] Status tune(const AVFrame& frame);
  [[nodiscard]] Status place(std::int64_t time);
  [[nodiscard]] Status fill(std::int64_t samples);
  [[nodiscard]] Status convert(const std::uint8_t* const* from, int samples);
  // All but what may yet turn out to be padding.
  [[nodiscard]] Status encode_whole_blocks();
  [[nodiscard]] Status encode_block(int samples);

  SoundSettings settings_;
  AVRational time_base_;
  std::int64_t zero_ = 0;  // in time_base_
  Encoder encoder_;
  Resampler resampler_;
  Frame like_;   // what the resampler takes: format, rate and layout only
  Frame block_;  // reused
  Frame mixed_;  // reused: out of the resampler
  SampleFifo fifo_;
  std::int64_t placed_ = 0;   // samples put on the timeline, those in the resampler not counted
  std::int64_t encoded_ = 0;  // samples
  std::int64_t drop_ = 0;     // samples of what comes next that overlap
  std::int64_t shift_ = 0;    // samples; grows at breaks
  std::int64_t claimed_ = 0;  // samples up to the end that the container claims; 0: unknown
  std::int64_t silence_ = 0;  // samples that may yet be filled
};

}  // namespace lensfs::av
