#include "tools/cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tools/cli/print.h"

namespace lensfs {
namespace {

constexpr double kSmoothing = 0.2;  // weight of the newest rate
constexpr std::chrono::milliseconds kBarPause{200};
constexpr std::chrono::seconds kLinePause{5};
constexpr std::size_t kBarWidth = 24;

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string bar_text(const Amount& amount) {
  const double part = amount.total_bytes == 0 ? 0
                                              : static_cast<double>(amount.bytes) /
                                                    static_cast<double>(amount.total_bytes);
  return bar_of(part, kBarWidth) + " ";
}

}  // namespace

std::string bar_of(double part, std::size_t width) {
  const auto full =
      static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * static_cast<double>(width));
  return "[" + std::string(full, '#') + std::string(width - full, '.') + "]";
}

std::string progress_text(const Amount& amount, double rate) {
  if (!amount.counted) {
    return fmt::format("{} files  {}  {}/s", amount.files, size_text(amount.bytes),
                       size_text(static_cast<std::uint64_t>(rate)));
  }
  const std::uint64_t rest = amount.total_bytes - std::min(amount.total_bytes, amount.bytes);
  const std::string left =
      rest == 0 || rate < 1 ? "" : "  " + duration_text(static_cast<double>(rest) / rate) + " left";
  return fmt::format("{}/{} files  {}/{}  {}/s{}", amount.files, amount.total_files,
                     size_text(amount.bytes), size_text(amount.total_bytes),
                     size_text(static_cast<std::uint64_t>(rate)), left);
}

ShownProgress::Style ShownProgress::style_of_terminal() {
  return ::isatty(STDERR_FILENO) != 0 ? Style::bar : Style::lines;
}

ShownProgress::ShownProgress(Style style, std::string verb, std::function<Amount()> now)
    : style_(style), verb_(std::move(verb)), now_(std::move(now)) {
  if (style_ != Style::none) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
}

ShownProgress::~ShownProgress() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  const std::scoped_lock lock(mutex_);
  clear_bar();
}

void ShownProgress::complain(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  clear_bar();
  lensfs::complain(verb_, text);
}

void ShownProgress::run(const std::stop_token& stop) {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const std::chrono::milliseconds pause = style_ == Style::bar ? kBarPause : kLinePause;
    wake_.wait_for(lock, stop, pause, [] { return false; });
    if (stop.stop_requested()) return;
    show(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
}

void ShownProgress::show(double seconds) {
  const Amount amount = now_();
  const auto bytes = static_cast<double>(amount.bytes);
  // What was given up does not count any more.
  const double gained = std::max(0.0, bytes - last_bytes_);
  const double newest = gained / std::max(0.001, seconds - last_seconds_);
  rate_ = last_seconds_ == 0 ? newest : rate_ + kSmoothing * (newest - rate_);
  last_bytes_ = bytes;
  last_seconds_ = seconds;
  std::string text = progress_text(amount, rate_);
  if (style_ == Style::lines) return lensfs::complain(verb_, text);
  text = (amount.counted ? bar_text(amount) : std::string()) + text;
  text.resize(std::min(text.size(), terminal_width() - 1));
  text = "\r\033[K" + text;
  std::fwrite(text.data(), 1, text.size(), stderr);
  bar_shown_ = true;
}

void ShownProgress::clear_bar() {
  if (bar_shown_) std::fputs("\r\033[K", stderr);
  bar_shown_ = false;
}

}  // namespace lensfs
