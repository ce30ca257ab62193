#include "catalog/model/asset_set.h"

#include <string>

#include "catalog/base/text.h"
#include "catalog/model/glob.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

Result<SharedSet> without_hidden(Database& db, AssetSet set) {
  LENSFS_CHECK(remove_hidden(db, set));
  return std::make_shared<const AssetSet>(std::move(set));
}

template <typename... Args>
Result<SharedSet> shown_of(Database& db, std::string_view sql, const Args&... args) {
  AssetSet set;
  LENSFS_CHECK(db.each<AssetId>(
      sql, [&](AssetId id) { set.add(id); }, args...));
  return without_hidden(db, std::move(set));
}

struct NamedRow {
  std::string_view key;  // valid until the next row
  AssetId id{};
  static NamedRow from(const Row& row) { return {.key = row.text(0), .id = row.get<AssetId>(1)}; }
};

// The first text behind all that start with `prefix`; empty when there is none.
std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace

Result<SharedSet> SqlSets::all(Database& db) {
  // Sorted by kind, which the smallest index is.
  return shown_of(db, "SELECT id FROM assets /* SCAN: every asset, in an index */");
}

Result<SharedSet> SqlSets::tagged(Database& db, TagId tag) {
  return shown_of(db, "SELECT asset_id FROM asset_tags WHERE tag_id = ?1 ORDER BY asset_id", tag);
}

Result<SharedSet> SqlSets::in_project(Database& db, ProjectId project) {
  return shown_of(db,
                  "SELECT p.asset_id FROM folders f JOIN places p ON p.folder_id = f.id"
                  " WHERE f.project_id = ?1",
                  project);
}

Result<SharedSet> SqlSets::of_kind(Database& db, std::string_view kind) {
  return shown_of(db, "SELECT id FROM assets WHERE kind = ?1 ORDER BY id", kind);
}

Result<SharedSet> SqlSets::with_field(Database& db, std::string_view key, std::string_view value) {
  return shown_of(db, "SELECT asset_id FROM fields WHERE key = ?1 AND value = ?2 ORDER BY asset_id",
                  key, value);
}

Result<SharedSet> SqlSets::named(Database& db, std::string_view glob) {
  const std::string folded = fold_name(glob);
  const std::string_view prefix = literal_prefix(folded);
  if (prefix.size() == folded.size()) {
    return shown_of(db, "SELECT id FROM assets WHERE name_key = ?1 ORDER BY id", folded);
  }
  AssetSet set;
  const auto visit = [&](const NamedRow& row) {
    if (matches_glob(folded, row.key)) set.add(row.id);
  };
  const std::string end = end_of_prefix(prefix);
  if (end.empty()) {
    LENSFS_CHECK(db.each<NamedRow>(
        "SELECT name_key, id FROM assets /* SCAN: a glob without a literal start */", visit));
  } else {
    LENSFS_CHECK(
        db.each<NamedRow>("SELECT name_key, id FROM assets WHERE name_key >= ?1 AND name_key < ?2",
                          visit, prefix, end));
  }
  return without_hidden(db, std::move(set));
}

Status remove_hidden(Database& db, AssetSet& set) {
  return db.each<AssetId>(
      "SELECT id FROM assets WHERE state <> 0"
      " /* SCAN: an index of these alone */",
      [&](AssetId id) { set.remove(id); });
}

Result<SharedSet> tagged_below(Database& db, SetSource& sets, TagId tag) {
  LENSFS_TRY(const std::vector<TagId> family, meaning_of(db, tag));
  if (family.size() == 1) return sets.tagged(db, family.front());
  auto all = std::make_shared<AssetSet>();
  for (const TagId member : family) {
    LENSFS_TRY(const SharedSet set, sets.tagged(db, member));
    *all |= *set;
  }
  return all;
}

}  // namespace lensfs
