#include <fmt/format.h>

#include "catalog/model/catalog.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

Result<ExitCode> run_init(const Invocation& invocation) {
  const std::string& library = invocation.operands().front();
  LENSFS_CHECK(Catalog::create(library));
  LENSFS_TRY(const auto catalog, Catalog::open(library));
  if (invocation.has("json")) {
    print_line(
        JsonObject().set("library", catalog->path().string()).set("uuid", catalog->uuid()).text());
  } else {
    print_line(fmt::format("made a library in {}", library));
  }
  return ExitCode::done;
}

}  // namespace

Command init_verb() {
  return {
      .name = "init",
      .summary = "make a new library",
      .description =
          "Makes a new, empty library in a directory that is missing or empty. Its lensfs.toml "
          "lists, as comments, all that can be set.",
      .operands = {.usage = "LIBRARY", .least = 1, .most = 1, .completes = Completes::directories},
      .options = {},
      .examples = {{{"lensfs init /srv/media", "makes a library in /srv/media"},
                    {"lensfs init --json ~/media", "prints its path and uuid for a program"}}},
      .run = run_init};
}

}  // namespace lensfs
