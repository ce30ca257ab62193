#include "catalog/model/feed.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>

namespace lensfs {

Change Change::from(const Row& row) {
  return {.id = row.get<ChangeId>(0),
          .at = row.get<Nanoseconds>(1),
          .actor = row.get<std::int64_t>(2),
          .kind = row.get<ChangeKind>(3),
          .asset = row.get<std::optional<AssetId>>(4),
          .tag = row.get<std::optional<TagId>>(5),
          .folder = row.get<std::optional<FolderId>>(6),
          .name = row.get<std::string>(7),
          .origin = row.get<std::optional<std::int64_t>>(8),
          .version = row.get<std::optional<VersionId>>(9),
          .file = row.get<std::optional<FileId>>(10),
          .object = row.get<std::optional<ObjectId>>(11),
          .program = row.get<std::string>(12)};
}

std::string name_of_user(std::int64_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const int failed =
      getpwuid_r(static_cast<uid_t>(uid), &entry, buffer.data(), buffer.size(), &found);
  if (failed != 0 || found == nullptr) return fmt::format("{}", uid);
  return found->pw_name;
}

Actor actor_of_process() {
  const uid_t uid = getuid();
  return {.uid = uid, .name = name_of_user(uid)};
}

Status record_change(Transaction& txn, const Actor& actor, const Change& change) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO changes (at_ns, actor, kind, asset_id, tag_id, folder_id, name, origin,"
      " version_id, file_id, object_id, program)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, nullif(?12, ''))",
      txn.now(), actor.uid, change.kind, change.asset, change.tag, change.folder, change.name,
      actor.origin, change.version, change.file, change.object, actor.program));
  txn.note_logged(txn.db().last_insert_id());
  return {};
}

Result<std::vector<Change>> changes_after(Database& db, ChangeId since, std::int64_t limit) {
  static const std::string kAfter =
      fmt::format("SELECT {} FROM changes WHERE id > ?1 ORDER BY id LIMIT ?2", Change::kColumns);
  std::vector<Change> changes;
  LENSFS_CHECK(db.each<Change>(
      kAfter, [&](Change change) { changes.push_back(std::move(change)); }, since, limit));
  return changes;
}

Result<bool> came_before(Database& db, const Change& change) {
  return db.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM changes WHERE asset_id = ?1 AND id < ?2"
      " AND kind IN (?3, ?4, ?5))",
      change.asset, change.id, ChangeKind::asset_added, ChangeKind::trashed, ChangeKind::restored);
}

Status each_change_backward(Database& db, const VisitChange& visit) {
  static const std::string kBackward = fmt::format(
      "SELECT {} FROM changes ORDER BY id DESC /* SCAN: from the end, until the reader has enough "
      "*/",
      Change::kColumns);
  return db.each<Change>(kBackward, visit);
}

Status each_change_of(Database& db, AssetId asset, const VisitChange& visit) {
  static const std::string kOfAsset =
      fmt::format("SELECT {} FROM changes WHERE asset_id = ?1 ORDER BY id DESC", Change::kColumns);
  return db.each<Change>(kOfAsset, visit, asset);
}

Result<std::vector<TagId>> terms_taken_off(Database& db, ChangeId since) {
  std::vector<TagId> terms;
  LENSFS_CHECK(db.each<TagId>(
      "SELECT DISTINCT c.tag_id FROM changes c JOIN assets a ON a.id = c.asset_id"
      " WHERE c.id > ?1 AND c.kind = ?2 AND NOT (a.state = 1 AND a.places = 0)",
      [&](TagId tag) { terms.push_back(tag); }, since, ChangeKind::untagged));
  return terms;
}

Result<std::vector<TagId>> terms_put_on(Database& db, ChangeId since) {
  std::vector<TagId> terms;
  LENSFS_CHECK(db.each<TagId>(
      "SELECT DISTINCT c.tag_id FROM changes c WHERE c.id > ?1 AND c.tag_id IS NOT NULL AND"
      " (c.kind = ?3 OR (c.kind = ?2 AND NOT EXISTS"
      " (SELECT 1 FROM changes n WHERE n.asset_id = c.asset_id AND n.id > ?1 AND n.kind = ?4)))",
      [&](TagId tag) { terms.push_back(tag); }, since, ChangeKind::tagged,
      ChangeKind::xattr_changed, ChangeKind::asset_added));
  return terms;
}

Result<ChangeId> last_change(Database& db) {
  return db.one<ChangeId>("SELECT ifnull(max(id), 0) FROM changes");
}

}  // namespace lensfs
