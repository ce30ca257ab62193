#include "catalog/model/past.h"

namespace lensfs {

Status remember_past_place(Transaction& txn, FolderId folder, std::string_view name) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO past_places (folder_id, name, asset_id, since_ns, until_ns)"
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

}  // namespace lensfs
