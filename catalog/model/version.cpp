#include <fmt/format.h>

#include "catalog/model/asset.h"
#include "catalog/model/file.h"
#include "catalog/model/sequence.h"
#include "catalog/model/version_insert.h"

namespace lensfs {
namespace {

std::string versions_where(std::string_view rest) {
  return fmt::format("SELECT {} FROM versions v {}", Version::kColumns, rest);
}
const std::string kVersionById = versions_where("WHERE id = ?1");
const std::string kVersionsOf = versions_where("WHERE asset_id = ?1 ORDER BY number");

struct Current {
  std::int64_t number = 0;
  VersionId id{};
  ObjectId object{};
  static Current from(const Row& row) {
    return {.number = row.get<std::int64_t>(0),
            .id = row.get<VersionId>(1),
            .object = row.get<ObjectId>(2)};
  }
};

struct KeyOfObject {
  ObjectKey key;
  static KeyOfObject from(const Row& row) {
    return {.key = {.id = row.get<ContentId>(0),
                    .size = row.get<std::uint64_t>(1),
                    .serial = row.get<std::uint32_t>(2)}};
  }
};

}  // namespace

Version Version::from(const Row& row, int first) {
  return {.id = row.get<VersionId>(first),
          .asset = row.get<AssetId>(first + 1),
          .number = row.get<std::int64_t>(first + 2),
          .object = row.get<ObjectId>(first + 3),
          .size = row.get<std::int64_t>(first + 4),
          .mtime = row.get<Nanoseconds>(first + 5),
          .created = row.get<Nanoseconds>(first + 6),
          .author = row.get<std::string>(first + 7),
          .reason = row.get<std::string>(first + 8)};
}

Result<Version> find_version(Database& db, VersionId id) {
  return db.one<Version>(kVersionById, id);
}

Result<std::vector<Version>> versions_of(Database& db, AssetId asset) {
  std::vector<Version> versions;
  LENSFS_CHECK(db.each<Version>(
      kVersionsOf, [&](Version version) { versions.push_back(std::move(version)); }, asset));
  return versions;
}

Result<ObjectKey> object_of(Database& db, VersionId version) {
  LENSFS_TRY(const KeyOfObject found,
             db.one<KeyOfObject>("SELECT o.hash, o.size, o.serial FROM versions v"
                                 " JOIN objects o ON o.id = v.object_id WHERE v.id = ?1",
                                 version));
  return found.key;
}

Result<VersionId> insert_version_row(Transaction& txn, const Actor& actor,
                                     const NumberedVersion& at, const NewVersion& version) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO versions (asset_id, number, object_id, size, mtime_ns, created_ns, author,"
      " reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      at.asset, at.number, at.object, version.object.size, version.mtime, txn.now(), actor.name,
      version.reason));
  return static_cast<VersionId>(txn.db().last_insert_id());
}

Result<VersionId> insert_version(Transaction& txn, const Actor& actor, const NumberedVersion& at,
                                 const NewVersion& version) {
  LENSFS_TRY(const VersionId id, insert_version_row(txn, actor, at, version));
  LENSFS_CHECK(
      txn.db().run("UPDATE assets SET version_id = ?2, size = ?3, mtime_ns = ?4, changed_ns = ?5,"
                   " atime_ns = NULL, blocks = NULL WHERE id = ?1",
                   at.asset, id, version.object.size, version.mtime, txn.now()));
  return id;
}

Result<VersionId> add_version(Transaction& txn, const Actor& actor, AssetId asset,
                              const NewVersion& version) {
  LENSFS_TRY(
      const Current current,
      txn.db().one<Current>(
          "SELECT (SELECT max(number) FROM versions WHERE asset_id = a.id), v.id,"
          " v.object_id FROM assets a JOIN versions v ON v.id = a.version_id WHERE a.id = ?1",
          asset));
  LENSFS_TRY(const ObjectId object, object_row(txn, version.object));
  if (object == current.object) return current.id;
  // Whoever has the file open goes on reading what it opened.
  LENSFS_TRY(const Asset before, find_asset(txn.db(), asset));
  LENSFS_CHECK(renew_file(txn, before));
  LENSFS_TRY(
      const VersionId id,
      insert_version(txn, actor, {.asset = asset, .number = current.number + 1, .object = object},
                     version));
  LENSFS_CHECK(record_change(txn, actor, {.kind = ChangeKind::version_added, .asset = asset}));
  return id;
}

Result<VersionId> restore_version(Transaction& txn, const Actor& actor, const Version& version) {
  LENSFS_TRY(const ObjectKey object, object_of(txn.db(), version.id));
  LENSFS_TRY(const VersionId restored,
             add_version(txn, actor, version.asset,
                         {.object = object, .mtime = version.mtime, .reason = "restore"}));
  LENSFS_CHECK(copy_frames(txn, version.id, restored));
  // Frames that were deleted from the sequence come back, too.
  LENSFS_TRY(const bool came_back, show_frames(txn, restored));
  if (!came_back) return restored;
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), version.asset));
  LENSFS_CHECK(renew_file(txn, asset));
  LENSFS_CHECK(
      record_change(txn, actor, {.kind = ChangeKind::version_added, .asset = version.asset}));
  return restored;
}

}  // namespace lensfs
