// StopOnSignal: turns the first SIGINT or SIGTERM into a stop token; the second ends the process.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace lensfs {

class StopOnSignal {
 public:
  // Make it before any other thread: threads inherit which signals are blocked.
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  // That which came first; 0: none.
  [[nodiscard]] int signal() const { return signal_.load(); }

 private:
  std::stop_source source_;
  std::atomic<int> signal_{0};
  std::jthread thread_;
};

}  // namespace lensfs
