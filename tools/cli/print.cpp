#include "tools/cli/print.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "tools/cli/exit_code.h"

namespace lensfs {

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

bool print_line(std::string_view line) {
  return print(line) && std::fputc('\n', stdout) != EOF;
}

bool finish_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  // A reader that has seen enough, like head, is no loss. errno may be an older one by now.
  pollfd reader{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0;
}

void complain(std::string_view verb, std::string_view text) {
  const std::string line = verb.empty() ? fmt::format("lensfs: {}\n", text)
                                        : fmt::format("lensfs: {}: {}\n", verb, text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void complain(std::string_view verb, const Error& error) {
  const std::string_view step = next_step(error.code());
  const std::string text = shown_text(error.message());
  complain(verb, step.empty() ? text : fmt::format("{}; {}", text, step));
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 7> kUnits{"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 999.5 && unit + 1 < kUnits.size()) {
    amount /= 1000;
    ++unit;
  }
  return unit == 0 || amount >= 99.95 ? fmt::format("{:.0f} {}", amount, kUnits.at(unit))
                                      : fmt::format("{:.1f} {}", amount, kUnits.at(unit));
}

std::string time_text(Nanoseconds time) {
  const timespec split = to_timespec(time);
  std::tm broken{};
  std::array<char, 32> text{};
  if (::localtime_r(&split.tv_sec, &broken) == nullptr) return "?";
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &broken);
  return {text.data(), length};
}

std::string utc_text(Nanoseconds time) {
  const timespec split = to_timespec(time);
  std::tm broken{};
  std::array<char, 32> text{};
  if (::gmtime_r(&split.tv_sec, &broken) == nullptr) return "?";
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &broken);
  return {text.data(), length};
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds)));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string shown_text(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown += c;
    }
  }
  return shown;
}

}  // namespace lensfs
