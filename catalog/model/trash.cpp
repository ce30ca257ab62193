#include "catalog/model/trash.h"

#include "catalog/model/edit.h"

namespace lensfs {

Trashed Trashed::from(const Row& row) {
  return {.id = row.integer(0),
          .asset = row.get<AssetId>(1),
          .folder = row.get<FolderId>(2),
          .name = row.get<std::string>(3),
          .path = row.get<std::string>(4),
          .uid = row.integer(5),
          .deleted = row.integer(6)};
}

Result<std::vector<Trashed>> all_trashed(Database& db) {
  std::vector<Trashed> all;
  LENSFS_CHECK(db.each<Trashed>(
      "SELECT id, asset_id, folder_id, name, path, uid, deleted_ns FROM trash ORDER BY id"
      " /* SCAN: all of it */",
      [&](Trashed trashed) { all.push_back(std::move(trashed)); }));
  return all;
}

Result<Trashed> find_trashed(Database& db, AssetId asset) {
  return db.one<Trashed>(
      "SELECT id, asset_id, folder_id, name, path, uid, deleted_ns FROM trash WHERE asset_id = ?1"
      " ORDER BY id DESC LIMIT 1",
      asset);
}

Result<Nanoseconds> trash_changed(Database& db) {
  return db.one<Nanoseconds>(
      "SELECT ifnull((SELECT deleted_ns FROM trash ORDER BY id DESC LIMIT 1),"
      " (SELECT created_ns FROM library))");
}

namespace {

Status take_out(Transaction& txn, const Asset& asset) {
  if (asset.state != AssetState::trashed) return fail(Errc::not_permitted);
  LENSFS_CHECK(txn.db().run("DELETE FROM trash WHERE asset_id = ?1", asset.id));
  return set_state(txn, asset.id, AssetState::live);
}

}  // namespace

Status restore_unplaced(Transaction& txn, const Actor& actor, const Asset& asset) {
  LENSFS_CHECK(take_out(txn, asset));
  return record_change(txn, actor,
                       {.kind = ChangeKind::restored, .asset = asset.id, .name = asset.name});
}

Status restore_to(Transaction& txn, const Actor& actor, const Asset& asset, FolderId folder,
                  const NewPlace& place) {
  LENSFS_CHECK(take_out(txn, asset));
  LENSFS_CHECK(add_place(txn, actor, folder, asset.id, place));
  LENSFS_CHECK(set_flat_name(txn, actor, asset, place.name));
  return record_change(txn, actor,
                       {.kind = ChangeKind::restored, .asset = asset.id, .name = place.name});
}

Status condemn(Transaction& txn, const Actor& actor, const Asset& asset) {
  if (asset.state != AssetState::trashed) return fail(Errc::not_permitted);
  LENSFS_TRY(const std::vector<Version> versions, versions_of(txn.db(), asset.id));
  for (const Version& version : versions) {
    LENSFS_CHECK(record_change(txn, actor,
                               {.kind = ChangeKind::version_purged,
                                .asset = asset.id,
                                .name = "v" + std::to_string(version.number),
                                .version = version.id}));
  }
  for (const std::string_view sql :
       {"DELETE FROM trash WHERE asset_id = ?1", "DELETE FROM labels WHERE asset_id = ?1",
        "DELETE FROM asset_tags WHERE asset_id = ?1",
        "DELETE FROM past_asset_tags WHERE asset_id = ?1",
        "DELETE FROM past_places WHERE asset_id = ?1"}) {
    LENSFS_CHECK(txn.db().run(sql, asset.id));
  }
  LENSFS_CHECK(set_state(txn, asset.id, AssetState::aside));
  return record_change(
      txn, actor,
      {.kind = ChangeKind::removed, .asset = asset.id, .name = asset.name, .file = asset.file});
}

Status purge(Transaction& txn, const Actor& actor, const Asset& asset) {
  LENSFS_CHECK(condemn(txn, actor, asset));
  LENSFS_TRY(const Asset condemned, find_asset(txn.db(), asset.id));
  return drop_asset(txn, actor, condemned);
}

}  // namespace lensfs
