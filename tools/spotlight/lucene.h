// Lucene: the query strings that Samba builds of Spotlight's (its es_parser.y): a small part of
// what Elasticsearch would take, and nothing beside it.
//
//   any   = all { " OR " all }
//   all   = not { " AND " not }
//   not   = "NOT " not | "(" any ")" | term
//   term  = [ field ":" ] value
//   value = word | '"' text '"' | "(" word { " " word } ")"
//         | "[" word " TO " word "]" | "{" word " TO " word "}"
//
// A backslash takes the meaning from the character after it; a bare * stands for any characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

// Pattern: the texts between stars. "a*" is {"a", ""}; a text without stars is its only one.
struct Pattern {
  std::vector<std::string> parts = {""};

  [[nodiscard]] bool is_plain() const { return parts.size() == 1; }
  [[nodiscard]] bool is_anything() const {
    return parts.size() == 2 && parts.front().empty() && parts.back().empty();
  }
  auto operator<=>(const Pattern&) const = default;
};

struct LuceneQuery {
  enum class Op { all_of, any_of, none_of, term };
  enum class Form {
    words,   // any of `values`
    quoted,  // the only one of `values`, as it stands
    within,  // from the first to the second of `values`, both included
    between  // the same, neither included; a lone star is no limit
  };
  Op op = Op::term;
  std::vector<LuceneQuery> parts{};  // none_of has exactly one
  // --- of a term
  std::string field{};  // empty: wherever it may be
  Form form = Form::words;
  std::vector<Pattern> values{};
};

inline constexpr std::size_t kLuceneBytes = 16'384;

// invalid, with the position (in bytes, from 1) and the reason. Limits: kLuceneBytes, 256 terms,
// 64 levels of parentheses.
[[nodiscard]] Result<LuceneQuery> parse_lucene(std::string_view text);

}  // namespace lensfs
