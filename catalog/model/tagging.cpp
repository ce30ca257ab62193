// Changes to the taxonomy and to who carries its terms; tag.cpp reads them.
#include <algorithm>
#include <set>

#include "catalog/model/past.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

Result<Tag> insert_tag(Transaction& txn, const Actor& actor, const std::optional<Tag>& parent,
                       std::string_view path) {
  Tag tag{.id = {},
          .parent = parent ? std::optional<TagId>(parent->id) : std::nullopt,
          .name = std::string(path.substr(path.rfind('/') + 1)),
          .path = std::string(path),
          .created = txn.now(),
          .changed = txn.now()};
  LENSFS_CHECK(
      txn.db().run("INSERT INTO tags (parent_id, name, path, created_ns, changed_ns, since_ns)"
                   " VALUES (?1, ?2, ?3, ?4, ?4, ?4)",
                   tag.parent, tag.name, tag.path, txn.now()));
  tag.id = static_cast<TagId>(txn.db().last_insert_id());
  if (parent) LENSFS_CHECK(touch_terms(txn, *parent));
  LENSFS_CHECK(
      record_change(txn, actor, {.kind = ChangeKind::tag_added, .tag = tag.id, .name = tag.path}));
  return tag;
}

Status record_membership(Transaction& txn, const Actor& actor, ChangeKind kind, const Asset& asset,
                         const Tag& tag) {
  LENSFS_CHECK(touch_terms(txn, tag));
  LENSFS_CHECK(touch_asset(txn, asset.id));
  return record_change(txn, actor,
                       {.kind = kind, .asset = asset.id, .tag = tag.id, .name = asset.name});
}

Result<bool> take_off(Transaction& txn, const Actor& actor, const Asset& asset, const Tag& tag) {
  LENSFS_CHECK(remember_past_link(txn, asset.id, tag.id));
  LENSFS_TRY(
      const std::int64_t rows,
      txn.db().run("DELETE FROM asset_tags WHERE asset_id = ?1 AND tag_id = ?2", asset.id, tag.id));
  if (rows == 0) return false;
  LENSFS_CHECK(record_membership(txn, actor, ChangeKind::untagged, asset, tag));
  return true;
}

}  // namespace

// Whenever a term has a moment, all above it have it too or a later one, so the walk ends where the
// moment is found: tagging ten thousand assets at once touches each term once.
Status touch_terms(Transaction& txn, const Tag& tag) {
  std::optional<Tag> at = tag;
  while (at && at->changed != txn.now()) {
    LENSFS_CHECK(txn.db().run("UPDATE tags SET changed_ns = ?2 WHERE id = ?1", at->id, txn.now()));
    if (!at->parent) return {};
    LENSFS_TRY(Tag above, find_tag(txn.db(), *at->parent));
    at = std::move(above);
  }
  return {};
}

Result<Tag> ensure_tag(Transaction& txn, const Actor& actor, std::string_view path) {
  LENSFS_TRY(const std::string term, checked_term(path));
  auto known = find_tag(txn.db(), term);
  if (known || known.error().code() != Errc::not_found) return known;

  std::optional<Tag> at;
  for (std::size_t end = 0; end != term.size();) {
    end = std::min(term.find('/', end + 1), term.size());
    const std::string_view part = std::string_view(term).substr(0, end);
    auto next = find_tag_called(txn.db(), part);
    if (!next && next.error().code() == Errc::not_found) next = insert_tag(txn, actor, at, part);
    if (!next) return next;
    at = *std::move(next);
  }
  return *std::move(at);
}

Result<bool> add_tag(Transaction& txn, const Actor& actor, const Asset& asset,
                     std::string_view path) {
  LENSFS_TRY(const Tag tag, ensure_tag(txn, actor, path));
  LENSFS_TRY(const bool carried, has_tag(txn.db(), asset.id, tag.id));
  if (carried) return false;
  LENSFS_CHECK(
      txn.db().run("INSERT INTO asset_tags (asset_id, tag_id, since_ns) VALUES (?1, ?2, ?3)",
                   asset.id, tag.id, txn.now()));
  LENSFS_CHECK(record_membership(txn, actor, ChangeKind::tagged, asset, tag));
  return true;
}

Result<bool> remove_tag(Transaction& txn, const Actor& actor, const Asset& asset,
                        std::string_view path) {
  LENSFS_TRY(const std::string term, checked_term(path));
  const auto tag = find_tag(txn.db(), term);
  if (!tag && tag.error().code() == Errc::not_found) return false;
  if (!tag) return fail(tag.error());
  return take_off(txn, actor, asset, *tag);
}

Status take_terms(Transaction& txn, const Actor& actor, const Asset& asset,
                  const std::string& term) {
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(txn.db(), asset.id));
  for (const Tag& tag : tags) {
    if (is_within(tag.path, term)) LENSFS_CHECK(take_off(txn, actor, asset, tag));
  }
  return {};
}

Status add_tags_of(Transaction& txn, const Actor& actor, AssetId from, const Asset& to) {
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(txn.db(), from));
  for (const Tag& tag : tags) {
    LENSFS_TRY([[maybe_unused]] const bool added, add_tag(txn, actor, to, tag.path));
  }
  return {};
}

Status replace_tags(Transaction& txn, const Actor& actor, const Asset& asset,
                    const std::vector<std::string>& paths) {
  std::set<std::string> wanted;
  for (const std::string& path : paths) {
    LENSFS_TRY(std::string term, checked_term(path));
    wanted.insert(std::move(term));
  }
  LENSFS_TRY(const std::vector<Tag> carried, tags_of(txn.db(), asset.id));
  for (const Tag& tag : carried) {
    if (wanted.erase(tag.path) == 0) LENSFS_CHECK(take_off(txn, actor, asset, tag));
  }
  for (const std::string& term : wanted) LENSFS_CHECK(add_tag(txn, actor, asset, term));
  return {};
}

}  // namespace lensfs
