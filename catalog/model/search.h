// The query language: one grammar for `lensfs find`, /Search/<query> and key=value folders.
//
//   query   = any
//   any     = all { "or" all }
//   all     = not { ["and"] not }            words beside each other mean "and"
//   not     = "not" not | "(" any ")" | term
//   term    = key ":" value | value          key is tag, project, name, kind, ext, label or a
//                                            field's key
//   value   = word | '"' text '"'            quotes keep spaces, parentheses and keywords; "" in
//                                            them is one quote
//
// A value without a key means: carries a tag (or a sub-term of one) whose last part is the value,
// case-blind, or has the value in its name, where * and ? stand for other characters.
// tag:place includes sub-terms; name: takes * ? [a-z]; keywords are case-blind. Nothing that is
// typed reaches SQL: a query becomes a tree, the tree becomes set operations.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catalog/model/asset_set.h"

namespace lensfs {

struct Query {
  enum class Op { all_of, any_of, none_of, term };
  Op op = Op::term;
  std::vector<Query> parts;  // none_of has exactly one
  std::string key;           // term: empty for a bare value
  std::string value;         // term
};

// invalid, with the position (in characters, from 1) and the reason. Limits: 4096 bytes, 256
// terms, depth 64.
[[nodiscard]] Result<Query> parse_query(std::string_view text);
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
