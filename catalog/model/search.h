// The query language: one grammar for `lensfs find`, /Search/<query> and saved searches, explained
// for people in catalog/QUERIES.md. key=value folders are terms of it.
//
//   query   = any
//   any     = all { "or" all }
//   all     = not { ["and"] not }            words beside each other mean "and"
//   not     = "not" not | "(" any ")" | term
//   term    = key ":" range | key compare value | value
//   compare = "=" | "!=" | "<" | "<=" | ">" | ">="
//   range   = value [ ".." value ]
//   value   = word | '"' text '"'            quotes keep spaces, parentheses, keywords, ".." and
//                                            what compares; "" in them is one quote
//
// Keywords are case-blind. Nothing that is typed reaches SQL but as a bound value: a query becomes
// a tree, the tree becomes set operations.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catalog/model/asset_set.h"
#include "catalog/model/marker.h"

namespace lensfs {

enum class Compare { matches, equals, differs, below, at_most, above, at_least, between };

struct Query {
  enum class Op { all_of, any_of, none_of, term };
  Op op = Op::term;
  std::vector<Query> parts{};  // none_of has exactly one
  // --- of a term
  std::string key{};  // empty for a bare value
  std::string value{};
  Compare compare = Compare::matches;
  std::string until{};  // between: the other end, which belongs to it
};

// invalid, with the position (in characters, from 1) and the reason. Limits: 4096 bytes, 256
// terms, depth 64.
[[nodiscard]] Result<Query> parse_query(std::string_view text);
// A term as text that no other term has.
[[nodiscard]] std::string term_text(const Query& term);
// Whether a key has what is more and less, and so ranges: fields, size, dates.
[[nodiscard]] bool is_compared(std::string_view key);
// Why a term cannot be asked, or nothing: a key that is not compared, a size that is none.
[[nodiscard]] const char* fault_of_term(const Query& term);
// Whether what a term finds can change when nothing but bytes and times of files do.
// (size, added, version …); of a query: whether any of its terms does.
[[nodiscard]] bool looks_at_files(const Query& query);
// What its marker: terms ask for, and the markers of these assets that say it, term by term.
[[nodiscard]] std::vector<std::string> marker_phrases_of(const Query& query);
[[nodiscard]] Result<std::vector<Marker>> markers_found(Database& db, const Query& query,
                                                        const AssetSet& assets);
// When a date that is typed as in a query ("2026-05", "today", "-7d") begins, and when it is over.
struct Moments {
  Nanoseconds from = 0;
  Nanoseconds until = 0;  // exclusive; of "-7d": the same as `from`
};
[[nodiscard]] std::optional<Moments> moments_from(std::string_view text);
// Whether what it finds can change when somebody only opens a file, of which the change log says
// nothing (lastused, is:unused).
[[nodiscard]] bool looks_at_uses(const Query& query);
// Whether it looks for words that documents say, which only those find who may read them.
[[nodiscard]] bool looks_at_content(const Query& query);
// What a term with a key finds that is no facet: see SetSource::matching.
[[nodiscard]] Result<SharedSet> matching_set(Database& db, SetSource& sets, const Query& term);
// The assets that match. A tag, project or field that does not exist matches nothing.
[[nodiscard]] Result<SharedSet> evaluate(Database& db, SetSource& sets, const Query& query);

// --- facets: what a set can be narrowed by
struct FacetValue {
  std::string value;
  std::uint64_t count = 0;  // members of the set that have it
};
// "tag", "project", "kind", "ext" and the keys of fields: those with at least one value that splits
// the set. The values of "tag" are whole terms and include what carries a sub-term.
[[nodiscard]] Result<std::vector<std::string>> facets_of(Database& db, SetSource& sets,
                                                         const AssetSet& set);
// The values of one facet that split the set (0 < count < |set|), in text order. not_found for no
// such facet; at most 10,000 values.
[[nodiscard]] Result<std::vector<FacetValue>> facet_values(Database& db, SetSource& sets,
                                                           const AssetSet& set,
                                                           std::string_view facet);
// The members of all assets that have this value: what `facet=value` narrows by. not_found if no
// facet or no tag, project … has this name.
[[nodiscard]] Result<SharedSet> facet_set(Database& db, SetSource& sets, std::string_view facet,
                                          std::string_view value);

}  // namespace lensfs
