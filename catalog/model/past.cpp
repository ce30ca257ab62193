#include "catalog/model/past.h"

namespace lensfs {

Status remember_past_place(Transaction& txn, FolderId folder, std::string_view name) {
  LENSFS_CHECK(
      txn.db().run("INSERT INTO past_places (folder_id, name, asset_id, since_ns, until_ns)"
                   " SELECT folder_id, name, asset_id, since_ns, ?3 FROM places"
                   " WHERE folder_id = ?1 AND name = ?2",
                   folder, name, txn.now()));
  return {};
}

Status remember_past_folder(Transaction& txn, FolderId folder) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO past_folders (folder_id, project_id, parent_id, name, uid, gid, mode, since_ns,"
      " until_ns) SELECT id, project_id, parent_id, name, uid, gid, mode, since_ns, ?2"
      " FROM folders WHERE id = ?1",
      folder, txn.now()));
  return {};
}

Status remember_past_tag(Transaction& txn, TagId tag) {
  LENSFS_CHECK(
      txn.db().run("INSERT INTO past_tags (tag_id, parent_id, name, path, since_ns, until_ns)"
                   " SELECT id, parent_id, name, path, since_ns, ?2 FROM tags WHERE id = ?1",
                   tag, txn.now()));
  return {};
}

Status remember_past_link(Transaction& txn, AssetId asset, TagId tag) {
  LENSFS_CHECK(
      txn.db().run("INSERT INTO past_asset_tags (asset_id, tag_id, since_ns, until_ns)"
                   " SELECT asset_id, tag_id, since_ns, ?3 FROM asset_tags"
                   " WHERE asset_id = ?1 AND tag_id = ?2",
                   asset, tag, txn.now()));
  return {};
}

Status remember_past_links(Transaction& txn, TagId tag) {
  LENSFS_CHECK(
      txn.db().run("INSERT INTO past_asset_tags (asset_id, tag_id, since_ns, until_ns)"
                   " SELECT asset_id, tag_id, since_ns, ?2 FROM asset_tags WHERE tag_id = ?1",
                   tag, txn.now()));
  return {};
}

Result<Folder> find_past_folder(Database& db, FolderId folder) {
  return db.one<Folder>(
      "SELECT folder_id, project_id, parent_id, name, uid, gid, mode, until_ns, until_ns"
      " FROM past_folders WHERE folder_id = ?1 ORDER BY until_ns DESC LIMIT 1",
      folder);
}

}  // namespace lensfs
