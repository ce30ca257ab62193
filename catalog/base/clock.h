// Time as the project keeps it: nanoseconds since 1970 UTC in 64 bits.
#pragma once

#include <chrono>
#include <cstdint>

namespace lensfs {

using Nanoseconds = std::int64_t;
inline constexpr Nanoseconds kNanosecondsPerSecond = 1'000'000'000;

// Clock: the seam through which time enters, so that a test can set it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Nanoseconds now() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

// Times outside of what 64 bits hold (1677 to 2262) become the nearest that they do.
[[nodiscard]] inline Nanoseconds from_timespec(const timespec& time) {
  constexpr Nanoseconds kMostSeconds = INT64_MAX / kNanosecondsPerSecond - 1;
  if (time.tv_sec > kMostSeconds) return INT64_MAX;
  if (time.tv_sec < -kMostSeconds) return INT64_MIN;
  return static_cast<Nanoseconds>(time.tv_sec) * kNanosecondsPerSecond + time.tv_nsec;
}

[[nodiscard]] inline timespec to_timespec(Nanoseconds time) {
  Nanoseconds seconds = time / kNanosecondsPerSecond;
  Nanoseconds rest = time % kNanosecondsPerSecond;
  if (rest < 0) {
    rest += kNanosecondsPerSecond;
    --seconds;
  }
  return {.tv_sec = seconds, .tv_nsec = rest};
}

}  // namespace lensfs
