#include "catalog/model/taxonomy.h"

#include "catalog/model/past.h"

namespace lensfs {
namespace {

bool is_below(std::string_view term, std::string_view above) {
  return term.size() > above.size() && term.starts_with(above) && term[above.size()] == '/';
}

Result<std::optional<Tag>> tag_called(Database& db, std::string_view path) {
  auto tag = find_tag_called(db, path);
  if (tag) return std::optional(*std::move(tag));
  if (tag.error().code() == Errc::not_found) return std::optional<Tag>();
  return fail(std::move(tag).error());
}

Result<std::optional<Tag>> ensure_above(Transaction& txn, const Actor& actor,
                                        std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::optional<Tag>();
  LENSFS_TRY(Tag above, ensure_tag(txn, actor, path.substr(0, slash)));
  return std::optional(std::move(above));
}

Status touch_above(Transaction& txn, const std::optional<TagId>& parent) {
  if (!parent) return {};
  LENSFS_TRY(const Tag above, find_tag(txn.db(), *parent));
  return touch_terms(txn, above);
}

Status record_rename(Transaction& txn, const Actor& actor, TagId now, const std::string& before) {
  return record_change(txn, actor, {.kind = ChangeKind::term_renamed, .tag = now, .name = before});
}

// The term and all below it get other paths; nobody has these.
Status move_family(Transaction& txn, const Tag& tag, const std::string& to) {
  LENSFS_TRY(const std::vector<TagId> family, family_of(txn.db(), tag.id));
  for (const TagId id : family) {
    LENSFS_TRY(const Tag member, find_tag(txn.db(), id));
    LENSFS_CHECK(remember_past_tag(txn, id));
    LENSFS_CHECK(txn.db().run("UPDATE tags SET path = ?2, since_ns = ?3 WHERE id = ?1", id,
                              to + member.path.substr(tag.path.size()), txn.now()));
  }
  return {};
}

Status move_term(Transaction& txn, const Actor& actor, const Tag& tag, const std::string& to) {
  LENSFS_TRY(const std::optional<Tag> above, ensure_above(txn, actor, to));
  LENSFS_CHECK(move_family(txn, tag, to));
  LENSFS_CHECK(txn.db().run("UPDATE tags SET parent_id = ?2, name = ?3 WHERE id = ?1", tag.id,
                            above ? std::optional(above->id) : std::nullopt,
                            to.substr(to.rfind('/') + 1)));
  LENSFS_CHECK(touch_above(txn, tag.parent));
  if (above) LENSFS_CHECK(touch_terms(txn, *above));
  return record_rename(txn, actor, tag.id, tag.path);
}

Status drop_term(Transaction& txn, const Tag& tag) {
  LENSFS_CHECK(remember_past_tag(txn, tag.id));
  LENSFS_CHECK(txn.db().run("DELETE FROM tags WHERE id = ?1", tag.id));
  return touch_above(txn, tag.parent);
}

// Who carries `from` carries `into` instead.
Status merge_links(Transaction& txn, const Tag& from, const Tag& into) {
  Database& db = txn.db();
  LENSFS_CHECK(remember_past_links(txn, from.id));
  LENSFS_CHECK(
      db.run("INSERT OR IGNORE INTO asset_tags (asset_id, tag_id, since_ns)"
             " SELECT asset_id, ?2, ?3 FROM asset_tags WHERE tag_id = ?1",
             from.id, into.id, txn.now()));
  LENSFS_CHECK(db.run("DELETE FROM asset_tags WHERE tag_id = ?1", from.id));
  LENSFS_CHECK(db.run("UPDATE synonyms SET tag_id = ?2 WHERE tag_id = ?1", from.id, into.id));
  LENSFS_CHECK(
      db.run("UPDATE OR IGNORE implications SET tag_id = ?2 WHERE tag_id = ?1", from.id, into.id));
  LENSFS_CHECK(db.run("UPDATE OR IGNORE implications SET implied_id = ?2 WHERE implied_id = ?1",
                      from.id, into.id));
  LENSFS_CHECK(db.run("DELETE FROM implications WHERE tag_id = ?1 AND implied_id = ?1", into.id));
  LENSFS_CHECK(
      db.run("UPDATE OR IGNORE xattrs SET owner_id = ?2 WHERE owner_kind = 2 AND owner_id = ?1",
             from.id, into.id));
  LENSFS_CHECK(db.run("DELETE FROM xattrs WHERE owner_kind = 2 AND owner_id = ?1", from.id));
  return {};
}

Status merge_term(Transaction& txn, const Actor& actor, const Tag& from, const Tag& into) {
  LENSFS_TRY(const std::vector<Tag> subterms, subterms_of(txn.db(), from.id));
  for (const Tag& sub : subterms) {
    const std::string to = into.path + "/" + sub.name;
    LENSFS_TRY(const std::optional<Tag> there, tag_called(txn.db(), to));
    LENSFS_CHECK(there ? merge_term(txn, actor, sub, *there) : move_term(txn, actor, sub, to));
  }
  LENSFS_CHECK(merge_links(txn, from, into));
  LENSFS_CHECK(drop_term(txn, from));
  LENSFS_TRY(const Tag merged, find_tag(txn.db(), into.id));
  LENSFS_CHECK(touch_terms(txn, merged));
  LENSFS_CHECK(record_change(txn, actor,
                             {.kind = ChangeKind::tag_removed, .tag = from.id, .name = from.path}));
  return record_rename(txn, actor, into.id, from.path);
}

}  // namespace

Status rename_term(Transaction& txn, const Actor& actor, std::string_view from,
                   std::string_view to) {
  LENSFS_TRY(const std::string old_term, checked_term(from));
  LENSFS_TRY(const std::string new_term, checked_term(to));
  LENSFS_TRY(const Tag tag, find_tag_called(txn.db(), old_term));
  if (old_term == new_term) return {};
  if (is_below(new_term, old_term)) {
    return fail(Error(Errc::invalid, "a term cannot lie below itself").with(new_term));
  }
  LENSFS_TRY(const std::optional<Tag> there, tag_called(txn.db(), new_term));
  if (!there) return move_term(txn, actor, tag, new_term);
  if (is_below(old_term, new_term)) {
    return fail(Error(Errc::not_empty, "a term is not merged into one above it").with(new_term));
  }
  return merge_term(txn, actor, tag, *there);
}

Status remove_term(Transaction& txn, const Actor& actor, std::string_view path) {
  LENSFS_TRY(const std::string term, checked_term(path));
  LENSFS_TRY(const Tag tag, find_tag(txn.db(), term));
  LENSFS_TRY(
      const bool used,
      txn.db().one<bool>("SELECT EXISTS (SELECT 1 FROM tags WHERE parent_id = ?1)"
                         " OR EXISTS (SELECT 1 FROM asset_tags x JOIN assets a ON a.id = x.asset_id"
                         " WHERE x.tag_id = ?1 AND a.state <> 2)",
                         tag.id));
  if (used) return fail(Error(Errc::not_empty, "the term is in use").with(term));
  LENSFS_CHECK(remember_past_links(txn, tag.id));
  LENSFS_CHECK(txn.db().run("DELETE FROM asset_tags WHERE tag_id = ?1", tag.id));
  LENSFS_CHECK(txn.db().run("DELETE FROM xattrs WHERE owner_kind = 2 AND owner_id = ?1", tag.id));
  LENSFS_CHECK(drop_term(txn, tag));
  return record_change(txn, actor,
                       {.kind = ChangeKind::tag_removed, .tag = tag.id, .name = tag.path});
}

}  // namespace lensfs
