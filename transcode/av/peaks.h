// Peaks: the loudest and softest sample of each stretch of a track, gathered while it is decoded.
// Memory does not grow with length: stretches join in pairs when there are too many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "transcode/av/handles.h"

namespace lensfs::av {

class Peaks {
 public:
  static constexpr int kMostChannels = 8;  // further ones are not looked at
  struct Span {
    float least = 0;
    float most = 0;  // -1 … 1 at full scale
  };

  // Any sample format and rate; the first frame settles the number of channels.
  [[nodiscard]] Status take(const AVFrame& frame);
  [[nodiscard]] int channels() const { return channels_; }
  // The channel in `columns` equal stretches.
  [[nodiscard]] std::vector<Span> columns(int channel, int columns) const;

 private:
  static constexpr std::size_t kMostSpans = std::size_t{1} << 16;  // a power of two
  void add(const float* const* samples, int count);
  void close_span();

  int channels_ = 0;
  std::int64_t samples_per_span_ = 16;
  std::int64_t in_open_ = 0;                // samples in the open span
  std::vector<Span> open_;                  // one per channel
  std::vector<std::vector<Span>> spans_{};  // [channel][stretch]
  Resampler to_float_;
  Frame like_ = new_frame();
  Frame converted_ = new_frame();
};

}  // namespace lensfs::av
