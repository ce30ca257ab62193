// Meter: tells the caller how far it is, but not too often.
#pragma once

#include <chrono>

#include "transcode/engine.h"

namespace lensfs::av {

class Meter {
 public:
  // This work is the part from `begin` to `end` of the whole. The callback may be empty; it must
  // outlive the meter.
  explicit Meter(const Progress& progress, double begin = 0, double end = 1)
      : progress_(progress), begin_(begin), end_(end) {}

  void show(double share) {
    const auto now = std::chrono::steady_clock::now();
    if (!progress_ || now - shown_ < std::chrono::milliseconds(300)) return;
    shown_ = now;
    progress_(begin_ + (end_ - begin_) * share);
  }

 private:
  const Progress& progress_;
  double begin_;
  double end_;
  std::chrono::steady_clock::time_point shown_ = std::chrono::steady_clock::now();
};

}  // namespace lensfs::av
