#include <fmt/format.h>

#include "catalog/db/database.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

Result<ExitCode> run_version(const Invocation& invocation) {
  if (invocation.has("json")) {
    print_line(JsonObject().set("lensfs", LENSFS_VERSION).set("sqlite", sqlite_version()).text());
  } else {
    print_line(fmt::format("lensfs {}\nSQLite {}", LENSFS_VERSION, sqlite_version()));
  }
  return ExitCode::done;
}

}  // namespace

Command version_verb() {
  return {.name = "version",
          .summary = "print the version of the program and of what it is built on",
          .description = "Prints the version of the program and of the libraries that it runs on.",
          .operands = {.most = 0},
          .options = {},
          .examples = {{{"lensfs version", "prints versions"},
                        {"lensfs version --json", "prints them for a program"}}},
          .run = run_version};
}

}  // namespace lensfs
