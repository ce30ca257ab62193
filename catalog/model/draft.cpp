#include "catalog/model/draft.h"

#include "catalog/model/version_insert.h"

namespace lensfs {
namespace {

struct Newest {
  VersionId id{};
  std::int64_t number = 0;
  ObjectId object{};
  static Newest from(const Row& row) {
    return {.id = row.get<VersionId>(0), .number = row.integer(1), .object = row.get<ObjectId>(2)};
  }
};

// What the saved bytes say of the asset. Its ctime is the draft's, so that a stat before and after
// saving gives the same.
Status show_saved(Transaction& txn, const Draft& draft, VersionId version,
                  const SavedDraft& saved) {
  const auto mode = saved.kept ? std::optional(saved.kept->mode) : std::nullopt;
  const auto atime = saved.kept ? std::optional(saved.kept->atime) : std::nullopt;
  LENSFS_CHECK(txn.db().run(
      "UPDATE assets SET version_id = ?2, size = ?3, mtime_ns = ?4,"
      " changed_ns = max(changed_ns, ?5), kind = ?6, blocks = ?7, mode = ifnull(?8, mode),"
      " atime_ns = ifnull(?9, atime_ns) WHERE id = ?1",
      draft.asset, version, saved.object.size, saved.mtime, saved.ctime, saved.kind, saved.blocks,
      mode, atime));
  return end_draft(txn, draft.id);
}

// Whoever still has a file open that lost its name goes on seeing what was written to it.
Status show_to_holders(Transaction& txn, const Draft& draft, VersionId version,
                       const SavedDraft& saved) {
  LENSFS_CHECK(
      txn.db().run("UPDATE lost_files SET version_id = ?2, size = ?3, mtime_ns = ?4"
                   " WHERE file_id = ?1",
                   draft.file, version, saved.object.size, saved.mtime));
  return {};
}

}  // namespace

Draft Draft::from(const Row& row) {
  return {.id = row.get<DraftId>(0),
          .asset = row.get<AssetId>(1),
          .file = row.get<FileId>(2),
          .mount = row.get<std::string>(3),
          .uid = row.integer(4),
          .author = row.get<std::string>(5),
          .began = row.integer(6),
          .copied = row.get<bool>(7),
          .closed = row.get<bool>(8),
          .synced = row.get<bool>(9),
          .program = row.get<std::string>(10)};
}

Result<Draft> find_draft(Database& db, DraftId id) {
  return db.one<Draft>(Draft::kFind, id);
}

Result<std::vector<Draft>> all_drafts(Database& db) {
  std::vector<Draft> drafts;
  LENSFS_CHECK(db.each<Draft>(
      "SELECT id, asset_id, file_id, mount, uid, author, began_ns, copied, closed, synced, program"
      " FROM drafts ORDER BY id"
      " /* SCAN: there are as many as files are being written */",
      [&](Draft draft) { drafts.push_back(std::move(draft)); }));
  return drafts;
}

Result<std::vector<DraftId>> drafts_of(Database& db, AssetId asset) {
  std::vector<DraftId> drafts;
  LENSFS_CHECK(db.each<DraftId>(
      "SELECT id FROM drafts WHERE asset_id = ?1", [&](DraftId id) { drafts.push_back(id); },
      asset));
  return drafts;
}

Result<DraftId> add_draft(Transaction& txn, const Actor& actor, const Asset& asset,
                          const NewDraft& as) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO drafts (asset_id, file_id, mount, uid, author, began_ns, copied,"
      " program) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, ''))",
      asset.id, asset.file, as.mount, actor.uid, actor.name, txn.now(), as.copied, actor.program));
  return static_cast<DraftId>(txn.db().last_insert_id());
}

Status show_draft(Transaction& txn, DraftId draft) {
  LENSFS_CHECK(
      txn.db().run("UPDATE assets SET draft_id = ?1 FROM drafts d"
                   " WHERE d.id = ?1 AND assets.id = d.asset_id"
                   " AND ifnull(assets.file_id, assets.id) = d.file_id",
                   draft));
  LENSFS_CHECK(
      txn.db().run("UPDATE lost_files SET draft_id = ?1"
                   " WHERE file_id = (SELECT file_id FROM drafts WHERE id = ?1)",
                   draft));
  return {};
}

Result<DraftId> begin_draft(Transaction& txn, const Actor& actor, const Asset& asset,
                            const NewDraft& as) {
  LENSFS_TRY(const DraftId draft, add_draft(txn, actor, asset, as));
  LENSFS_TRY(const std::int64_t shown, txn.db().run("UPDATE assets SET draft_id = ?3 WHERE id = ?1"
                                                    " AND ifnull(file_id, id) = ?2",
                                                    asset.id, asset.file, draft));
  if (shown == 0) LENSFS_CHECK(show_draft(txn, draft));  // a file that lost its name
  return draft;
}

Status note_closed(Transaction& txn, DraftId draft) {
  LENSFS_CHECK(txn.db().run("UPDATE drafts SET closed = 1 WHERE id = ?1", draft));
  return {};
}

Status note_synced(Transaction& txn, DraftId draft) {
  LENSFS_CHECK(txn.db().run("UPDATE drafts SET synced = 1, closed = 0 WHERE id = ?1", draft));
  return {};
}

Status end_draft(Transaction& txn, DraftId draft) {
  LENSFS_CHECK(txn.db().run("UPDATE assets SET draft_id = NULL WHERE draft_id = ?1", draft));
  LENSFS_CHECK(
      txn.db().run("UPDATE lost_files SET draft_id = NULL WHERE draft_id = ?1"
                   " /* SCAN: few files are lost at a time */",
                   draft));
  LENSFS_CHECK(txn.db().run("DELETE FROM drafts WHERE id = ?1", draft));
  return {};
}

Result<VersionId> save_draft(Transaction& txn, const Draft& draft, const SavedDraft& saved) {
  const Actor actor{.uid = draft.uid, .name = draft.author, .program = draft.program};
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), draft.asset));
  LENSFS_TRY(const ObjectId object, object_row(txn, saved.object));
  LENSFS_TRY(const std::optional<Newest> newest,
             txn.db().maybe<Newest>("SELECT id, number, object_id FROM versions"
                                    " WHERE asset_id = ?1 ORDER BY number DESC LIMIT 1",
                                    draft.asset));
  // A file that lost its name, or was begun anew, is history at once; the asset stays as it is.
  const bool is_current = asset.draft == draft.id && (saved.shown == Shown::yes || !newest);
  if (newest && newest->object == object) {
    if (!is_current) LENSFS_CHECK(show_to_holders(txn, draft, newest->id, saved));
    LENSFS_CHECK(is_current ? show_saved(txn, draft, newest->id, saved) : end_draft(txn, draft.id));
    return newest->id;
  }
  const NumberedVersion at{
      .asset = draft.asset, .number = newest ? newest->number + 1 : 1, .object = object};
  LENSFS_TRY(
      const VersionId version,
      insert_version_row(txn, actor, at,
                         {.object = saved.object, .mtime = saved.mtime, .reason = saved.reason}));
  if (is_current) {
    LENSFS_CHECK(show_saved(txn, draft, version, saved));
  } else {
    // Of a file that was begun anew, this is what the new draft follows.
    LENSFS_CHECK(txn.db().run("UPDATE assets SET version_id = ?2 WHERE id = ?1 AND draft_id <> ?3",
                              draft.asset, version, draft.id));
    LENSFS_CHECK(show_to_holders(txn, draft, version, saved));
    LENSFS_CHECK(end_draft(txn, draft.id));
  }
  const ChangeKind kind = newest ? ChangeKind::saved : ChangeKind::asset_added;
  LENSFS_CHECK(record_change(txn, actor, {.kind = kind, .asset = asset.id, .name = asset.name}));
  return version;
}

}  // namespace lensfs
