#include "catalog/model/term_links.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/field_type.h"

namespace lensfs {
namespace {

Status record_links(Transaction& txn, const Actor& actor, const Tag& tag) {
  return record_change(txn, actor,
                       {.kind = ChangeKind::term_links_changed, .tag = tag.id, .name = tag.path});
}

// One line of the text, taken apart.
struct TermLine {
  std::size_t depth = 0;
  std::string_view name;
  std::string_view synonyms;
  std::string_view implied;
};

std::string_view without_end_space(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

TermLine read_line(std::string_view line) {
  TermLine read;
  const std::string_view start = line.substr(0, line.find_first_not_of(" \t"));
  std::size_t spaces = 0;
  for (const char c : start) spaces += c == '\t' ? 2U : 1U;
  read.depth = spaces / 2;
  line.remove_prefix(start.size());
  const std::size_t implied = line.find(" > ");
  if (implied != std::string_view::npos) {
    read.implied = line.substr(implied + 3);
    line = line.substr(0, implied);
  }
  const std::size_t synonyms = line.find(" = ");
  if (synonyms != std::string_view::npos) {
    read.synonyms = line.substr(synonyms + 3);
    line = line.substr(0, synonyms);
  }
  read.name = without_end_space(line);
  return read;
}

Status import_line(Transaction& txn, const Actor& actor, const TermLine& line,
                   std::vector<std::string>& above) {
  if (line.depth > above.size()) {
    return fail(Errc::invalid, "indented deeper than the term above it and two spaces");
  }
  above.resize(line.depth);
  const std::string path =
      above.empty() ? std::string(line.name) : fmt::format("{}/{}", above.back(), line.name);
  LENSFS_TRY(const Tag tag, ensure_tag(txn, actor, path));
  above.push_back(tag.path);
  for (const std::string& name : list_items(line.synonyms)) {
    LENSFS_CHECK(add_synonym(txn, actor, tag.path, name));
  }
  for (const std::string& implied : list_items(line.implied)) {
    LENSFS_CHECK(add_implication(txn, actor, tag.path, implied));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> synonyms_of(Database& db, TagId tag) {
  std::vector<std::string> names;
  LENSFS_CHECK(db.each<std::string>(
      "SELECT name FROM synonyms WHERE tag_id = ?1 ORDER BY name",
      [&](std::string name) { names.push_back(std::move(name)); }, tag));
  return names;
}

Result<std::vector<Tag>> implied_by(Database& db, TagId tag) {
  std::vector<Tag> terms;
  LENSFS_CHECK(db.each<Tag>(
      "SELECT t.id, t.parent_id, t.name, t.path, t.created_ns, t.changed_ns FROM implications i"
      " JOIN tags t ON t.id = i.implied_id WHERE i.tag_id = ?1 ORDER BY t.path",
      [&](Tag term) { terms.push_back(std::move(term)); }, tag));
  return terms;
}

Status add_synonym(Transaction& txn, const Actor& actor, std::string_view term,
                   std::string_view name) {
  LENSFS_TRY(const std::string spelled, checked_term(name));
  LENSFS_TRY(const Tag tag, ensure_tag(txn, actor, term));
  const auto there = find_tag(txn.db(), spelled);
  if (there && there->id == tag.id) return {};
  if (there) {
    return fail(Error(Errc::exists,
                      "this is a term already, or another's synonym; rename that one to"
                      " merge the two")
                    .with(fmt::format("{} ({})", spelled, there->path)));
  }
  if (!is_missing(there)) return fail(there.error());
  LENSFS_CHECK(txn.db().run("INSERT INTO synonyms (name_key, name, tag_id) VALUES (?1, ?2, ?3)",
                            fold_name(spelled), spelled, tag.id));
  return record_links(txn, actor, tag);
}

Status remove_synonym(Transaction& txn, const Actor& actor, std::string_view name) {
  LENSFS_TRY(
      const std::optional<TagId> id,
      txn.db().maybe<TagId>("SELECT tag_id FROM synonyms WHERE name_key = ?1", fold_name(name)));
  if (!id) return fail(Error(Errc::not_found, "not a synonym").with(name));
  LENSFS_TRY(const Tag tag, find_tag(txn.db(), *id));
  LENSFS_CHECK(txn.db().run("DELETE FROM synonyms WHERE name_key = ?1", fold_name(name)));
  return record_links(txn, actor, tag);
}

Status add_implication(Transaction& txn, const Actor& actor, std::string_view term,
                       std::string_view implied) {
  LENSFS_TRY(const Tag tag, ensure_tag(txn, actor, term));
  LENSFS_TRY(const Tag brought, ensure_tag(txn, actor, implied));
  LENSFS_TRY(const std::vector<TagId> back, shown_in(txn.db(), brought.id));
  if (std::find(back.begin(), back.end(), tag.id) != back.end()) {
    return fail(Error(Errc::invalid, "a term would imply itself")
                    .with(fmt::format("{} > {}", tag.path, brought.path)));
  }
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("INSERT OR IGNORE INTO implications (tag_id, implied_id) VALUES (?1, ?2)",
                          tag.id, brought.id));
  return rows == 0 ? Status() : record_links(txn, actor, brought);
}

Status remove_implication(Transaction& txn, const Actor& actor, std::string_view term,
                          std::string_view implied) {
  LENSFS_TRY(const Tag tag, find_tag(txn.db(), term));
  LENSFS_TRY(const Tag brought, find_tag(txn.db(), implied));
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("DELETE FROM implications WHERE tag_id = ?1 AND implied_id = ?2", tag.id,
                          brought.id));
  if (rows == 0) return fail(Error(Errc::not_found, "the term does not imply this").with(implied));
  return record_links(txn, actor, brought);
}

Result<std::string> taxonomy_text(Database& db) {
  LENSFS_TRY(const std::vector<Tag> tags, all_tags(db));
  // By parts, so that what lies below a term follows it: "a/b" before "a b".
  std::vector<const Tag*> order;
  for (const Tag& tag : tags) order.push_back(&tag);
  const auto key = [](const Tag* tag) {
    std::string text = tag->path;
    std::replace(text.begin(), text.end(), '/', '\x01');
    return text;
  };
  std::sort(order.begin(), order.end(),
            [&](const Tag* a, const Tag* b) { return key(a) < key(b); });
  std::string text;
  for (const Tag* tag : order) {
    const auto depth =
        static_cast<std::size_t>(std::count(tag->path.begin(), tag->path.end(), '/'));
    text += std::string(depth * 2, ' ') + tag->name;
    LENSFS_TRY(const auto synonyms, synonyms_of(db, tag->id));
    for (const std::string& name : synonyms)
      text += (&name == &synonyms.front() ? " = " : ", ") + name;
    LENSFS_TRY(const auto implied, implied_by(db, tag->id));
    for (const Tag& term : implied) text += (&term == &implied.front() ? " > " : ", ") + term.path;
    text += '\n';
  }
  return text;
}

Status import_taxonomy(Transaction& txn, const Actor& actor, std::string_view text) {
  std::vector<std::string> above;
  for (int at = 1; !text.empty(); ++at) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const TermLine read = read_line(line);
    if (read.name.empty() || read.name.front() == '#') continue;
    if (const Status done = import_line(txn, actor, read, above); !done) {
      return fail(done.error().with(fmt::format("line {}", at)));
    }
  }
  return {};
}

}  // namespace lensfs
