// Waiting for what another process does: by asking again and again until a deadline.
#pragma once

#include <time.h>

#include <chrono>
#include <optional>

namespace lensfs::test {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

// How long it took until `condition()` was true; nothing if the deadline passed first.
template <typename Condition>
[[nodiscard]] std::optional<Milliseconds> wait_until(
    Condition&& condition, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
  const auto start = Clock::now();
  while (!condition()) {
    if (Clock::now() - start > limit) return std::nullopt;
    const timespec poll_interval{.tv_sec = 0, .tv_nsec = 200'000};
    ::nanosleep(&poll_interval, nullptr);
  }
  return Milliseconds(Clock::now() - start);
}

}  // namespace lensfs::test
