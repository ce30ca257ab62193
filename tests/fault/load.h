// Load: what applications do to a drive, in several threads at once, with every failure counted and
// the longest time that any call took.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/waiting.h"

namespace lensfs::test {

class Load {
 public:
  Load() = default;
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { stop(); }

  // One more thread that repeats `work` until stop(). `work` gives 0 or errno, and is called with
  // the number of the round; AtFailure says whether the thread
  // goes on after a failure.
  enum class AtFailure { go_on, end };
  using Work = std::function<int(std::uint64_t)>;
  void add(std::string name, AtFailure at_failure, Work work);
  void stop();
  // As stop(), without waiting for calls that are on their way.
  void ask_to_stop();

  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  [[nodiscard]] Milliseconds longest_stall() const;
  [[nodiscard]] std::vector<std::string> failures() const;

 private:
  void repeat(const std::string& name, AtFailure at_failure, const Work& work,
              const std::stop_token& stop);

  std::atomic<std::uint64_t> operations_ = 0;
  mutable std::mutex mutex_;  // guards what follows; rank: leaf
  std::vector<std::string> failures_;
  Milliseconds longest_{0};
  std::vector<std::jthread> threads_;  // last: ends before what it uses
};

}  // namespace lensfs::test
