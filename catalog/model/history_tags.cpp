// Terms and who carried them, as it was.
#include <algorithm>
#include <set>

#include "catalog/model/history.h"

namespace lensfs {
namespace {

// When a term of the past was made is not known: only since when it was so called.
Tag as_of(Tag tag, Nanoseconds at) {
  tag.created = std::min(tag.created, at);
  tag.changed = std::min(tag.changed, at);
  return tag;
}

Status each_subterm_id(Database& db, TagId parent, Nanoseconds at,
                       const std::function<void(TagId)>& visit) {
  LENSFS_CHECK(db.each<TagId>("SELECT id FROM tags WHERE parent_id = ?1 AND since_ns <= ?2", visit,
                              parent, at));
  return db.each<TagId>(
      "SELECT tag_id FROM past_tags WHERE parent_id = ?1 AND until_ns > ?2 AND since_ns <= ?2",
      visit, parent, at);
}

// The ids of the terms that an asset carried.
Result<std::vector<TagId>> carried_at(Database& db, AssetId asset, Nanoseconds at) {
  std::vector<TagId> tags;
  const auto take = [&](TagId tag) { tags.push_back(tag); };
  LENSFS_CHECK(db.each<TagId>(
      "SELECT tag_id FROM asset_tags WHERE asset_id = ?1 AND since_ns <= ?2", take, asset, at));
  LENSFS_CHECK(
      db.each<TagId>("SELECT tag_id FROM past_asset_tags WHERE asset_id = ?1"
                     " AND until_ns > ?2 AND since_ns <= ?2",
                     take, asset, at));
  return tags;
}

}  // namespace

Result<std::vector<Tag>> subterms_at(Database& db, std::optional<TagId> parent, Nanoseconds at) {
  std::vector<Tag> tags;
  const auto take = [&](Tag tag) { tags.push_back(as_of(std::move(tag), at)); };
  LENSFS_CHECK(
      db.each<Tag>("SELECT id, parent_id, name, path, created_ns, changed_ns FROM tags"
                   " WHERE parent_id IS ?1 AND since_ns <= ?2",
                   take, parent, at));
  LENSFS_CHECK(
      db.each<Tag>("SELECT tag_id, parent_id, name, path, since_ns, since_ns FROM past_tags"
                   " WHERE parent_id IS ?1 AND until_ns > ?2 AND since_ns <= ?2",
                   take, parent, at));
  std::sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.id < b.id; });
  return tags;
}

Result<Tag> tag_at(Database& db, TagId tag, Nanoseconds at) {
  auto held = db.one<Tag>(
      "SELECT id, parent_id, name, path, created_ns, changed_ns FROM tags"
      " WHERE id = ?1 AND since_ns <= ?2",
      tag, at);
  if (is_missing(held)) {
    held = db.one<Tag>(
        "SELECT tag_id, parent_id, name, path, since_ns, since_ns FROM past_tags"
        " WHERE tag_id = ?1 AND until_ns > ?2 AND since_ns <= ?2",
        tag, at);
  }
  if (!held) return held;
  return as_of(*std::move(held), at);
}

Result<Tag> find_subterm_at(Database& db, std::optional<TagId> parent, std::string_view name,
                            Nanoseconds at) {
  auto held = db.one<Tag>(
      "SELECT id, parent_id, name, path, created_ns, changed_ns FROM tags"
      " WHERE parent_id IS ?1 AND name = ?2 AND since_ns <= ?3",
      parent, name, at);
  if (is_missing(held)) {
    held = db.one<Tag>(
        "SELECT tag_id, parent_id, name, path, since_ns, since_ns FROM past_tags"
        " WHERE parent_id IS ?1 AND until_ns > ?3 AND since_ns <= ?3 AND name = ?2",
        parent, name, at);
  }
  if (!held) return held;
  return as_of(*std::move(held), at);
}

Result<std::vector<Tag>> tags_at(Database& db, AssetId asset, Nanoseconds at) {
  LENSFS_TRY(const std::vector<TagId> carried, carried_at(db, asset, at));
  std::vector<Tag> tags;
  for (const TagId id : carried) {
    LENSFS_TRY(Tag tag, tag_at(db, id, at));
    tags.push_back(std::move(tag));
  }
  std::sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.path < b.path; });
  return tags;
}

Result<AssetSet> members_at(Database& db, TagId tag, Nanoseconds at) {
  std::vector<TagId> open = {tag};
  std::set<TagId> family = {tag};
  AssetSet members;
  const auto take = [&](AssetId asset) { members.add(asset); };
  while (!open.empty()) {
    const TagId term = open.back();
    open.pop_back();
    LENSFS_CHECK(db.each<AssetId>(
        "SELECT asset_id FROM asset_tags WHERE tag_id = ?1 AND since_ns <= ?2", take, term, at));
    LENSFS_CHECK(
        db.each<AssetId>("SELECT asset_id FROM past_asset_tags WHERE tag_id = ?1"
                         " AND until_ns > ?2 AND since_ns <= ?2",
                         take, term, at));
    LENSFS_CHECK(each_subterm_id(db, term, at, [&](TagId sub) {
      if (family.insert(sub).second) open.push_back(sub);
    }));
  }
  return members;
}

}  // namespace lensfs
