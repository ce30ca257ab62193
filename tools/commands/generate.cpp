// Verbs for packagers: documents that are made from the table of commands.
#include "tools/cli/completion.h"
#include "tools/cli/man.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

Result<ExitCode> run_man(const Invocation& /*invocation*/) {
  print(man_page(LENSFS_VERSION));
  return ExitCode::done;
}

Result<ExitCode> run_completion(const Invocation& invocation) {
  LENSFS_TRY(const std::string script, completion_script(invocation.operands().front()));
  print(script);
  return ExitCode::done;
}

}  // namespace

Command man_verb() {
  return {.name = "man",
          .summary = "print the man page",
          .description = "Prints the man page lensfs(1) in roff.",
          .operands = {.most = 0},
          .options = {},
          .examples = {{{"lensfs man > lensfs.1", "writes the page"},
                        {"lensfs man | man -l -", "reads it"}}},
          .shown = Command::Shown::no,
          .run = run_man};
}

Command completion_verb() {
  return {.name = "completion",
          .summary = "print the completions of a shell",
          .description = "Prints completions for bash, zsh or fish.",
          .operands = {.usage = "bash|zsh|fish", .least = 1, .most = 1},
          .options = {},
          .examples = {{{"source <(lensfs completion bash)", "completes in this shell"},
                        {"lensfs completion zsh > _lensfs", "writes a file for zsh's fpath"}}},
          .shown = Command::Shown::no,
          .run = run_completion};
}

}  // namespace lensfs
