// How many threads engines may use for one request. They use one unless told otherwise: where
// several requests run at once, threads inside of each cost more than they save.
#pragma once

#include <algorithm>
#include <atomic>

namespace lensfs {

inline constexpr unsigned kMostEngineThreads = 16;

inline std::atomic<unsigned>& engine_thread_count() {
  static std::atomic<unsigned> count = 1;
  return count;
}
// From the next request of this process on. Thread-safe.
inline void use_threads(unsigned count) {
  engine_thread_count() = std::clamp(count, 1U, kMostEngineThreads);
}
[[nodiscard]] inline int engine_threads() {
  return static_cast<int>(engine_thread_count().load());
}

}  // namespace lensfs
