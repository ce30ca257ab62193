// Changes to projects, folders and places; project.cpp reads them.
#include "catalog/model/edit.h"
#include "catalog/model/names.h"
#include "catalog/model/project.h"

namespace lensfs {
namespace {

struct FolderSpot {
  ProjectId project{};
  std::optional<FolderId> parent;
};

Result<FolderId> insert_folder(Transaction& txn, const FolderSpot& spot, const NewFolder& folder) {
  LENSFS_CHECK(check_name(folder.name));
  const std::optional<Blob> raw =
      folder.raw_name ? std::optional<Blob>(Blob{*folder.raw_name}) : std::nullopt;
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO folders (project_id, parent_id, name, raw_name, uid, gid, mode, mtime_ns,"
      " changed_ns, since_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
      spot.project, spot.parent, folder.name, raw, folder.uid, folder.gid, folder.mode,
      folder.mtime.value_or(txn.now()), txn.now()));
  return static_cast<FolderId>(txn.db().last_insert_id());
}

}  // namespace

Status touch_folder(Transaction& txn, FolderId folder) {
  LENSFS_CHECK(
      txn.db().run("UPDATE folders SET mtime_ns = ?2, changed_ns = ?2 WHERE id = ?1 AND"
                   " (mtime_ns <> ?2 OR changed_ns <> ?2)",
                   folder, txn.now()));
  return {};
}

Result<Project> add_project(Transaction& txn, const Actor& actor, const NewFolder& as) {
  LENSFS_CHECK(check_name(as.name));
  // The project and its folder name each other: the reference is checked at commit.
  LENSFS_CHECK(txn.db().run("INSERT INTO projects (name, folder_id, created_ns) VALUES (?1, 0, ?2)",
                            as.name, txn.now()));
  const auto id = static_cast<ProjectId>(txn.db().last_insert_id());
  LENSFS_TRY(const FolderId folder,
             insert_folder(txn, {.project = id, .parent = std::nullopt}, as));
  LENSFS_CHECK(txn.db().run("UPDATE projects SET folder_id = ?2 WHERE id = ?1", id, folder));
  LENSFS_CHECK(record_change(txn, actor, {.kind = ChangeKind::project_added, .name = as.name}));
  return Project{.id = id, .name = as.name, .folder = folder, .created = txn.now()};
}

Result<FolderId> add_folder(Transaction& txn, const Actor& actor, FolderId parent,
                            const NewFolder& folder) {
  LENSFS_TRY(const Folder above, find_folder(txn.db(), parent));
  LENSFS_TRY(
      const bool taken,
      txn.db().one<bool>("SELECT EXISTS (SELECT 1 FROM places WHERE folder_id = ?1 AND name = ?2)",
                         parent, folder.name));
  if (taken) return fail(Errc::exists, "a file has this name");
  LENSFS_TRY(const FolderId id,
             insert_folder(txn, {.project = above.project, .parent = parent}, folder));
  LENSFS_CHECK(touch_folder(txn, parent));
  LENSFS_CHECK(record_change(
      txn, actor, {.kind = ChangeKind::folder_added, .folder = parent, .name = folder.name}));
  return id;
}

Result<PlaceId> add_place(Transaction& txn, const Actor& actor, FolderId folder, AssetId asset,
                          const NewPlace& place) {
  LENSFS_CHECK(check_name(place.name));
  LENSFS_TRY(
      const bool taken,
      txn.db().one<bool>("SELECT EXISTS (SELECT 1 FROM folders WHERE parent_id = ?1 AND name = ?2)",
                         folder, place.name));
  if (taken) return fail(Errc::exists, "a folder has this name");
  const std::optional<Blob> raw =
      place.raw_name ? std::optional<Blob>(Blob{*place.raw_name}) : std::nullopt;
  LENSFS_CHECK(
      txn.db().run("INSERT INTO places (folder_id, name, raw_name, asset_id, since_ns)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)",
                   folder, place.name, raw, asset, txn.now()));
  const auto id = static_cast<PlaceId>(txn.db().last_insert_id());
  LENSFS_CHECK(txn.db().run("UPDATE assets SET places = places + 1, changed_ns = ?2 WHERE id = ?1",
                            asset, txn.now()));
  LENSFS_CHECK(touch_folder(txn, folder));
  LENSFS_CHECK(record_change(
      txn, actor,
      {.kind = ChangeKind::place_added, .asset = asset, .folder = folder, .name = place.name}));
  return id;
}

}  // namespace lensfs
