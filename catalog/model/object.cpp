#include <fmt/format.h>

#include "catalog/model/asset.h"
#include "catalog/model/project.h"

namespace lensfs {
namespace {

struct ObjectRow {
  ObjectKey key;
  static ObjectRow from(const Row& row) {
    return {.key = {.id = row.get<ContentId>(0),
                    .size = row.get<std::uint64_t>(1),
                    .serial = row.get<std::uint32_t>(2)}};
  }
};

struct UseRow {
  AssetId asset{};
  std::int64_t version = 0;
  std::string name;
  static UseRow from(const Row& row) {
    return {.asset = row.get<AssetId>(0),
            .version = row.get<std::int64_t>(1),
            .name = row.get<std::string>(2)};
  }
};

Result<std::string> path_of_use(Database& db, const UseRow& use) {
  LENSFS_TRY(const std::optional<Place> place,
             db.maybe<Place>("SELECT id, folder_id, name, asset_id FROM places WHERE asset_id = ?1"
                             " ORDER BY id LIMIT 1",
                             use.asset));
  if (!place) return use.name;
  LENSFS_TRY(const std::string folder, path_of(db, place->folder));
  return fmt::format("{}/{}", folder, place->name);
}

}  // namespace

Result<bool> any_object_of_size(Database& db, std::uint64_t size) {
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM objects WHERE size = ?1)", size);
}

Result<bool> is_object_named(Database& db, const ObjectKey& key) {
  return db.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM objects o WHERE o.hash = ?1 AND o.size = ?2 AND o.serial = ?3"
      " AND (EXISTS (SELECT 1 FROM versions v WHERE v.object_id = o.id)"
      " OR EXISTS (SELECT 1 FROM sequence_frames f WHERE f.object_id = o.id)"
      " OR EXISTS (SELECT 1 FROM renditions r JOIN versions v ON v.object_id = r.source_id"
      " WHERE r.object_id = o.id)))",
      key.id, key.size, key.serial);
}

Result<ObjectKey> find_object(Database& db, ObjectId id) {
  LENSFS_TRY(const ObjectRow row,
             db.one<ObjectRow>("SELECT hash, size, serial FROM objects WHERE id = ?1", id));
  return row.key;
}

Result<ObjectId> object_row(Transaction& txn, const ObjectKey& key) {
  LENSFS_TRY(const std::optional<ObjectId> known,
             txn.db().maybe<ObjectId>(
                 "SELECT id FROM objects WHERE hash = ?1 AND size = ?2 AND serial = ?3", key.id,
                 key.size, key.serial));
  if (known) return *known;
  LENSFS_CHECK(
      txn.db().run("INSERT INTO objects (hash, size, serial, created_ns) VALUES (?1, ?2, ?3, ?4)",
                   key.id, key.size, key.serial, txn.now()));
  return static_cast<ObjectId>(txn.db().last_insert_id());
}

Result<std::vector<ObjectUse>> uses_of_object(Database& db, const ObjectKey& key) {
  std::vector<ObjectUse> uses;
  LENSFS_CHECK(db.each<UseRow>(
      "SELECT v.asset_id, v.number, a.name FROM objects o JOIN versions v ON v.object_id = o.id"
      " JOIN assets a ON a.id = v.asset_id WHERE o.hash = ?1 AND o.size = ?2 AND o.serial = ?3"
      " UNION SELECT v.asset_id, v.number, a.name FROM objects o"
      " JOIN sequence_frames f ON f.object_id = o.id JOIN versions v ON v.id = f.version_id"
      " JOIN assets a ON a.id = v.asset_id WHERE o.hash = ?1 AND o.size = ?2 AND o.serial = ?3"
      " ORDER BY 1, 2",
      [&](const UseRow& use) -> Status {
        LENSFS_TRY(std::string path, path_of_use(db, use));
        uses.push_back({.asset = use.asset, .version = use.version, .path = std::move(path)});
        return {};
      },
      key.id, key.size, key.serial));
  return uses;
}

Status each_object_row(Database& db, const std::function<Status(ObjectKey)>& visit) {
  return db.each<ObjectRow>("SELECT hash, size, serial FROM objects /* SCAN: every object */",
                            [&](const ObjectRow& row) { return visit(row.key); });
}

Status forget_object(Transaction& txn, const ObjectKey& key) {
  LENSFS_TRY(const bool is_named, is_object_named(txn.db(), key));
  if (is_named) return {};
  LENSFS_CHECK(
      txn.db().run("DELETE FROM renditions WHERE object_id ="
                   " (SELECT id FROM objects WHERE hash = ?1 AND size = ?2 AND serial = ?3)",
                   key.id, key.size, key.serial));
  LENSFS_CHECK(txn.db().run("DELETE FROM objects WHERE hash = ?1 AND size = ?2 AND serial = ?3",
                            key.id, key.size, key.serial));
  return {};
}

}  // namespace lensfs
