#include "tools/cli/subcommand.h"

namespace lensfs {

Result<ExitCode> run_subcommand(const Invocation& invocation, std::span<const SubCommand> all) {
  std::string names;
  for (const SubCommand& one : all) names.append(names.empty() ? "" : ", ").append(one.name);
  if (invocation.operands().empty()) {
    return fail(Error(Errc::usage, "what is to be done? Give one of these").with(names));
  }
  const std::string& wanted = invocation.operands().front();
  for (const SubCommand& one : all) {
    if (one.name != wanted) continue;
    return one.run(invocation, {invocation.operands().begin() + 1, invocation.operands().end()});
  }
  return fail(Error(Errc::usage, "no such command; there are these").with(wanted + ": " + names));
}

}  // namespace lensfs
