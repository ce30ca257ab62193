#include "tools/commands/space.h"

#include <fmt/format.h>

#include "catalog/model/space.h"
#include "tools/cli/print.h"

namespace lensfs {
namespace {

JsonObject json_of(const SpaceUse& use) {
  return JsonObject().set("files", use.files).set("bytes", use.bytes).set("on_disk", use.on_disk);
}

std::string row(std::string_view name, const SpaceUse& use) {
  return fmt::format("{:<10}  {:>9}  {:>9}  {:>9}", name, use.files, size_text(use.bytes),
                     size_text(use.on_disk));
}

void print_json(const Space& space) {
  JsonObject json;
  for (std::size_t kind = 0; kind < kSpaceKinds; ++kind) {
    json.set(name_of(static_cast<SpaceFor>(kind)), json_of(space.uses.at(kind)));
  }
  print_line(json.set("sum", json_of(space.sum()))
                 .set("missing_objects", space.missing)
                 .set("free", space.free)
                 .text());
}

void print_table(const Space& space) {
  print_line(fmt::format("{:<10}  {:>9}  {:>9}  {:>9}", "", "files", "size", "on disk"));
  for (std::size_t kind = 0; kind < kSpaceKinds; ++kind) {
    print_line(row(name_of(static_cast<SpaceFor>(kind)), space.uses.at(kind)));
  }
  print_line(row("sum", space.sum()));
  print_line(fmt::format("{:<10}  {:>9}  {:>9}  {:>9}", "free", "", "", size_text(space.free)));
  if (space.missing == 0) return;
  print_line(fmt::format("{} objects are missing; run \"lensfs verify\"", space.missing));
}

}  // namespace

Result<ExitCode> show_space(const Invocation& invocation, Catalog& catalog) {
  LENSFS_TRY(const Space space, space_of(catalog));
  if (invocation.has("json")) {
    print_json(space);
  } else {
    print_table(space);
  }
  return ExitCode::done;
}

}  // namespace lensfs
