#include <fmt/format.h>

#include "catalog/base/text.h"
#include "catalog/model/search.h"
#include "catalog/model/tag.h"
#include "tools/cli/library_path.h"
#include "tools/cli/place_paths.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

Result<std::string> json_of(Database& db, const Asset& asset,
                            const std::vector<std::string>& paths) {
  LENSFS_TRY(const auto tags, tags_of(db, asset.id));
  std::vector<std::string> terms;
  for (const Tag& tag : tags) terms.push_back(tag.path);
  return JsonObject()
      .set("id", base32_id(number(asset.id)))
      .set("name", asset.name)
      .set("kind", asset.kind)
      .set("size", asset.size)
      .set("tags", terms)
      .set("paths", paths)
      .text();
}

// False once nobody reads the output any more.
Result<bool> print_asset(const Invocation& invocation, Database& db, PlacePaths& places,
                         AssetId id) {
  LENSFS_TRY(const auto paths, places.of(db, id));
  if (invocation.has("json")) {
    LENSFS_TRY(const Asset asset, find_asset(db, id));
    LENSFS_TRY(const std::string line, json_of(db, asset, paths));
    return print_line(line);
  }
  const std::string end(1, invocation.has("null") ? '\0' : '\n');
  for (const std::string& path : paths) {
    if (!print(path + end)) return false;
  }
  return true;
}

Result<ExitCode> run_find(const Invocation& invocation) {
  std::string text;
  for (const std::string& word : invocation.operands()) text += (text.empty() ? "" : " ") + word;
  LENSFS_TRY(const Query query, parse_query(text));
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  // One moment for all: what is found is shown as it was when it was found.
  LENSFS_CHECK(reader->begin_read());
  SqlSets sets;
  LENSFS_TRY(const SharedSet found, evaluate(*reader, sets, query));
  if (invocation.has("count")) {
    print_line(invocation.has("json") ? JsonObject().set("count", found->count()).text()
                                      : fmt::format("{}", found->count()));
  } else {
    PlacePaths places;
    Result<bool> going = true;
    found->each([&](AssetId id) {
      going = print_asset(invocation, *reader, places, id);
      return going && *going;
    });
    if (!going) return fail(std::move(going).error());
  }
  reader->rollback();
  return found->empty() ? ExitCode::nothing_found : ExitCode::done;
}

}  // namespace

Command find_verb() {
  return {
      .name = "find",
      .summary = "print the paths of the assets that a query finds",
      .description =
          "Prints every place of every asset that matches, as a path of the drive. A query is made "
          "of words, tag:TERM, project:NAME, name:GLOB, kind:KIND, ext:EXT, label:LABEL and "
          "FIELD:VALUE, joined by and, or, not and parentheses; words beside each other mean and. "
          "A tag includes its sub-terms, a label means that some version has it. The current state "
          "is searched, without the trash and scratch files. An asset that is in no project is "
          "counted but has no place to print. The exit status is 1 when nothing is found.",
      .operands = {.usage = "QUERY…", .least = 1},
      .options = {{.name = "count", .help = "print only how many assets there are", .letter = 'c'},
                  {.name = "null", .help = "end paths with a NUL byte", .letter = '0'}},
      .examples = {{{"lensfs find 'tag:place/oslo and not kind:audio'",
                     "everything from Oslo that is not sound"},
                    {"lensfs find -0 'name:*.mov' | lensfs tag --from0 - +film",
                     "tags every file whose name ends in .mov"}}},
      .run = run_find};
}

}  // namespace lensfs
