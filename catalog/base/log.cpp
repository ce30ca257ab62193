#include "catalog/base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <syslog.h>

#include <memory>
#include <utility>

namespace lensfs::log {
namespace {

constexpr const char* kStampedPattern = "%Y-%m-%dT%H:%M:%S.%e%z %n[%P] %l: %v";

void install(std::string_view program, spdlog::sink_ptr sink, const char* pattern,
             spdlog::level::level_enum level) {
  auto logger = std::make_shared<spdlog::logger>(std::string(program), std::move(sink));
  logger->set_pattern(pattern);
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
    install(program, std::move(sink), "%v", level);
  } else {
    install(program, std::make_shared<spdlog::sinks::stderr_sink_mt>(), "%n: %l: %v", level);
  }
}

void start_file(std::string_view program, const std::string& path,
                spdlog::level::level_enum level) {
  try {
    install(program, std::make_shared<spdlog::sinks::basic_file_sink_mt>(path), kStampedPattern,
            level);
  } catch (const spdlog::spdlog_ex& failure) {
    start(program, Target::standard_error, level);
    warn("the log file cannot be opened path={} error=\"{}\"", path, failure.what());
  }
}

}  // namespace lensfs::log
