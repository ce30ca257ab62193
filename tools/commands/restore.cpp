#include <fmt/format.h>

#include "catalog/base/text.h"
#include "catalog/model/edit.h"
#include "catalog/model/ingest.h"
#include "catalog/model/trash.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/version_path.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

// The folder in which a deleted file lay; made again, with those above, if it is gone too.
Result<FolderId> folder_of_trashed(Transaction& txn, const Actor& actor, const Trashed& trashed) {
  const auto there = find_folder(txn.db(), trashed.folder);
  if (there) return there->id;
  if (there.error().code() != Errc::not_found) return fail(there.error());
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), trashed.asset));
  std::string_view rest = trashed.path;
  std::optional<FolderId> at;
  for (std::size_t slash = rest.find('/'); slash != std::string_view::npos;
       slash = rest.find('/')) {
    const NewFolder folder{
        .name = std::string(rest.substr(0, slash)), .uid = asset.uid, .gid = asset.gid};
    if (at) {
      LENSFS_TRY(at, ensure_folder(txn, actor, *at, folder));
    } else {
      LENSFS_TRY(const Project project, ensure_project(txn, actor, folder));
      at = project.folder;
    }
    rest.remove_prefix(slash + 1);
  }
  if (!at) return fail(Error(Errc::not_found, "where it lay is not known").with(trashed.path));
  return *at;
}

Status put_back(Transaction& txn, const Actor& actor, const Asset& asset) {
  LENSFS_TRY(const Trashed trashed, find_trashed(txn.db(), asset.id));
  if (number(trashed.folder) == 0) return restore_unplaced(txn, actor, asset);
  LENSFS_TRY(const FolderId folder, folder_of_trashed(txn, actor, trashed));
  const Status restored = restore_to(txn, actor, asset, folder, {.name = trashed.name});
  if (!restored && restored.error().code() == Errc::exists) {
    return fail(
        Error(Errc::exists, "another file has its name; move that away first").with(trashed.path));
  }
  return restored;
}

// The newest in the trash that is called so, lay there, or has this id.
Result<Asset> asset_in_trash(Database& db, const std::string& wanted) {
  const auto id = id_from_base32(wanted);
  LENSFS_TRY(const std::vector<Trashed> all, all_trashed(db));
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    const bool meant = one->name == wanted || one->path == wanted ||
                       "Projects/" + one->path == wanted || id == number(one->asset) ||
                       suffixed_name(one->name, number(one->asset)) == wanted;
    if (meant) return find_asset(db, one->asset);
  }
  return fail(Error(Errc::not_found, "no such thing in the trash").with(wanted));
}

Result<ExitCode> restore_from_trash(const Invocation& invocation) {
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  const Actor actor = actor_of_process();
  for (const std::string& wanted : invocation.operands()) {
    LENSFS_CHECK(catalog->write([&](Transaction& txn) -> Status {
      LENSFS_TRY(const Asset asset, asset_in_trash(txn.db(), wanted));
      return put_back(txn, actor, asset);
    }));
  }
  if (invocation.has("json")) {
    print_line(JsonObject().set("restored", std::uint64_t{invocation.operands().size()}).text());
  }
  return ExitCode::done;
}

struct Outcome {
  Version from;
  Version now;
};

Result<Outcome> restore(Transaction& txn, const Version& from) {
  const Actor actor = actor_of_process();
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), from.asset));
  if (asset.state == AssetState::trashed) LENSFS_CHECK(put_back(txn, actor, asset));
  LENSFS_TRY(const VersionId made, restore_version(txn, actor, from));
  LENSFS_TRY(Version now, find_version(txn.db(), made));
  return Outcome{from, std::move(now)};
}

void print_outcome(const Invocation& invocation, const Outcome& outcome) {
  if (invocation.has("json")) {
    print_line(JsonObject()
                   .set("id", base32_id(number(outcome.from.asset)))
                   .set("from", outcome.from.number)
                   .set("version", outcome.now.number)
                   .text());
  } else if (outcome.now.reason == "restore") {
    print_line(fmt::format("v{} is v{} now", outcome.from.number, outcome.now.number));
  } else {
    print_line(fmt::format("v{} has the same bytes; nothing to do", outcome.now.number));
  }
}

Result<ExitCode> run_restore(const Invocation& invocation) {
  if (invocation.has("trash")) return restore_from_trash(invocation);
  LENSFS_TRY(const auto number, invocation.number("version"));
  LENSFS_TRY(const auto catalog, open_library(invocation, invocation.operands()));
  AssetPaths paths(*catalog);
  for (const std::string& path : invocation.operands()) {
    std::optional<Version> from;
    {
      LENSFS_TRY(const Pool::Reader reader, catalog->read());
      LENSFS_TRY(from, version_of_path(paths, *reader, path, number));
    }
    LENSFS_TRY(const Outcome outcome,
               catalog->write([&](Transaction& txn) { return restore(txn, *from); }));
    print_outcome(invocation, outcome);
  }
  return ExitCode::done;
}

}  // namespace

Command restore_verb() {
  return {
      .name = "restore",
      .summary = "bring back an old version, or a file from the trash",
      .description =
          "Makes a new version of a file with the bytes of an old one; no bytes are copied and no "
          "version is lost. PATH says which: cut@v3.mov or cut.mov@v3, a file below .versions, one "
          "of /Versions, or a plain path with --version. Programs that have the file open go on "
          "reading what they opened. The old version of a deleted file brings the file back.\n\n"
          "With --trash the operands are names, paths or ids of what lies in the trash; it gets "
          "back the place that it had. On the drive, moving a file out of Trash does it, too.",
      .operands = {.usage = "PATH…", .least = 1, .completes = Completes::files},
      .options = {{.name = "version", .help = "the number of the version", .value = "N"},
                  {.name = "trash",
                   .help = "bring back deleted files by name",
                   .excludes = "version"}},
      .examples = {{{"lensfs restore /mnt/media/Projects/demo/cut@v3.mov", "makes v3 the newest"},
                    {"lensfs -L /srv/media restore --trash cut.mov",
                     "takes a file out of the trash"}}},
      .run = run_restore};
}

}  // namespace lensfs
