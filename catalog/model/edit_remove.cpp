// Edits that take names away.
#include <fmt/format.h>

#include "catalog/model/edit.h"
#include "catalog/model/field.h"
#include "catalog/model/file.h"
#include "catalog/model/past.h"
#include "catalog/model/sequence.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

// Nothing of it is kept once no name leads to it.
Status let_go(Transaction& txn, const Actor& actor, const Asset& asset) {
  LENSFS_CHECK(set_state(txn, asset.id, AssetState::aside));
  return replace_tags(txn, actor, asset, {});
}

// What has a use only under a name: nothing of it is kept without one.
bool is_fleeting(const Asset& asset, Writing writing) {
  if (asset.state == AssetState::aside) return true;
  return number(asset.version) == 0 && (writing == Writing::yes || !asset.draft);
}

// Where something lay that is deleted: its folder, or none where it had no place.
struct Lay {
  FolderId folder{};
  std::string name;
  std::string above;  // the folder's path
};

Status put_into_trash(Transaction& txn, const Actor& actor, const Asset& asset, const Lay& lay) {
  LENSFS_CHECK(
      txn.db().run("INSERT INTO trash (asset_id, folder_id, name, path, uid, deleted_ns)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                   asset.id, lay.folder, lay.name, fmt::format("{}/{}", lay.above, lay.name),
                   actor.uid, txn.now()));
  LENSFS_CHECK(set_state(txn, asset.id, AssetState::trashed));
  if (is_sequence(asset)) {
    // A folder that was removed is dead to the kernel: what comes back must be another one.
    LENSFS_CHECK(show_if_all_hidden(txn, asset.version));
    LENSFS_CHECK(renew_file(txn, asset));
  }
  return record_change(txn, actor,
                       {.kind = ChangeKind::trashed, .asset = asset.id, .name = asset.name});
}

Result<Folder> find_entry_folder(Database& db, FolderSpot in, std::string_view name) {
  if (in) return find_subfolder(db, *in, name);
  LENSFS_TRY(const Project project, find_project(db, name));
  return find_folder(db, project.folder);
}

Result<bool> is_empty(Database& db, FolderId folder) {
  return db.one<bool>(
      "SELECT NOT EXISTS (SELECT 1 FROM places WHERE folder_id = ?1)"
      " AND NOT EXISTS (SELECT 1 FROM folders WHERE parent_id = ?1)",
      folder);
}

Status remove_project_row(Transaction& txn, const Actor& actor, const Folder& folder) {
  LENSFS_CHECK(
      txn.db().run("DELETE FROM sources WHERE project_id = ?1"
                   " /* SCAN: projects are rarely removed */",
                   folder.project));
  LENSFS_CHECK(txn.db().run("DELETE FROM projects WHERE id = ?1", folder.project));
  return record_change(txn, actor, {.kind = ChangeKind::project_removed, .name = folder.name});
}

}  // namespace

Status take_place(Transaction& txn, const Actor& actor, const Place& place) {
  LENSFS_CHECK(remember_past_place(txn, place.folder, place.name));
  LENSFS_CHECK(txn.db().run("DELETE FROM places WHERE id = ?1", place.id));
  LENSFS_CHECK(txn.db().run("UPDATE assets SET places = places - 1, changed_ns = ?2 WHERE id = ?1",
                            place.asset, txn.now()));
  LENSFS_CHECK(touch_folder(txn, place.folder));
  return record_change(txn, actor,
                       {.kind = ChangeKind::place_removed,
                        .asset = place.asset,
                        .folder = place.folder,
                        .name = place.name});
}

Status set_state(Transaction& txn, AssetId asset, AssetState state) {
  LENSFS_CHECK(txn.db().run("UPDATE assets SET state = ?2 WHERE id = ?1", asset, state));
  return {};
}

Result<Asset> remove_file(Transaction& txn, const Actor& actor, FolderId folder,
                          std::string_view name, Writing writing) {
  auto place = find_place(txn.db(), folder, name);
  if (!place && place.error().code() == Errc::not_found) {
    LENSFS_CHECK(find_subfolder(txn.db(), folder, name));
    return fail(Errc::is_directory);
  }
  if (!place) return fail(place.error());
  LENSFS_CHECK(take_place(txn, actor, *place));
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), place->asset));
  if (asset.places > 0) return asset;
  if (is_fleeting(asset, writing)) {
    LENSFS_CHECK(let_go(txn, actor, asset));
  } else {
    LENSFS_TRY(const std::string above, path_of(txn.db(), place->folder));
    LENSFS_CHECK(put_into_trash(txn, actor, asset,
                                {.folder = place->folder, .name = place->name, .above = above}));
  }
  return find_asset(txn.db(), asset.id);
}

Result<Asset> remove_unplaced(Transaction& txn, const Actor& actor, const Asset& asset,
                              const std::string& term) {
  if (is_fleeting(asset, Writing::no)) {
    LENSFS_CHECK(let_go(txn, actor, asset));
  } else {
    LENSFS_CHECK(put_into_trash(txn, actor, asset,
                                {.folder = {}, .name = asset.name, .above = "Tags/" + term}));
  }
  return find_asset(txn.db(), asset.id);
}

Status remove_folder(Transaction& txn, const Actor& actor, FolderSpot in, std::string_view name) {
  auto folder = find_entry_folder(txn.db(), in, name);
  if (!folder && folder.error().code() == Errc::not_found && in) {
    LENSFS_CHECK(find_place(txn.db(), *in, name));
    return fail(Errc::not_directory);
  }
  if (!folder) return fail(folder.error());
  LENSFS_TRY(const bool empty, is_empty(txn.db(), folder->id));
  if (!empty) return fail(Errc::not_empty);
  LENSFS_CHECK(remember_past_folder(txn, folder->id));
  LENSFS_CHECK(
      txn.db().run("DELETE FROM xattrs WHERE owner_kind = 1 AND owner_id = ?1", folder->id));
  LENSFS_CHECK(txn.db().run("DELETE FROM folders WHERE id = ?1", folder->id));
  if (!in) return remove_project_row(txn, actor, *folder);
  LENSFS_CHECK(touch_folder(txn, *in));
  return record_change(
      txn, actor, {.kind = ChangeKind::folder_removed, .folder = *in, .name = std::string(name)});
}

Status drop_asset(Transaction& txn, const Actor& actor, const Asset& asset) {
  Database& db = txn.db();
  LENSFS_CHECK(
      db.run("UPDATE assets SET version_id = NULL, draft_id = NULL WHERE id = ?1", asset.id));
  LENSFS_CHECK(drop_fields(txn, asset.id));
  for (const std::string_view sql :
       {"DELETE FROM asset_tags WHERE asset_id = ?1", "DELETE FROM markers WHERE asset_id = ?1",
        "DELETE FROM xattrs WHERE owner_kind = 0 AND owner_id = ?1",
        "DELETE FROM labels WHERE asset_id = ?1", "DELETE FROM trash WHERE asset_id = ?1",
        "DELETE FROM lost_files WHERE asset_id = ?1", "DELETE FROM drafts WHERE asset_id = ?1",
        "DELETE FROM past_places WHERE asset_id = ?1",
        "DELETE FROM past_asset_tags WHERE asset_id = ?1",
        "DELETE FROM sources WHERE asset_id = ?1",
        "DELETE FROM purged_versions WHERE asset_id = ?1",
        "DELETE FROM versions WHERE asset_id = ?1"}) {
    LENSFS_CHECK(db.run(sql, asset.id));
  }
  LENSFS_CHECK(db.run("DELETE FROM assets WHERE id = ?1", asset.id));
  if (asset.state == AssetState::aside) return {};
  return record_change(txn, actor,
                       {.kind = ChangeKind::removed, .asset = asset.id, .name = asset.name});
}

}  // namespace lensfs
