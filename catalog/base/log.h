// One line per event, `key=value` after the text. Levels: debug, info, warn, error.
// Where lines go is set once by the program (stderr, a file, the system log).
#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <string_view>

namespace lensfs::log {

enum class Target { standard_error, system_log };

void start(std::string_view program, Target target, spdlog::level::level_enum level);
// Same, into a file that is appended to; standard error when it cannot be opened.
void start_file(std::string_view program, const std::string& path, spdlog::level::level_enum level);

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

}  // namespace lensfs::log
