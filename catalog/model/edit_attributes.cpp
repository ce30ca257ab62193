// Edits of what stat(2) shows: modes, owners, times.
#include <sys/stat.h>

#include "catalog/model/edit.h"

namespace lensfs {
namespace {

// A change of owner takes the set-id bits of a regular file away, as Linux does.
std::int64_t mode_after(const Asset& asset, const NewAttributes& to) {
  std::int64_t mode = to.mode.value_or(asset.mode);
  if ((to.uid || to.gid) && !to.mode && asset.type == 0) {
    mode &= ~std::int64_t{S_ISUID};
    if ((mode & S_IXGRP) != 0) mode &= ~std::int64_t{S_ISGID};
  }
  return mode;
}

}  // namespace

Result<Asset> change_attributes(Transaction& txn, const Actor& actor, const Asset& asset,
                                const NewAttributes& to) {
  Asset then = asset;
  then.mode = mode_after(asset, to);
  then.uid = to.uid.value_or(asset.uid);
  then.gid = to.gid.value_or(asset.gid);
  then.atime = to.atime.value_or(asset.atime.value_or(asset.mtime));
  then.mtime = to.mtime.value_or(asset.mtime);
  then.changed = txn.now();
  LENSFS_CHECK(
      txn.db().run("UPDATE assets SET mode = ?2, uid = ?3, gid = ?4, atime_ns = ?5, mtime_ns = ?6,"
                   " changed_ns = ?7 WHERE id = ?1",
                   then.id, then.mode, then.uid, then.gid, then.atime, then.mtime, then.changed));
  LENSFS_CHECK(
      record_change(txn, actor, {.kind = ChangeKind::attributes_changed, .asset = asset.id}));
  return then;
}

Status change_attributes(Transaction& txn, const Actor& actor, FolderId folder,
                         const NewAttributes& to) {
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("UPDATE folders SET mode = ifnull(?2, mode), uid = ifnull(?3, uid),"
                          " gid = ifnull(?4, gid), mtime_ns = ifnull(?5, mtime_ns),"
                          " changed_ns = ?6 WHERE id = ?1",
                          folder, to.mode, to.uid, to.gid, to.mtime, txn.now()));
  if (rows == 0) return fail(Errc::stale);
  return record_change(txn, actor, {.kind = ChangeKind::attributes_changed, .folder = folder});
}

Result<std::string> link_target(Database& db, AssetId asset) {
  return db.one<std::string>("SELECT target FROM assets WHERE id = ?1", asset);
}

}  // namespace lensfs
