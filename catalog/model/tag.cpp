// What terms there are and who carries them; tagging.cpp changes that.
#include "catalog/model/tag.h"

#include <algorithm>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr std::size_t kTermLimit = 4096;  // bytes, as any path

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto start = text.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kSpace) - start + 1);
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Null when the part is fine, else what is wrong with it.
const char* fault_of(std::string_view part) {
  if (part.empty()) return "a part of a tag is empty";
  if (part.size() > kNameLimit) return "a part of a tag has over 255 bytes";
  if (part == "." || part == ".." || part == "+") return "a part of a tag is . or .. or +";
  if (part.front() == '@') return "a part of a tag starts with @";
  if (part.find(',') != std::string_view::npos) return "a tag holds a comma";
  if (std::any_of(part.begin(), part.end(), is_control)) return "a tag holds a control character";
  if (!is_utf8(part)) return "a tag is not UTF-8";
  return nullptr;
}

}  // namespace

Tag Tag::from(const Row& row) {
  return {.id = row.get<TagId>(0),
          .parent = row.get<std::optional<TagId>>(1),
          .name = row.get<std::string>(2),
          .path = row.get<std::string>(3),
          .created = row.get<Nanoseconds>(4),
          .changed = row.get<Nanoseconds>(5)};
}

Result<std::string> checked_term(std::string_view typed) {
  if (typed.size() > kTermLimit) return fail(Errc::invalid, "a tag has over 4096 bytes");
  std::string term;
  std::string_view rest = typed;
  for (bool last = false; !last;) {
    const auto slash = rest.find('/');
    last = slash == std::string_view::npos;
    const std::string_view part = trimmed(rest.substr(0, slash));
    if (const char* fault = fault_of(part); fault != nullptr) {
      return fail(Error(Errc::invalid, fault).with(typed));
    }
    if (!term.empty()) term += '/';
    term += part;
    if (!last) rest.remove_prefix(slash + 1);
  }
  return term;
}

Result<std::vector<Tag>> all_tags(Database& db) {
  std::vector<Tag> tags;
  LENSFS_CHECK(db.each<Tag>(
      "SELECT id, parent_id, name, path, created_ns, changed_ns FROM tags ORDER BY path"
      " /* SCAN: the whole taxonomy */",
      [&](Tag tag) { tags.push_back(std::move(tag)); }));
  return tags;
}

Result<Tag> find_tag(Database& db, TagId id) {
  return db.one<Tag>(
      "SELECT id, parent_id, name, path, created_ns, changed_ns FROM tags WHERE id = ?1", id);
}

Result<Tag> find_tag_called(Database& db, std::string_view path) {
  return db.one<Tag>(
      "SELECT id, parent_id, name, path, created_ns, changed_ns FROM tags WHERE path = ?1", path);
}

Result<Tag> find_tag(Database& db, std::string_view path) {
  auto called = find_tag_called(db, path);
  if (!is_missing(called)) return called;
  return db.one<Tag>(
      "SELECT t.id, t.parent_id, t.name, t.path, t.created_ns, t.changed_ns FROM synonyms s"
      " JOIN tags t ON t.id = s.tag_id WHERE s.name_key = ?1",
      fold_name(path));
}

Result<std::vector<Tag>> subterms_of(Database& db, std::optional<TagId> parent) {
  std::vector<Tag> tags;
  LENSFS_CHECK(db.each<Tag>(
      "SELECT id, parent_id, name, path, created_ns, changed_ns FROM tags WHERE parent_id IS ?1"
      " ORDER BY name",
      [&](Tag tag) { tags.push_back(std::move(tag)); }, parent));
  return tags;
}

Result<std::vector<TagId>> family_of(Database& db, TagId tag) {
  std::vector<TagId> family;
  LENSFS_CHECK(db.each<TagId>(
      "WITH RECURSIVE family (id) AS (SELECT id FROM tags WHERE id = ?1 UNION ALL"
      " SELECT t.id FROM family f JOIN tags t ON t.parent_id = f.id)"
      " SELECT id FROM family /* SCAN: the family itself */",
      [&](TagId id) { family.push_back(id); }, tag));
  return family;
}

Result<std::vector<TagId>> meaning_of(Database& db, TagId tag) {
  std::vector<TagId> meaning;
  LENSFS_CHECK(db.each<TagId>(
      "WITH RECURSIVE meaning (id) AS (VALUES (?1) UNION"
      " SELECT n.id FROM meaning m JOIN (SELECT id, parent_id AS above FROM tags UNION ALL"
      " SELECT tag_id, implied_id FROM implications) n ON n.above = m.id)"
      " SELECT id FROM meaning /* SCAN: the terms themselves */",
      [&](TagId id) { meaning.push_back(id); }, tag));
  return meaning;
}

Result<std::vector<TagId>> shown_in(Database& db, TagId tag) {
  std::vector<TagId> terms;
  LENSFS_CHECK(db.each<TagId>(
      "WITH RECURSIVE shown (id) AS (VALUES (?1) UNION"
      " SELECT n.above FROM shown s JOIN (SELECT id, parent_id AS above FROM tags UNION ALL"
      " SELECT tag_id, implied_id FROM implications) n ON n.id = s.id WHERE n.above IS NOT NULL)"
      " SELECT id FROM shown /* SCAN: the terms themselves */",
      [&](TagId id) { terms.push_back(id); }, tag));
  return terms;
}

Result<std::vector<TagId>> ancestors_of(Database& db, TagId tag) {
  std::vector<TagId> line;
  std::optional<TagId> at = tag;
  while (at) {
    line.push_back(*at);
    LENSFS_TRY(const Tag term, find_tag(db, *at));
    at = term.parent;
  }
  return line;
}

Result<std::vector<Tag>> tags_of(Database& db, AssetId asset) {
  std::vector<Tag> tags;
  LENSFS_CHECK(db.each<Tag>(
      "SELECT t.id, t.parent_id, t.name, t.path, t.created_ns, t.changed_ns FROM asset_tags x"
      " JOIN tags t ON t.id = x.tag_id WHERE x.asset_id = ?1 ORDER BY t.path",
      [&](Tag tag) { tags.push_back(std::move(tag)); }, asset));
  return tags;
}

Result<bool> has_tag(Database& db, AssetId asset, TagId tag) {
  return db.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM asset_tags WHERE asset_id = ?1 AND tag_id = ?2)", asset, tag);
}

bool is_within(std::string_view path, std::string_view term) {
  if (!path.starts_with(term)) return false;
  return path.size() == term.size() || path[term.size()] == '/';
}

Result<bool> is_on_anything(Database& db, TagId tag) {
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM asset_tags WHERE tag_id = ?1)", tag);
}

}  // namespace lensfs
