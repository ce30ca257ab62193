#include "catalog/model/identity.h"

#include "catalog/base/text.h"
#include "catalog/model/access.h"
#include "catalog/model/edit.h"
#include "catalog/model/field.h"
#include "catalog/model/file.h"
#include "catalog/model/marker.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

// How old an asset with tags or fields of its own may be and still be taken for a temporary file.
constexpr Nanoseconds kYoung = 60 * kNanosecondsPerSecond;

struct Saved {
  std::int64_t count = 0;
  Nanoseconds first = 0;
  static Saved from(const Row& row) { return {.count = row.integer(0), .first = row.integer(1)}; }
};

Result<Saved> saved_versions(Database& db, AssetId asset) {
  return db.one<Saved>(
      "SELECT count(*), ifnull(min(created_ns), 0) FROM versions WHERE asset_id = ?1", asset);
}

Result<bool> has_metadata(Database& db, AssetId asset) {
  return db.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM asset_tags WHERE asset_id = ?1)"
      " OR EXISTS (SELECT 1 FROM fields WHERE asset_id = ?1)",
      asset);
}

Result<bool> is_in_trash_from(Database& db, AssetId asset, FolderId folder, std::string_view name) {
  return db.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM trash WHERE folder_id = ?2 AND name = ?3 AND asset_id = ?1)",
      asset, folder, name);
}

// Whose place a name was, and until when.
struct Vacated {
  AssetId asset{};
  Nanoseconds until = 0;
  static Vacated from(const Row& row) { return {row.get<AssetId>(0), row.integer(1)}; }
};

// A rename gives the new name in the moment that takes the old one; another link of the file that
// was there before is no rename.
Result<bool> was_moved_aside(Database& db, const Vacancy& vacancy, const Vacated& vacated) {
  return db.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM places WHERE asset_id = ?1 AND folder_id IN (?2, ?3)"
      " AND since_ns = ?4)",
      vacated.asset, vacancy.folder, vacancy.comes_from.value_or(vacancy.folder), vacated.until);
}

// A new asset that has what `asset` has: its file, its current bytes, its tags and attributes.
Result<AssetId> split_off(Transaction& txn, const Actor& actor, const Asset& asset,
                          const Place& place) {
  Database& db = txn.db();
  LENSFS_CHECK(replace_file(txn, asset, FileId{-number(asset.id)}));  // frees the number
  LENSFS_CHECK(db.run(
      "INSERT INTO assets (name, name_key, kind, uid, gid, mode, places, created_ns, changed_ns,"
      " size, mtime_ns, file_id, draft_id, state, type, atime_ns)"
      " SELECT ?2, ?3, kind, uid, gid, mode, 1, created_ns, changed_ns, size, mtime_ns, ?4, ?5,"
      " state, type, atime_ns FROM assets WHERE id = ?1",
      asset.id, place.name, fold_name(place.name), asset.file, asset.draft));
  const auto copy = static_cast<AssetId>(db.last_insert_id());
  LENSFS_CHECK(db.run("DELETE FROM lost_files WHERE file_id = ?1", asset.file));
  LENSFS_CHECK(db.run("UPDATE drafts SET asset_id = ?2 WHERE asset_id = ?1 AND file_id = ?3",
                      asset.id, copy, asset.file));
  if (number(asset.version) != 0) {
    LENSFS_CHECK(db.run(
        "INSERT INTO versions (asset_id, number, object_id, size, mtime_ns, created_ns, author,"
        " reason) SELECT ?2, 1, object_id, size, mtime_ns, ?3, author, 'copy' FROM versions"
        " WHERE id = ?1",
        asset.version, copy, txn.now()));
    LENSFS_CHECK(
        db.run("UPDATE assets SET version_id = ?2 WHERE id = ?1", copy, db.last_insert_id()));
  }
  LENSFS_CHECK(
      db.run("INSERT INTO asset_tags (asset_id, tag_id, since_ns)"
             " SELECT ?2, tag_id, ?3 FROM asset_tags WHERE asset_id = ?1",
             asset.id, copy, txn.now()));
  LENSFS_CHECK(copy_fields(txn, asset.id, copy));
  LENSFS_CHECK(
      db.run("INSERT INTO xattrs (owner_kind, owner_id, name, value)"
             " SELECT 0, ?2, name, value FROM xattrs WHERE owner_kind = 0 AND"
             " owner_id = ?1",
             asset.id, copy));
  LENSFS_CHECK(db.run("UPDATE places SET asset_id = ?2 WHERE id = ?1", place.id, copy));
  LENSFS_CHECK(db.run("UPDATE assets SET places = places - 1 WHERE id = ?1", asset.id));
  LENSFS_CHECK(record_change(txn, actor,
                             {.kind = ChangeKind::asset_added, .asset = copy, .name = place.name}));
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(db, copy));
  for (const Tag& tag : tags) {
    LENSFS_CHECK(record_change(
        txn, actor,
        {.kind = ChangeKind::tagged, .asset = copy, .tag = tag.id, .name = place.name}));
  }
  LENSFS_CHECK(copy_access_rule(txn, actor, asset.id, copy));
  return copy;
}

// The versions of `from` become the newest of `into`; one that only repeats the bytes is dropped.
Status merge_versions(Transaction& txn, const Asset& from, const Asset& into) {
  Database& db = txn.db();
  if (number(from.version) == 0) return {};
  LENSFS_TRY(const auto same,
             db.maybe<bool>("SELECT a.object_id = b.object_id FROM versions a, versions b"
                            " WHERE a.id = ?1 AND b.id = ?2",
                            from.version, into.version));
  if (same.value_or(false)) {
    LENSFS_CHECK(
        db.run("UPDATE OR IGNORE labels SET asset_id = ?2, version_id = ?3 WHERE asset_id = ?1",
               from.id, into.id, into.version));
    LENSFS_CHECK(db.run("DELETE FROM labels WHERE asset_id = ?1", from.id));
    LENSFS_CHECK(db.run("UPDATE assets SET version_id = NULL WHERE id = ?1", from.id));
    LENSFS_CHECK(
        db.run("UPDATE lost_files SET version_id = ?3 WHERE asset_id = ?1 AND version_id = ?2",
               from.id, from.version, into.version));
    LENSFS_CHECK(db.run("DELETE FROM versions WHERE id = ?1", from.version));
    return {};
  }
  LENSFS_CHECK(
      db.run("UPDATE OR REPLACE labels SET asset_id = ?2 WHERE asset_id = ?1", from.id, into.id));
  LENSFS_CHECK(
      db.run("UPDATE versions SET asset_id = ?2, reason = 'save', number = number +"
             " (SELECT ifnull(max(number), 0) FROM versions WHERE asset_id = ?2)"
             " WHERE asset_id = ?1",
             from.id, into.id));
  LENSFS_CHECK(db.run("UPDATE assets SET version_id = ?2 WHERE id = ?1", into.id, from.version));
  return {};
}

// What was set on the file on its way wins over what the asset had.
Status merge_metadata(Transaction& txn, const Actor& actor, const Asset& from, const Asset& into) {
  Database& db = txn.db();
  LENSFS_CHECK(
      db.run("UPDATE OR REPLACE xattrs SET owner_id = ?2 WHERE owner_kind = 0 AND"
             " owner_id = ?1",
             from.id, into.id));
  LENSFS_CHECK(move_fields(txn, from.id, into.id));
  LENSFS_CHECK(move_markers(txn, from.id, into.id));
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(db, from.id));
  if (tags.empty()) return {};
  std::vector<std::string> paths;
  for (const Tag& tag : tags) paths.push_back(tag.path);
  LENSFS_CHECK(replace_tags(txn, actor, from, {}));
  return replace_tags(txn, actor, into, paths);
}

}  // namespace

Result<std::optional<Asset>> vacated_by(Transaction& txn, const Vacancy& vacancy) {
  const FolderId folder = vacancy.folder;
  const std::string_view name = vacancy.name;
  LENSFS_TRY(const std::optional<Vacated> vacated,
             txn.db().maybe<Vacated>(
                 "SELECT asset_id, until_ns FROM past_places WHERE folder_id = ?1 AND name = ?2"
                 " AND until_ns > ?3 ORDER BY until_ns DESC LIMIT 1",
                 folder, name, txn.now() - kNameGrace));
  if (!vacated) return std::optional<Asset>();
  auto asset = find_asset(txn.db(), vacated->asset);
  if (!asset && asset.error().code() == Errc::not_found) return std::optional<Asset>();
  if (!asset) return fail(asset.error());
  if (asset->type != 0) return std::optional<Asset>();
  if (vacancy.may_change) {
    LENSFS_TRY(const bool may, vacancy.may_change(txn.db(), asset->id));
    if (!may) return std::optional<Asset>();
  }
  bool claims = false;
  if (asset->state == AssetState::trashed) {
    LENSFS_TRY(claims, is_in_trash_from(txn.db(), asset->id, folder, name));
  } else if (asset->state == AssetState::live && asset->places == 1) {
    LENSFS_TRY(claims, was_moved_aside(txn.db(), vacancy, *vacated));
  }
  return claims ? std::optional(*std::move(asset)) : std::nullopt;
}

Result<bool> was_vacated(Database& db, FolderId folder, std::string_view name, Nanoseconds now) {
  return db.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM past_places WHERE folder_id = ?1 AND name = ?2"
      " AND until_ns > ?3)",
      folder, name, now - kNameGrace);
}

Result<bool> is_passing(Transaction& txn, const Asset& asset) {
  if (asset.places > 1 || asset.type != 0 || asset.state == AssetState::trashed) return false;
  LENSFS_TRY(const bool ruled, has_access_rule(txn.db(), asset.id));
  if (ruled) return false;
  if (number(asset.version) == 0) return true;
  LENSFS_TRY(const Saved saved, saved_versions(txn.db(), asset.id));
  if (saved.count > 1) return false;
  if (saved.first > txn.now() - kYoung) return true;
  LENSFS_TRY(const bool described, has_metadata(txn.db(), asset.id));
  return !described;
}

Status reclaim(Transaction& txn, const Actor& actor, const Asset& asset) {
  if (asset.state == AssetState::trashed) {
    LENSFS_CHECK(txn.db().run("DELETE FROM trash WHERE asset_id = ?1", asset.id));
    LENSFS_CHECK(set_state(txn, asset.id, AssetState::live));
    return record_change(txn, actor,
                         {.kind = ChangeKind::restored, .asset = asset.id, .name = asset.name});
  }
  LENSFS_TRY(const std::vector<Place> places, places_of(txn.db(), asset.id));
  LENSFS_TRY([[maybe_unused]] const AssetId copy, split_off(txn, actor, asset, places.front()));
  return {};
}

Status merge_asset(Transaction& txn, const Actor& actor, const Asset& from, const Asset& into) {
  Database& db = txn.db();
  LENSFS_CHECK(merge_metadata(txn, actor, from, into));
  LENSFS_CHECK(merge_versions(txn, from, into));
  LENSFS_CHECK(db.run("UPDATE drafts SET asset_id = ?2 WHERE asset_id = ?1", from.id, into.id));
  LENSFS_CHECK(db.run("UPDATE sources SET asset_id = ?2 WHERE asset_id = ?1", from.id, into.id));
  LENSFS_CHECK(db.run("DELETE FROM past_places WHERE asset_id = ?1", from.id));
  LENSFS_CHECK(db.run("DELETE FROM past_asset_tags WHERE asset_id = ?1", from.id));
  LENSFS_CHECK(db.run("UPDATE lost_files SET asset_id = ?2 WHERE asset_id = ?1", from.id, into.id));
  LENSFS_CHECK(db.run("DELETE FROM assets WHERE id = ?1", from.id));
  LENSFS_CHECK(replace_file(txn, into, from.file));
  LENSFS_CHECK(
      db.run("UPDATE assets SET draft_id = ?2, size = ?3, mtime_ns = ?4, atime_ns = ?5, mode = ?6,"
             " uid = ?7, gid = ?8, changed_ns = ?9, kind = ?10 WHERE id = ?1",
             into.id, from.draft, from.size, from.mtime, from.atime, from.mode, from.uid, from.gid,
             txn.now(), from.kind));
  LENSFS_CHECK(record_change(txn, actor,
                             {.kind = ChangeKind::removed, .asset = from.id, .name = from.name}));
  return record_change(txn, actor,
                       {.kind = ChangeKind::version_added, .asset = into.id, .name = into.name});
}

}  // namespace lensfs
