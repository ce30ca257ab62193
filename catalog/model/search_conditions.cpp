// Terms whose key means something of its own: sizes, dates, words, what is there and what is not.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "catalog/base/text.h"
#include "catalog/model/search_internal.h"
#include "catalog/model/tag.h"
#include "catalog/model/text_index.h"

namespace lensfs {
namespace {

constexpr double kNanoseconds = 1e9;

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool is_date(std::string_view key) {
  return key == "added" || key == "modified" || key == "lastused";
}

bool is_measured(std::string_view key) {
  return is_one_of(key, {"size", "added", "modified", "version", "lastused"});
}

// "lastused:never", which is no date.
bool is_of_never(const Query& term) {
  return term.key == "lastused" && term.value == "never";
}

std::optional<Extent> size_extent(std::string_view text) {
  const auto bytes = bytes_from(text);
  if (!bytes) return std::nullopt;
  return Extent{static_cast<double>(*bytes), static_cast<double>(*bytes) + 1};
}

std::optional<Extent> extent_for(std::string_view key, std::string_view text) {
  if (key == "size") return size_extent(text);
  if (is_date(key)) return moment_extent(FieldForm::date, text);
  return extent_of(FieldForm::number, text);
}

// From inclusive, until exclusive.
Extent wanted_of(const Query& term) {
  const Extent value = extent_for(term.key, term.value).value_or(Extent{});
  switch (term.compare) {
    case Compare::below:
      return {-HUGE_VAL, value.from};
    case Compare::at_most:
      return {-HUGE_VAL, value.until};
    case Compare::above:
      return {value.until, HUGE_VAL};
    case Compare::at_least:
      return {value.from, HUGE_VAL};
    case Compare::between:
      return {value.from, extent_for(term.key, term.until).value_or(Extent{}).until};
    case Compare::matches:
    case Compare::equals:
    case Compare::differs:
      break;
  }
  return value;
}

struct Measured {
  AssetId asset{};
  double value = 0;
  static Measured from(const Row& row) { return {row.get<AssetId>(0), row.number(1).value_or(0)}; }
};

// Measure: what values a term wants.
class Measure {
 public:
  explicit Measure(const Query& term)
      : wanted_(wanted_of(term)),
        unit_(is_date(term.key) ? kNanoseconds : 1),
        differs_(term.compare == Compare::differs) {}
  [[nodiscard]] bool is_met(double stored) const {
    const double value = stored / unit_;
    return (value >= wanted_.from && value < wanted_.until) != differs_;
  }

 private:
  Extent wanted_;
  double unit_;
  bool differs_;
};

Result<SharedSet> measured_set(Database& db, const Query& term) {
  const Measure measure(term);
  auto set = std::make_shared<AssetSet>();
  const auto take = [&](const Measured& row) {
    if (measure.is_met(row.value)) set->add(row.asset);
  };
  if (term.key == "size") {
    LENSFS_CHECK(
        db.each<Measured>("SELECT id, size FROM assets WHERE state = 0 /* SCAN: sizes */", take));
  } else if (term.key == "added") {
    LENSFS_CHECK(db.each<Measured>(
        "SELECT id, created_ns FROM assets WHERE state = 0 /* SCAN: dates */", take));
  } else if (term.key == "modified") {
    LENSFS_CHECK(db.each<Measured>(
        "SELECT id, mtime_ns FROM assets WHERE state = 0 /* SCAN: dates */", take));
  } else if (term.key == "lastused") {
    LENSFS_CHECK(db.each<Measured>(
        "SELECT asset_id, last_ns FROM asset_usage /* SCAN: what was used */", take));
    LENSFS_CHECK(remove_hidden(db, *set));
  } else {
    LENSFS_CHECK(db.each<Measured>(
        "SELECT a.id, v.number FROM assets a JOIN versions v ON v.id = a.version_id"
        " WHERE a.state = 0 /* SCAN: numbers of versions */",
        take));
  }
  return set;
}

Result<SharedSet> authored_set(Database& db, const Query& term) {
  auto set = std::make_shared<AssetSet>();
  LENSFS_CHECK(db.each<AssetId>(
      "SELECT asset_id FROM versions WHERE author = ?1 /* SCAN: authors are few */",
      [&](AssetId id) { set->add(id); }, term.value));
  LENSFS_CHECK(remove_hidden(db, *set));
  return set;
}

// --- has, no

Result<SharedSet> tagged_at_all(Database& db, SetSource& sets) {
  auto set = std::make_shared<AssetSet>();
  LENSFS_TRY(const std::vector<Tag> tags, all_tags(db));
  for (const Tag& tag : tags) {
    LENSFS_TRY(const SharedSet tagged, sets.tagged(db, tag.id));
    *set |= *tagged;
  }
  return set;
}

Result<SharedSet> having(Database& db, std::string_view sql) {
  auto set = std::make_shared<AssetSet>();
  LENSFS_CHECK(db.each<AssetId>(sql, [&](AssetId id) { set->add(id); }));
  LENSFS_CHECK(remove_hidden(db, *set));
  return set;
}

Result<SharedSet> having_set(Database& db, SetSource& sets, std::string_view what) {
  if (what == "tag") return tagged_at_all(db, sets);
  if (what == "label") return having(db, "SELECT asset_id FROM labels /* SCAN: all labels */");
  if (what == "marker") return having(db, "SELECT asset_id FROM markers /* SCAN: all markers */");
  if (what == "project") {
    return having(db, "SELECT id FROM assets WHERE places > 0 /* SCAN: most have one */");
  }
  if (what == "text") {
    return having(db, "SELECT asset_id FROM texts WHERE what = 'content' /* SCAN: documents */");
  }
  if (what == "proxy") {
    return having(db,
                  "SELECT a.id FROM assets a JOIN versions v ON v.id = a.version_id"
                  " WHERE EXISTS (SELECT 1 FROM renditions r WHERE r.source_id = v.object_id)"
                  " OR EXISTS (SELECT 1 FROM outlines o WHERE o.source_id = v.object_id)"
                  " /* SCAN: every asset */");
  }
  return assets_with_field(db, what);
}

Result<SharedSet> used_set(Database& db) {
  return having(db, "SELECT asset_id FROM asset_usage /* SCAN: what was used */");
}

Result<SharedSet> all_but(Database& db, SetSource& sets, const SharedSet& set) {
  LENSFS_TRY(const SharedSet everything, sets.all(db));
  auto rest = std::make_shared<AssetSet>(*everything);
  *rest -= *set;
  return rest;
}

// --- like

// The letters and digits of a stem in groups of three.
std::set<std::string> trigrams_of(std::string_view folded_name) {
  std::string letters;
  for (const char c : split_name(folded_name).stem) {
    const bool counts = (static_cast<unsigned char>(c) & 0x80U) != 0 || (c >= 'a' && c <= 'z') ||
                        (c >= '0' && c <= '9');
    if (counts) letters += c;
  }
  std::set<std::string> grams;
  letters = "  " + letters + " ";
  for (std::size_t at = 0; at + 3 <= letters.size(); ++at) grams.insert(letters.substr(at, 3));
  return grams;
}

struct NamedRow {
  std::string_view key;  // valid until the next row
  AssetId id{};
  static NamedRow from(const Row& row) { return {row.text(0), row.get<AssetId>(1)}; }
};

// Names of which at least half of the groups of three letters are the same (Dice's coefficient).
Result<SharedSet> alike_set(Database& db, std::string_view name) {
  const std::set<std::string> wanted = trigrams_of(fold_name(name));
  auto set = std::make_shared<AssetSet>();
  LENSFS_CHECK(db.each<NamedRow>(
      "SELECT name_key, id FROM assets WHERE state = 0 /* SCAN: every name */",
      [&](const NamedRow& row) {
        const std::set<std::string> has = trigrams_of(row.key);
        const auto common = std::count_if(has.begin(), has.end(), [&](const std::string& gram) {
          return wanted.count(gram) != 0;
        });
        if (static_cast<std::size_t>(common) * 4 >= has.size() + wanted.size()) set->add(row.id);
      }));
  return set;
}

WordQuery words_wanted(const Query& term) {
  WordQuery words{
      .phrase = term.value, .stem = term.key == "stem", .in_markers = term.key == "marker"};
  if (words.phrase.ends_with('*')) {
    words.phrase.remove_suffix(1);
    words.prefix = true;
  }
  return words;
}

}  // namespace

std::string term_text(const Query& term) {
  constexpr std::array<std::string_view, 8> kCompares = {":",  "=", "!=", "<",
                                                         "<=", ">", ">=", ".."};
  std::string text =
      fmt::format("{}{}{}:{}", term.key, kCompares[static_cast<std::size_t>(term.compare)],
                  term.value.size(), term.value);
  if (term.compare == Compare::between) text += ".." + term.until;
  return text;
}

bool is_compared(std::string_view key) {
  return !key.empty() &&
         !is_one_of(key, {"tag", "project", "name", "kind", "ext", "label", "author", "has", "no",
                          "is", "like", "text", "stem", "marker"});
}

const char* fault_of_term(const Query& term) {
  const bool plain = term.compare == Compare::matches || term.compare == Compare::equals;
  if (is_of_never(term)) return plain ? nullptr : "never is not compared: write lastused:never";
  if (is_measured(term.key)) {
    const bool ends = term.compare != Compare::between || extent_for(term.key, term.until);
    if (extent_for(term.key, term.value) && ends) return nullptr;
    if (term.key == "size") return "a size is written as 500k, 10M, 2G or in bytes";
    if (term.key == "version") return "the number of a version is a number";
    return "a date is written as 2026-05-01, 2026-05, today, yesterday or -7d";
  }
  if (plain && term.key == "is" &&
      !is_one_of(term.value, {"tagged", "untagged", "used", "unused"})) {
    return "what is: is followed by is tagged, untagged, used or unused";
  }
  if (plain || term.key.empty() || is_compared(term.key)) return nullptr;
  const bool excepts = is_one_of(term.key, {"tag", "project", "name", "kind", "ext", "label"});
  if (excepts && term.compare == Compare::differs) return nullptr;
  return "this key is not compared: write it with a colon";
}

bool is_told_by_each(const Query& term) {
  if (term.op != Query::Op::term) return false;
  const bool plain = term.compare == Compare::matches || term.compare == Compare::equals;
  if (term.key == "kind") return plain;
  return is_one_of(term.key, {"size", "added", "modified"});
}

Result<AssetSet> found_among(Database& db, const AssetSet& few, const Query& term) {
  struct Told {
    std::string kind;
    double size = 0;
    double added = 0;
    double modified = 0;
    static Told from(const Row& row) {
      return {std::string(row.text(0)), row.number(1).value_or(0), row.number(2).value_or(0),
              row.number(3).value_or(0)};
    }
  };
  const Measure measure(term);
  AssetSet found;
  Status looked;
  few.each([&](AssetId id) {
    const auto told = db.maybe<Told>(
        "SELECT kind, size, created_ns, mtime_ns FROM assets WHERE id = ?1 AND state = 0", id);
    if (!told) looked = fail(told.error());
    if (!told || !*told) return looked.has_value();
    const Told& asset = **told;
    const bool is_found = term.key == "kind"    ? asset.kind == term.value
                          : term.key == "size"  ? measure.is_met(asset.size)
                          : term.key == "added" ? measure.is_met(asset.added)
                                                : measure.is_met(asset.modified);
    if (is_found) found.add(id);
    return true;
  });
  if (!looked) return fail(looked.error());
  return found;
}

bool looks_at_uses(const Query& term) {
  if (term.op != Query::Op::term) {
    return std::any_of(term.parts.begin(), term.parts.end(), looks_at_uses);
  }
  return term.key == "lastused" || (term.key == "is" && is_one_of(term.value, {"used", "unused"}));
}

bool looks_at_content(const Query& term) {
  if (term.op != Query::Op::term) {
    return std::any_of(term.parts.begin(), term.parts.end(), looks_at_content);
  }
  return term.key.empty() || term.key == "text" || term.key == "stem";
}

bool looks_at_files(const Query& term) {
  if (term.op != Query::Op::term) {
    return std::any_of(term.parts.begin(), term.parts.end(), looks_at_files);
  }
  if (is_one_of(term.key, {"size", "added", "modified", "version", "author"})) return true;
  return (term.key == "has" || term.key == "no") && (term.value == "proxy" || term.value == "text");
}

Result<SharedSet> matching_set(Database& db, SetSource& sets, const Query& term) {
  const bool is_unused = is_of_never(term) || (term.key == "is" && term.value == "unused");
  if (is_unused || (term.key == "is" && term.value == "used")) {
    LENSFS_TRY(const SharedSet used, used_set(db));
    return is_unused ? all_but(db, sets, used) : Result<SharedSet>(used);
  }
  if (is_measured(term.key)) return measured_set(db, term);
  if (term.key == "author") return authored_set(db, term);
  if (term.key == "text" || term.key == "stem" || term.key == "marker") {
    LENSFS_TRY(const Veil veil, sets.veil(db));
    return assets_saying(db, words_wanted(term), veil);
  }
  if (term.key == "like") return alike_set(db, term.value);
  if (term.key == "has") return having_set(db, sets, term.value);
  const bool none = term.key == "no" || (term.key == "is" && term.value == "untagged");
  if (none || term.key == "is") {
    LENSFS_TRY(const SharedSet set, having_set(db, sets, term.key == "is" ? "tag" : term.value));
    return none ? all_but(db, sets, set) : Result<SharedSet>(set);
  }
  if (is_one_of(term.key, {"tag", "project", "name", "kind", "ext", "label"})) {
    Query same = term;  // it differs: the others were answered as facets
    same.compare = Compare::matches;
    LENSFS_TRY(const SharedSet equal, evaluate(db, sets, same));
    return all_but(db, sets, equal);
  }
  return field_set(db, sets, term);
}

Result<SharedSet> SqlSets::matching(Database& db, const Query& term) {
  return matching_set(db, *this, term);
}

}  // namespace lensfs
