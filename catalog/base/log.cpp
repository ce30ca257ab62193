#include "catalog/base/log.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

namespace lensfs::log {
namespace {

constexpr const char* kStampedPattern = "%Y-%m-%dT%H:%M:%S.%e%z %n[%P] %l: %v";

// "<4>" before a line: how the journal is told a level by what reads standard error.
class JournalLevel final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& into) override {
    constexpr std::string_view kLevels = "7764322";  // trace, debug, info, warn, error, critical
    const auto level = static_cast<std::size_t>(message.level);
    const std::array<char, 3> text = {'<', level < kLevels.size() ? kLevels[level] : '6', '>'};
    into.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return spdlog::details::make_unique<JournalLevel>();
  }
};

std::unique_ptr<spdlog::formatter> with_pattern(const char* pattern) {
  return std::make_unique<spdlog::pattern_formatter>(pattern);
}

// systemd says in JOURNAL_STREAM which file leads to the journal.
bool is_journal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

void install(std::string_view program, spdlog::sink_ptr sink,
             std::unique_ptr<spdlog::formatter> formatter, spdlog::level::level_enum level) {
  auto logger = std::make_shared<spdlog::logger>(std::string(program), std::move(sink));
  logger->set_formatter(std::move(formatter));
  logger->set_level(level);
  // A process that is killed must not take its last words along.
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace

void start(std::string_view program, Target target, spdlog::level::level_enum level) {
  if (target == Target::system_log) {
    auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>(std::string(program), LOG_PID,
                                                                LOG_DAEMON, true);
    install(program, std::move(sink), with_pattern("%v"), level);
  } else if (is_journal()) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<JournalLevel>('J').set_pattern("%J%v");
    install(program, std::make_shared<spdlog::sinks::stderr_sink_mt>(), std::move(formatter),
            std::min(level, spdlog::level::info));
  } else {
    install(program, std::make_shared<spdlog::sinks::stderr_sink_mt>(), with_pattern("%n: %l: %v"),
            level);
  }
}

void start_file(std::string_view program, const std::string& path,
                spdlog::level::level_enum level) {
  try {
    install(program, std::make_shared<spdlog::sinks::basic_file_sink_mt>(path),
            with_pattern(kStampedPattern), level);
  } catch (const spdlog::spdlog_ex& failure) {
    start(program, Target::standard_error, level);
    warn("the log file cannot be opened path={} error=\"{}\"", path, failure.what());
  }
}

}  // namespace lensfs::log
