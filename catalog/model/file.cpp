#include "catalog/model/file.h"

#include <fmt/format.h>

namespace lensfs {

LostFile LostFile::from(const Row& row) {
  return {.file = row.get<FileId>(0),
          .asset = row.get<AssetId>(1),
          .version = row.get<std::optional<VersionId>>(2),
          .draft = row.get<std::optional<DraftId>>(3),
          .mode = row.integer(4),
          .uid = row.integer(5),
          .gid = row.integer(6),
          .size = row.integer(7),
          .mtime = row.integer(8),
          .changed = row.integer(9)};
}

Result<LostFile> find_lost_file(Database& db, FileId file) {
  return db.one<LostFile>(
      "SELECT file_id, asset_id, version_id, draft_id, mode, uid, gid, size, mtime_ns, changed_ns"
      " FROM lost_files WHERE file_id = ?1",
      file);
}

Result<std::vector<LostFile>> lost_files_of(Database& db, AssetId asset) {
  std::vector<LostFile> files;
  LENSFS_CHECK(db.each<LostFile>(
      "SELECT file_id, asset_id, version_id, draft_id, mode, uid, gid, size, mtime_ns, changed_ns"
      " FROM lost_files WHERE asset_id = ?1",
      [&](LostFile file) { files.push_back(file); }, asset));
  return files;
}

Status each_lost_file(Database& db, const std::function<void(const LostFile&)>& visit) {
  return db.each<LostFile>(
      "SELECT file_id, asset_id, version_id, draft_id, mode, uid, gid, size, mtime_ns, changed_ns"
      " FROM lost_files /* SCAN: all of them */",
      visit);
}

Status replace_file(Transaction& txn, const Asset& asset, FileId by) {
  const std::optional<VersionId> version =
      number(asset.version) != 0 ? std::optional(asset.version) : std::nullopt;
  LENSFS_CHECK(txn.db().run(
      "INSERT OR REPLACE INTO lost_files (file_id, asset_id, version_id, draft_id, mode, uid, gid,"
      " size, mtime_ns, changed_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      asset.file, asset.id, version, asset.draft, asset.mode, asset.uid, asset.gid, asset.size,
      asset.mtime, txn.now()));
  LENSFS_CHECK(
      txn.db().run("UPDATE assets SET file_id = ?2, draft_id = NULL WHERE id = ?1", asset.id, by));
  return {};
}

Result<FileId> renew_file(Transaction& txn, const Asset& asset) {
  LENSFS_CHECK(
      txn.db().run("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'assets'"
                   " /* SCAN: a table of a few rows */"));
  LENSFS_TRY(const FileId fresh,
             txn.db().one<FileId>("SELECT seq FROM sqlite_sequence WHERE name = 'assets'"
                                  " /* SCAN: a table of a few rows */"));
  LENSFS_CHECK(replace_file(txn, asset, fresh));
  return fresh;
}

Showing::FrameOf Showing::FrameOf::from(const Row& row) {
  return {.version = row.get<VersionId>(0), .frame = row.get<FrameNumber>(1)};
}

Result<Showing> showing(Database& db, const ObjectKey& object) {
  Showing all;
  LENSFS_CHECK(db.each<VersionId>(
      "SELECT v.id FROM objects o JOIN versions v ON v.object_id = o.id"
      " WHERE o.hash = ?1 AND o.size = ?2 AND o.serial = ?3",
      [&](VersionId version) { all.versions.push_back(version); }, object.id, object.size,
      object.serial));
  for (const VersionId version : all.versions) {
    LENSFS_CHECK(db.each<FileId>(
        "SELECT ifnull(file_id, id) FROM assets WHERE version_id = ?1"
        " UNION ALL SELECT file_id FROM lost_files WHERE version_id = ?1"
        " /* SCAN: few files are lost at a time */",
        [&](FileId file) { all.files.push_back(file); }, version));
  }
  LENSFS_CHECK(db.each<Showing::FrameOf>(
      "SELECT f.version_id, f.frame FROM objects o JOIN sequence_frames f ON f.object_id = o.id"
      " WHERE o.hash = ?1 AND o.size = ?2 AND o.serial = ?3",
      [&](Showing::FrameOf frame) { all.frames.push_back(frame); }, object.id, object.size,
      object.serial));
  return all;
}

Result<bool> is_nameless(Database& db, const Asset& asset) {
  if (asset.state != AssetState::aside || asset.places > 0) return false;
  return db.one<bool>("SELECT NOT EXISTS (SELECT 1 FROM asset_tags WHERE asset_id = ?1)", asset.id);
}

namespace {

// Of what is aside and has no place.
std::string unplaced_where(std::string_view condition) {
  return fmt::format(
      "SELECT {} FROM assets a WHERE a.state = 1 AND a.places = 0 AND {}"
      " ORDER BY a.id /* SCAN: of an index that has no others */",
      Asset::kColumns, condition);
}

template <typename... Values>
Result<std::vector<Asset>> assets_of(Database& db, const std::string& sql,
                                     const Values&... values) {
  std::vector<Asset> assets;
  LENSFS_CHECK(db.each<Asset>(
      sql, [&](Asset asset) { assets.push_back(std::move(asset)); }, values...));
  return assets;
}

}  // namespace

Result<std::vector<Asset>> nameless_assets(Database& db) {
  static const std::string kNameless =
      unplaced_where("NOT EXISTS (SELECT 1 FROM asset_tags t WHERE t.asset_id = a.id)");
  return assets_of(db, kNameless);
}

Result<std::vector<Asset>> aside_in_term(Database& db, TagId term) {
  static const std::string kInTerm = unplaced_where(
      "EXISTS (SELECT 1 FROM asset_tags t WHERE t.asset_id = a.id AND t.tag_id = ?1)");
  return assets_of(db, kInTerm, term);
}

Status forget_lost_file(Transaction& txn, FileId file) {
  LENSFS_CHECK(txn.db().run("DELETE FROM lost_files WHERE file_id = ?1", file));
  return {};
}

Status forget_lost_files(Transaction& txn, Nanoseconds before) {
  LENSFS_CHECK(
      txn.db().run("DELETE FROM lost_files WHERE changed_ns < ?1 AND draft_id IS NULL"
                   " /* SCAN: once, when a mount begins */",
                   before));
  return {};
}

}  // namespace lensfs
