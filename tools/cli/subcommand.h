// Commands that have commands of their own: `lensfs field add …`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/command.h"

namespace lensfs {

struct SubCommand {
  std::string_view name;
  Result<ExitCode> (*run)(const Invocation& invocation, const std::vector<std::string>& words);
};

// Runs the one that the first operand names, with the other operands. usage names those there are.
[[nodiscard]] Result<ExitCode> run_subcommand(const Invocation& invocation,
                                              std::span<const SubCommand> all);

}  // namespace lensfs
