// Edits that make names.
#include <sys/stat.h>

#include "catalog/base/text.h"
#include "catalog/model/edit.h"
#include "catalog/model/file.h"
#include "catalog/model/identity.h"
#include "catalog/model/kind.h"
#include "catalog/model/names.h"

namespace lensfs {
namespace {

// The asset whose name was freed a moment ago gets it back, with a new, empty file.
Result<Asset> revive(Transaction& txn, const Actor& actor, const Asset& asset, FolderId folder,
                     const NewFile& file) {
  LENSFS_CHECK(reclaim(txn, actor, asset));
  LENSFS_TRY(const Asset again, find_asset(txn.db(), asset.id));
  LENSFS_TRY([[maybe_unused]] const FileId fresh, renew_file(txn, again));
  LENSFS_CHECK(txn.db().run(
      "UPDATE assets SET mode = ?2, uid = ?3, gid = ?4, changed_ns = ?5, mtime_ns = ?5,"
      " atime_ns = NULL, size = 0, name = ?6, name_key = ?7 WHERE id = ?1",
      asset.id, file.mode, file.uid, file.gid, txn.now(), file.name, fold_name(file.name)));
  LENSFS_CHECK(
      add_place(txn, actor, folder, asset.id, {.name = file.name, .raw_name = file.raw_name}));
  LENSFS_CHECK(record_change(
      txn, actor, {.kind = ChangeKind::version_added, .asset = asset.id, .name = file.name}));
  return find_asset(txn.db(), asset.id);
}

}  // namespace

Result<Asset> create_unplaced(Transaction& txn, const Actor& actor, const NewFile& file,
                              AssetState state) {
  const std::optional<Blob> target =
      file.target.empty() ? std::nullopt : std::optional<Blob>(Blob{file.target});
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO assets (name, name_key, kind, uid, gid, mode, created_ns, changed_ns, mtime_ns,"
      " size, state, type, target) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7, ?8, ?9, ?10, ?11)",
      file.name, fold_name(file.name), kind_of({}, file.name), file.uid, file.gid, file.mode,
      txn.now(), file.target.size(), state, file.type, target));
  const auto id = static_cast<AssetId>(txn.db().last_insert_id());
  if (state == AssetState::live) {
    LENSFS_CHECK(record_change(txn, actor,
                               {.kind = ChangeKind::asset_added, .asset = id, .name = file.name}));
  }
  return find_asset(txn.db(), id);
}

Result<Asset> create_file(Transaction& txn, const Actor& actor, FolderId folder,
                          const NewFile& file, const ScratchNames& scratch) {
  LENSFS_CHECK(check_name(file.name));
  const bool aside = file.type != 0 || scratch.matches(file.name);
  if (!aside) {
    LENSFS_TRY(const std::optional<Asset> before, vacated_by(txn, {.folder = folder,
                                                                   .name = file.name,
                                                                   .comes_from = {},
                                                                   .may_change = file.may_change}));
    if (before) return revive(txn, actor, *before, folder, file);
  }
  LENSFS_TRY(Asset asset,
             create_unplaced(txn, actor, file, aside ? AssetState::aside : AssetState::live));
  LENSFS_CHECK(
      add_place(txn, actor, folder, asset.id, {.name = file.name, .raw_name = file.raw_name}));
  asset.places = 1;
  return asset;
}

Result<FolderId> create_folder(Transaction& txn, const Actor& actor, FolderSpot in,
                               const NewFolder& folder) {
  if (in) return add_folder(txn, actor, *in, folder);
  if (folder.name == kInboxName) return fail(Errc::not_permitted, "the inbox has this name");
  LENSFS_TRY(const Project project, add_project(txn, actor, folder));
  return project.folder;
}

Status link_file(Transaction& txn, const Actor& actor, const Asset& asset, FolderId folder,
                 const NewPlace& place) {
  if (asset.state == AssetState::trashed) return fail(Errc::not_permitted);
  LENSFS_CHECK(add_place(txn, actor, folder, asset.id, place));
  // A file without a name (O_TMPFILE) becomes an asset with its first one.
  if (asset.places > 0 || asset.state != AssetState::aside || asset.type != 0) return {};
  LENSFS_CHECK(set_state(txn, asset.id, AssetState::live));
  LENSFS_CHECK(txn.db().run("UPDATE assets SET name = ?2, name_key = ?3 WHERE id = ?1", asset.id,
                            place.name, fold_name(place.name)));
  return record_change(txn, actor,
                       {.kind = ChangeKind::asset_added, .asset = asset.id, .name = place.name});
}

}  // namespace lensfs
