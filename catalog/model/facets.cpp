// What a set can be narrowed by. A value splits a set when some members have it and some have not.
#include <fmt/format.h>

#include <functional>
#include <map>

#include "catalog/base/text.h"
#include "catalog/model/glob.h"
#include "catalog/model/label.h"
#include "catalog/model/project.h"
#include "catalog/model/search_internal.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

constexpr std::size_t kValuesLimit = 10'000;
// A set that is this many times smaller than the library is read member by member.
constexpr std::uint64_t kSmallPart = 16;

// Gets one value and how many members have it; false ends the walk.
using ValueVisit = std::function<bool(std::string_view value, std::uint64_t count)>;

struct Facet {
  Database& db;
  SetSource& sets;
  const AssetSet& set;
  [[nodiscard]] std::uint64_t common(const SharedSet& other) const {
    return set.count_common(*other);
  }
};

Status each_tag_value(const Facet& in, const ValueVisit& visit) {
  LENSFS_TRY(const std::vector<Tag> tags, all_tags(in.db));
  for (const Tag& tag : tags) {
    LENSFS_TRY(const SharedSet members, tagged_below(in.db, in.sets, tag.id));
    if (!visit(tag.path, in.common(members))) return {};
  }
  return {};
}

Status each_project_value(const Facet& in, const ValueVisit& visit) {
  LENSFS_TRY(const std::vector<Project> projects, all_projects(in.db));
  std::map<std::string_view, ProjectId> by_name;
  for (const Project& project : projects) by_name.emplace(project.name, project.id);
  for (const auto& [name, id] : by_name) {
    LENSFS_TRY(const SharedSet members, in.sets.in_project(in.db, id));
    if (!visit(name, in.common(members))) return {};
  }
  return {};
}

// One step in an index per value that there is, instead of one per asset.
Result<std::vector<std::string>> kinds_in_use(Database& db) {
  std::vector<std::string> kinds;
  LENSFS_CHECK(db.each<std::string>(
      "WITH RECURSIVE kinds (kind) AS (SELECT min(kind) FROM assets UNION ALL"
      " SELECT (SELECT min(kind) FROM assets WHERE kind > k.kind) FROM kinds k"
      " WHERE k.kind IS NOT NULL)"
      " SELECT kind FROM kinds WHERE kind IS NOT NULL /* SCAN: the few kinds */",
      [&](std::string kind) { kinds.push_back(std::move(kind)); }));
  return kinds;
}

Result<std::vector<std::string>> field_keys_in_use(Database& db) {
  std::vector<std::string> keys;
  LENSFS_CHECK(db.each<std::string>(
      "WITH RECURSIVE keys (key) AS (SELECT min(key) FROM fields UNION ALL"
      " SELECT (SELECT min(key) FROM fields WHERE key > k.key) FROM keys k WHERE k.key IS NOT NULL)"
      " SELECT key FROM keys WHERE key IS NOT NULL /* SCAN: the few keys */",
      [&](std::string key) { keys.push_back(std::move(key)); }));
  return keys;
}

Status each_kind_value(const Facet& in, const ValueVisit& visit) {
  LENSFS_TRY(const std::vector<std::string> kinds, kinds_in_use(in.db));
  for (const std::string& kind : kinds) {
    LENSFS_TRY(const SharedSet members, in.sets.of_kind(in.db, kind));
    if (!visit(kind, in.common(members))) return {};
  }
  return {};
}

struct NamedRow {
  std::string_view key;  // valid until the next row
  AssetId id{};
  static NamedRow from(const Row& row) { return {.key = row.text(0), .id = row.get<AssetId>(1)}; }
};

// Calls `visit` with the name key of every member; false ends the walk.
Status each_name_key(const Facet& in, const std::function<bool(std::string_view)>& visit) {
  LENSFS_TRY(const SharedSet everything, in.sets.all(in.db));
  if (in.set.count() > everything->count() / kSmallPart) {
    return in.db.each<NamedRow>(
        "SELECT name_key, id FROM assets /* SCAN: most rows are members */",
        [&](const NamedRow& row) { return !in.set.contains(row.id) || visit(row.key); });
  }
  Status status;
  in.set.each([&](AssetId id) {
    bool more = true;
    status = in.db.each<NamedRow>(
        "SELECT name_key, id FROM assets WHERE id = ?1",
        [&](const NamedRow& row) { more = visit(row.key); }, id);
    return more && status.has_value();
  });
  return status;
}

Status each_extension_value(const Facet& in, const ValueVisit& visit) {
  std::map<std::string, std::uint64_t> counts;
  LENSFS_CHECK(each_name_key(in, [&](std::string_view key) {
    ++counts[lower_extension(key)];
    return true;
  }));
  for (const auto& [extension, count] : counts) {
    if (!extension.empty() && !visit(extension, count)) return {};
  }
  return {};
}

// An extension splits the set exactly when not all members have the same.
Result<bool> extensions_differ(const Facet& in) {
  std::optional<std::string> first;
  bool differ = false;
  LENSFS_CHECK(each_name_key(in, [&](std::string_view key) {
    std::string extension = lower_extension(key);
    if (!first)
      first = std::move(extension);
    else
      differ = *first != extension;
    return !differ;
  }));
  return differ;
}

struct FieldRow {
  std::string_view value;  // valid until the next row
  AssetId asset{};
  static FieldRow from(const Row& row) {
    return {.value = row.text(0), .asset = row.get<AssetId>(1)};
  }
};

// All rows of one field in the order of their values, counted as they come.
Status each_of_many_values(const Facet& in, std::string_view key, const ValueVisit& visit) {
  std::string value;
  std::uint64_t count = 0;
  bool more = true;
  LENSFS_CHECK(in.db.each<FieldRow>(
      "SELECT value, asset_id FROM fields WHERE key = ?1 ORDER BY value",
      [&](const FieldRow& row) {
        if (row.value != value) {
          more = count == 0 || visit(value, count);
          value = row.value;
          count = 0;
        }
        if (in.set.contains(row.asset)) ++count;
        return more;
      },
      key));
  if (more && count > 0) visit(value, count);
  return {};
}

Status each_field_value(const Facet& in, std::string_view key, const ValueVisit& visit) {
  LENSFS_TRY(const std::vector<std::string> values, field_values(in.db, key, kFewValues + 1));
  if (values.size() > kFewValues) return each_of_many_values(in, key, visit);
  for (const std::string& value : values) {
    LENSFS_TRY(const SharedSet members, in.sets.with_field(in.db, key, value));
    if (!visit(value, in.common(members))) return {};
  }
  return {};
}

Status each_value(const Facet& in, std::string_view facet, const ValueVisit& visit) {
  if (facet == "tag") return each_tag_value(in, visit);
  if (facet == "project") return each_project_value(in, visit);
  if (facet == "kind") return each_kind_value(in, visit);
  if (facet == "ext") return each_extension_value(in, visit);
  return each_field_value(in, facet, visit);
}

bool is_built_in(std::string_view facet) {
  return facet == "tag" || facet == "project" || facet == "kind" || facet == "ext";
}

Result<bool> splits(const Facet& in, std::string_view facet) {
  if (facet == "ext") return extensions_differ(in);
  const std::uint64_t whole = in.set.count();
  bool found = false;
  LENSFS_CHECK(each_value(in, facet, [&](std::string_view, std::uint64_t count) {
    found = count > 0 && count < whole;
    return !found;
  }));
  return found;
}

Result<SharedSet> found_or_missing(Result<SharedSet> set) {
  if (set && (*set)->empty()) return fail(Errc::not_found, "nothing has this value");
  return set;
}

Result<SharedSet> extension_set(Database& db, SetSource& sets, std::string_view value) {
  const bool possible = !value.empty() && value.find('.') == std::string_view::npos;
  if (!possible) return fail(Errc::not_found, "not an extension");
  // At least one character stands before the dot: ".mov" is a name, not an extension.
  return found_or_missing(sets.named(db, "?*." + glob_of_text(value)));
}

}  // namespace

Result<std::vector<std::string>> field_values(Database& db, std::string_view key,
                                              std::size_t limit) {
  std::vector<std::string> values;
  LENSFS_CHECK(db.each<std::string>(
      "WITH RECURSIVE vals (v) AS (SELECT min(value) FROM fields WHERE key = ?1 UNION ALL"
      " SELECT (SELECT min(value) FROM fields WHERE key = ?1 AND value > w.v) FROM vals w"
      " WHERE w.v IS NOT NULL)"
      " SELECT v FROM vals WHERE v IS NOT NULL LIMIT ?2 /* SCAN: one row per value */",
      [&](std::string value) { values.push_back(std::move(value)); }, key, limit));
  return values;
}

Result<std::vector<std::string>> facets_of(Database& db, SetSource& sets, const AssetSet& set) {
  const Facet in{.db = db, .sets = sets, .set = set};
  std::vector<std::string> candidates = {"tag", "project", "kind", "ext"};
  LENSFS_TRY(const std::vector<std::string> keys, field_keys_in_use(db));
  for (const std::string& key : keys) {
    if (!is_built_in(key)) candidates.push_back(key);
  }
  std::vector<std::string> facets;
  if (set.count() < 2) return facets;
  for (std::string& candidate : candidates) {
    LENSFS_TRY(const bool offered, splits(in, candidate));
    if (offered) facets.push_back(std::move(candidate));
  }
  return facets;
}

Result<std::vector<FacetValue>> facet_values(Database& db, SetSource& sets, const AssetSet& set,
                                             std::string_view facet) {
  if (!is_built_in(facet)) {
    LENSFS_TRY(const std::vector<std::string> any, field_values(db, facet, 1));
    if (any.empty()) return fail(Errc::not_found, "no such facet");
  }
  const std::uint64_t whole = set.count();
  std::vector<FacetValue> values;
  const Facet in{.db = db, .sets = sets, .set = set};
  LENSFS_CHECK(each_value(in, facet, [&](std::string_view value, std::uint64_t count) {
    if (count > 0 && count < whole) values.push_back({.value = std::string(value), .count = count});
    return values.size() < kValuesLimit;
  }));
  return values;
}

Result<SharedSet> facet_set(Database& db, SetSource& sets, std::string_view facet,
                            std::string_view value) {
  if (facet == "tag") {
    LENSFS_TRY(const Tag tag, find_tag(db, value));
    return tagged_below(db, sets, tag.id);
  }
  if (facet == "project") {
    LENSFS_TRY(const Project project, find_project(db, value));
    return sets.in_project(db, project.id);
  }
  if (facet == "kind") return found_or_missing(sets.of_kind(db, value));
  if (facet == "ext") return extension_set(db, sets, value);
  if (facet == "label") {
    LENSFS_TRY(AssetSet labelled, labelled_assets(db, value));
    return found_or_missing(std::make_shared<const AssetSet>(std::move(labelled)));
  }
  return found_or_missing(sets.with_field(db, facet, value));
}

}  // namespace lensfs
