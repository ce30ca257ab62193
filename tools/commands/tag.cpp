#include "catalog/model/tag.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "tools/cli/asset_path.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

struct Wanted {
  std::vector<std::string> paths;
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

Status add_term(std::vector<std::string>& terms, std::string_view typed) {
  LENSFS_TRY(std::string term, checked_term(typed));
  terms.push_back(std::move(term));
  return {};
}

void read_paths(std::vector<std::string>& paths, char end) {
  std::string path;
  while (std::getline(std::cin, path, end)) {
    if (!path.empty()) paths.push_back(path);
  }
}

Result<Wanted> wanted_by(const Invocation& invocation) {
  Wanted wanted;
  const char end = invocation.has("from0") ? '\0' : '\n';
  bool from_input = invocation.has("from0");
  const auto& words = invocation.operands();
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (at >= invocation.literal_from()) {
      wanted.paths.push_back(word);
    } else if (word == "-") {
      from_input = true;
    } else if (word.starts_with("+")) {
      LENSFS_CHECK(add_term(wanted.add, word.substr(1)));
    } else if (word.starts_with("-")) {
      LENSFS_CHECK(add_term(wanted.remove, word.substr(1)));
    } else {
      wanted.paths.push_back(word);
    }
  }
  for (const std::string& term : invocation.values("add")) {
    LENSFS_CHECK(add_term(wanted.add, term));
  }
  for (const std::string& term : invocation.values("remove")) {
    LENSFS_CHECK(add_term(wanted.remove, term));
  }
  if (wanted.add.empty() && wanted.remove.empty()) {
    return fail(Error(Errc::usage, "which terms? Give +term to add and -term to remove"));
  }
  if (from_input) {
    read_paths(wanted.paths, end);
  } else if (wanted.paths.empty()) {
    return fail(
        Error(Errc::usage, "which files? Give paths, or - to read them from standard input"));
  }
  return wanted;
}

Result<std::uint64_t> apply(Transaction& txn, const Wanted& wanted,
                            const std::vector<AssetId>& assets) {
  const Actor actor = actor_of_process();
  std::uint64_t changed = 0;
  for (const AssetId id : assets) {
    LENSFS_TRY(const Asset asset, find_asset(txn.db(), id));
    bool any = false;
    for (const std::string& term : wanted.add) {
      LENSFS_TRY(const bool added, add_tag(txn, actor, asset, term));
      any = any || added;
    }
    for (const std::string& term : wanted.remove) {
      LENSFS_TRY(const bool removed, remove_tag(txn, actor, asset, term));
      any = any || removed;
    }
    changed += any ? 1 : 0;
  }
  return changed;
}

Result<ExitCode> run_tag(const Invocation& invocation) {
  LENSFS_TRY(const Wanted wanted, wanted_by(invocation));
  LENSFS_TRY(const auto catalog, open_library(invocation, wanted.paths));
  AssetPaths paths(*catalog);
  std::vector<AssetId> assets;
  ExitCode code = ExitCode::done;
  for (const std::string& path : wanted.paths) {
    const auto asset = paths.asset_at(path);
    if (asset) {
      assets.push_back(*asset);
      continue;
    }
    complain("tag", asset.error());
    code = std::max(code, exit_code_of(asset.error().code()));
  }
  LENSFS_TRY(const std::uint64_t changed,
             catalog->write([&](Transaction& txn) { return apply(txn, wanted, assets); }));
  if (invocation.has("json")) {
    print_line(
        JsonObject().set("assets", std::uint64_t{assets.size()}).set("changed", changed).text());
  }
  return code;
}

}  // namespace

Command tag_verb() {
  return {
      .name = "tag",
      .summary = "add tags to files and take tags off",
      .description =
          "Adds the terms that are given as +term to every file and removes those that are given "
          "as -term, all in one transaction. Terms nest with a slash: +place/oslo. PATH is a file "
          "in a mount, or a path of the drive such as Projects/demo/clip.mov. Words after -- are "
          "paths, also when they begin with + or -. A path that is no file is reported; the "
          "others are tagged. On the drive, moving or linking a file into Tags/TERM tags it, and "
          "deleting it there takes the tag off.",
      .operands = {.usage = "PATH… +TERM… -TERM…", .completes = Completes::files},
      .options = {{.name = "add",
                   .help = "the same as +TERM",
                   .value = "TERM",
                   .repeat = Option::Repeat::many},
                  {.name = "remove",
                   .help = "the same as -TERM",
                   .value = "TERM",
                   .repeat = Option::Repeat::many},
                  {.name = "from0",
                   .help = "read paths from standard input, each ended by a NUL byte; with - "
                           "alone each stands on a line"}},
      .examples =
          {{{"lensfs tag /mnt/media/Projects/demo/*.mov +film -draft",
             "tags the films of a project and removes draft from them"},
            {"lensfs -L /srv/media find -0 ext:wav | lensfs -L /srv/media tag --from0 +sound",
             "tags everything that a query finds"}}},
      .words = Command::Words::signed_terms,
      .run = run_tag};
}

}  // namespace lensfs
