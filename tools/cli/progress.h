// Progress: how far a long command is, on standard error: a bar on a terminal, a line every few
// seconds elsewhere.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace lensfs {

struct Amount {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t total_files = 0;
  std::uint64_t total_bytes = 0;
  bool counted = false;  // the totals are final
};

class ShownProgress {
 public:
  enum class Style { none, lines, bar };
  [[nodiscard]] static Style style_of_terminal();

  // `now` is called from a thread of the progress until it is destroyed.
  ShownProgress(Style style, std::string verb, std::function<Amount()> now);
  ~ShownProgress();
  ShownProgress(const ShownProgress&) = delete;
  ShownProgress& operator=(const ShownProgress&) = delete;

  // A message that does not tear the bar. Thread-safe.
  void complain(std::string_view text);

 private:
  void show(double seconds);
  void clear_bar();
  void run(const std::stop_token& stop);

  const Style style_;
  const std::string verb_;
  const std::function<Amount()> now_;
  std::mutex mutex_;  // guards standard error and what follows; rank: leaf
  std::condition_variable_any wake_;
  bool bar_shown_ = false;
  double last_seconds_ = 0;
  double last_bytes_ = 0;
  double rate_ = 0;  // bytes per second, smoothed
  std::jthread thread_;
};

// "[######......]", so many characters between the brackets; `part` of 0 to 1.
[[nodiscard]] std::string bar_of(double part, std::size_t width);
// "files 12/340  1.2 GB/8.0 GB  310 MB/s  0:22 left"
[[nodiscard]] std::string progress_text(const Amount& amount, double rate);

}  // namespace lensfs
