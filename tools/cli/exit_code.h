// Exit statuses: part of the interface, listed in --help and the man page.
#pragma once

#include <array>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs {

enum class ExitCode : int {
  done = 0,
  nothing_found = 1,
  usage = 2,
  denied = 3,
  busy = 4,
  damaged = 5,
  system = 6,
  interrupted = 130,
};

struct ExitMeaning {
  ExitCode code;
  std::string_view meaning;
};
inline constexpr std::array<ExitMeaning, 8> kExitMeanings{{
    {ExitCode::done, "done"},
    {ExitCode::nothing_found, "nothing found, or no such thing"},
    {ExitCode::usage, "the command line makes no sense"},
    {ExitCode::denied, "not allowed"},
    {ExitCode::busy, "in use or not ready; try again later"},
    {ExitCode::damaged, "something is damaged"},
    {ExitCode::system, "the system failed, or a part of the work could not be done"},
    {ExitCode::interrupted, "interrupted; the same command finishes the work"},
}};

[[nodiscard]] ExitCode exit_code_of(Errc code);
// What a person can do about it; empty when there is nothing to say.
[[nodiscard]] std::string_view next_step(Errc code);

}  // namespace lensfs
