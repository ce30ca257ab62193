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

Status restore_to(Transaction& txn, const Actor& actor, const Asset& asset, FolderId folder,
                  const NewPlace& place) {
  if (asset.state != AssetState::trashed) return fail(Errc::not_permitted);
  LENSFS_CHECK(txn.db().run("DELETE FROM trash WHERE asset_id = ?1", asset.id));
  LENSFS_CHECK(set_state(txn, asset.id, AssetState::live));
  LENSFS_CHECK(add_place(txn, actor, folder, asset.id, place));
  LENSFS_CHECK(set_flat_name(txn, actor, asset, place.name));
  return record_change(txn, actor,
                       {.kind = ChangeKind::restored, .asset = asset.id, .name = place.name});
}

Status purge(Transaction& txn, const Actor& actor, const Asset& asset) {
  if (asset.state != AssetState::trashed) return fail(Errc::not_permitted);
  return drop_asset(txn, actor, asset);
}

}  // namespace lensfs
