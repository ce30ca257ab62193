#include "catalog/model/label.h"

#include <algorithm>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr std::size_t kLabelLimit = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Status record_label(Transaction& txn, const Actor& actor, AssetId asset, std::string_view name) {
  LENSFS_CHECK(touch_asset(txn, asset));
  return record_change(
      txn, actor, {.kind = ChangeKind::label_changed, .asset = asset, .name = std::string(name)});
}

}  // namespace

Label Label::from(const Row& row) {
  return {.name = row.get<std::string>(0),
          .version = row.get<VersionId>(1),
          .asset = row.get<AssetId>(2),
          .author = row.get<std::string>(3),
          .created = row.get<Nanoseconds>(4)};
}

Status check_label(std::string_view name) {
  if (name.empty() || name.size() > kLabelLimit) {
    return fail(Errc::invalid, "a label has 1 to 64 bytes");
  }
  if (!is_utf8(name) || !is_legal_name(name) || name.find('=') != std::string_view::npos) {
    return fail(Errc::invalid, "a label is made of what a folder's name may hold");
  }
  if (name.front() == '@' || name.front() == '.' || name.front() == ' ') {
    return fail(Errc::invalid, "a label does not start with @ or . or a space");
  }
  if (is_digit(name.front())) return fail(Errc::invalid, "a label does not start with a digit");
  const std::string_view rest = name.substr(1);
  if (name.front() == 'v' && !rest.empty() && std::all_of(rest.begin(), rest.end(), is_digit)) {
    return fail(Errc::invalid, "v and a number is a version, not a label");
  }
  return {};
}

Result<bool> set_label(Transaction& txn, const Actor& actor, const Version& version,
                       std::string_view name) {
  LENSFS_CHECK(check_label(name));
  LENSFS_TRY(
      const std::int64_t rows,
      txn.db().run("INSERT INTO labels (name, version_id, asset_id, author, created_ns)"
                   " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name, asset_id) DO UPDATE"
                   " SET version_id = excluded.version_id, author = excluded.author,"
                   " created_ns = excluded.created_ns WHERE version_id <> excluded.version_id",
                   name, version.id, version.asset, actor.name, txn.now()));
  if (rows == 0) return false;
  LENSFS_CHECK(record_label(txn, actor, version.asset, name));
  return true;
}

Result<bool> remove_label(Transaction& txn, const Actor& actor, AssetId asset,
                          std::string_view name) {
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("DELETE FROM labels WHERE name = ?1 AND asset_id = ?2", name, asset));
  if (rows == 0) return false;
  LENSFS_CHECK(record_label(txn, actor, asset, name));
  return true;
}

// Jumps from label to label: there may be a million rows of few names.
Result<std::vector<std::string>> all_labels(Database& db) {
  std::vector<std::string> names;
  std::string last;
  for (;;) {
    LENSFS_TRY(auto next,
               db.maybe<std::string>(
                   "SELECT name FROM labels WHERE name > ?1 ORDER BY name LIMIT 1", last));
    if (!next) return names;
    last = *next;
    names.push_back(*std::move(next));
  }
}

Result<bool> is_label(Database& db, std::string_view name) {
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM labels WHERE name = ?1)", name);
}

Result<std::vector<Label>> labels_of(Database& db, AssetId asset) {
  std::vector<Label> labels;
  LENSFS_CHECK(db.each<Label>(
      "SELECT name, version_id, asset_id, author, created_ns FROM labels WHERE asset_id = ?1"
      " ORDER BY name",
      [&](Label label) { labels.push_back(std::move(label)); }, asset));
  return labels;
}

Result<Version> labelled_version(Database& db, AssetId asset, std::string_view name) {
  return db.one<Version>(
      "SELECT v.id, v.asset_id, v.number, v.object_id, v.size, v.mtime_ns, v.created_ns, v.author,"
      " v.reason FROM labels l JOIN versions v ON v.id = l.version_id"
      " WHERE l.name = ?2 AND l.asset_id = ?1",
      asset, name);
}

Result<AssetSet> labelled_assets(Database& db, std::string_view name) {
  AssetSet set;
  LENSFS_CHECK(db.each<AssetId>(
      "SELECT l.asset_id FROM labels l JOIN assets a ON a.id = l.asset_id"
      " WHERE l.name = ?1 AND a.state = 0",
      [&](AssetId asset) { set.add(asset); }, name));
  return set;
}

}  // namespace lensfs
