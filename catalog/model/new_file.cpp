#include "catalog/model/new_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "catalog/base/text.h"
#include "catalog/model/identity.h"
#include "catalog/model/ingest.h"
#include "catalog/model/kind.h"

namespace lensfs {
namespace {

constexpr int kMostTries = 1000;

// The first of the numbers.
Result<std::int64_t> reserve(Transaction& txn, std::string_view table, std::int64_t count) {
  LENSFS_TRY(const std::int64_t known,
             txn.db().run("UPDATE sqlite_sequence SET seq = seq + ?2 WHERE name = ?1"
                          " /* SCAN: a row for each table */",
                          table, count));
  if (known == 0) {
    LENSFS_CHECK(
        txn.db().run("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", table, count));
  }
  LENSFS_TRY(const std::int64_t last,
             txn.db().one<std::int64_t>("SELECT seq FROM sqlite_sequence WHERE name = ?1"
                                        " /* SCAN: a row for each table */",
                                        table));
  return last - count + 1;
}

struct Target {
  FolderId folder{};
  std::string name;
};

Result<std::string> free_name(Transaction& txn, FolderId folder, const std::string& name) {
  const std::size_t dot = name.rfind('.');
  const std::size_t stem = dot == std::string::npos || dot == 0 ? name.size() : dot;
  for (int number = 2; number < kMostTries; ++number) {
    std::string other = fmt::format("{} ({}){}", name.substr(0, stem), number, name.substr(stem));
    LENSFS_TRY(const NewFileSpot spot, look_at_spot(txn.db(), folder, other, txn.now()));
    if (spot.is_plain) return other;
  }
  return fail(Error(Errc::exists, "no name is free").with(name));
}

// Where it goes: where it was made, unless somebody who did not wait for his turn took the name or
// removed the folder.
Result<Target> target_of(Transaction& txn, const DeferredFile& made) {
  Target target{made.folder, made.file.name};
  auto spot = look_at_spot(txn.db(), target.folder, target.name, txn.now());
  if (is_missing(spot)) {
    LENSFS_TRY(const Project inbox, find_project(txn.db(), kInboxName));
    target.folder = inbox.folder;
    spot = look_at_spot(txn.db(), target.folder, target.name, txn.now());
  }
  if (!spot) return fail(spot.error());
  if (!spot->is_plain) {
    LENSFS_TRY(target.name, free_name(txn, target.folder, target.name));
  }
  return target;
}

Status insert_asset(Transaction& txn, const DeferredFile& made, const std::string& name) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO assets (id, name, name_key, kind, uid, gid, mode, places, created_ns, "
      "changed_ns,"
      " mtime_ns, size, state, atime_ns)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?8, 0, ?10, ?11)",
      made.asset, name, fold_name(name), kind_of({}, name), made.file.uid, made.file.gid,
      made.file.mode, made.made, made.changed, AssetState::live, made.atime));
  return record_change(txn, made.actor,
                       {.kind = ChangeKind::asset_added, .asset = made.asset, .name = name});
}

Status insert_draft(Transaction& txn, const DeferredFile& made) {
  const Actor& actor = made.actor;
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO drafts (id, asset_id, file_id, mount, uid, author, began_ns, copied, program)"
      " VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, 0, nullif(?7, ''))",
      made.draft, made.asset, made.request.mount, actor.uid, actor.name, made.made, actor.program));
  // The asset names its draft, and the draft its asset. Constraints that wait until the end would
  // have every statement prepared anew.
  LENSFS_CHECK(
      txn.db().run("UPDATE assets SET draft_id = ?2 WHERE id = ?1", made.asset, made.draft));
  return {};
}

Status insert_place(Transaction& txn, const DeferredFile& made, const Target& target) {
  const auto& raw = made.file.raw_name;
  LENSFS_CHECK(
      txn.db().run("INSERT INTO places (folder_id, name, raw_name, asset_id, since_ns)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)",
                   target.folder, target.name, raw ? std::optional<Blob>(Blob{*raw}) : std::nullopt,
                   made.asset, made.made));
  return record_change(txn, made.actor,
                       {.kind = ChangeKind::place_added,
                        .asset = made.asset,
                        .folder = target.folder,
                        .name = target.name});
}

Result<bool> was_added(Database& db, const DeferredFile& made) {
  RequestKey again = made.request;
  again.resent = true;
  LENSFS_TRY(const bool is_noted, is_done(db, again));
  if (is_noted) return true;
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM assets WHERE id = ?1)", made.asset);
}

}  // namespace

Result<ReservedIds> reserve_ids(Transaction& txn, std::int64_t count) {
  ReservedIds ids{.count = count};
  LENSFS_TRY(ids.asset, reserve(txn, "assets", count));
  LENSFS_TRY(ids.draft, reserve(txn, "drafts", count));
  return ids;
}

NewFileSpot NewFileSpot::from(const Row& row) {
  return {.folder_mode = row.integer(0),
          .folder_gid = row.integer(1),
          .is_plain = !row.get<bool>(2) && !row.get<bool>(3) && !row.get<bool>(4)};
}

Result<NewFileSpot> look_at_spot(Database& db, FolderId folder, std::string_view name,
                                 Nanoseconds now) {
  return db.one<NewFileSpot>(
      "SELECT f.mode, f.gid,"
      " EXISTS (SELECT 1 FROM places WHERE folder_id = ?1 AND name = ?2),"
      " EXISTS (SELECT 1 FROM folders WHERE parent_id = ?1 AND name = ?2),"
      " EXISTS (SELECT 1 FROM past_places WHERE folder_id = ?1 AND name = ?2 AND until_ns > ?3)"
      " FROM folders f WHERE f.id = ?1",
      folder, name, now - kNameGrace);
}

Asset asset_of(const DeferredFile& made) {
  Asset asset;
  asset.id = made.asset;
  asset.name = made.file.name;
  asset.kind = kind_of({}, made.file.name);
  asset.uid = made.file.uid;
  asset.gid = made.file.gid;
  asset.mode = made.file.mode;
  asset.places = 1;
  asset.created = asset.mtime = made.made;
  asset.changed = made.changed;
  asset.atime = made.atime;
  asset.file = static_cast<FileId>(number(made.asset));
  asset.draft = made.draft;
  return asset;
}

Status add_deferred(Transaction& txn, std::span<const DeferredFile> files, Noted noted) {
  std::map<FolderId, Nanoseconds> newest;
  for (const DeferredFile& made : files) {
    if (noted == Noted::before) {
      LENSFS_TRY(const bool is_added, was_added(txn.db(), made));
      if (is_added) continue;
    }
    LENSFS_TRY(const Target target, target_of(txn, made));
    LENSFS_CHECK(insert_asset(txn, made, target.name));
    LENSFS_CHECK(insert_draft(txn, made));
    LENSFS_CHECK(insert_place(txn, made, target));
    LENSFS_CHECK(note_done(txn, made.request));
    Nanoseconds& time = newest[target.folder];
    time = std::max(time, made.made);
  }
  // What was shown meanwhile.
  for (const auto& [folder, time] : newest) {
    LENSFS_CHECK(txn.db().run(
        "UPDATE folders SET mtime_ns = ?2, changed_ns = max(changed_ns, ?2) WHERE id = ?1", folder,
        time));
  }
  return {};
}

}  // namespace lensfs
