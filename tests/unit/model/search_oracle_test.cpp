// Queries compared with an oracle: what reading every asset of a random library finds, term by
// term.
#include <fmt/format.h>
#include <fnmatch.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "catalog/base/text.h"
#include "catalog/model/search.h"
#include "tests/unit/model/queries.h"
#include "tests/unit/model/random_library.h"

namespace lensfs::test {
namespace {

// fold_name, remembered: the oracle asks for the same few texts a million times.
const std::string& folded(const std::string& text) {
  static std::map<std::string, std::string> known;
  const auto [at, fresh] = known.try_emplace(text);
  if (fresh) at->second = fold_name(text);
  return at->second;
}

bool has_name(const KnownAsset& asset, const std::string& glob) {
  return fnmatch(folded(glob).c_str(), asset.folded.c_str(), FNM_NOESCAPE) == 0;
}

// The words of a text, as people see them: letters without accents and case.
std::vector<std::string> words_in(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : folded(text) + " ") {
    const bool inside = (static_cast<unsigned char>(c) & 0x80U) != 0 || (c >= '0' && c <= '9') ||
                        (c >= 'a' && c <= 'z');
    if (inside) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  words.pop_back();
  for (std::string& word : words) {
    for (std::size_t at; (at = word.find("é")) != std::string::npos;) word.replace(at, 2, "e");
  }
  return words;
}

bool says(const std::string& text, const std::string& phrase) {
  std::vector<std::string> wanted = words_in(phrase);
  const bool goes_on = phrase.ends_with('*');
  if (goes_on) wanted = words_in(phrase.substr(0, phrase.size() - 1));
  if (wanted.empty()) return false;
  const std::vector<std::string> words = words_in(text);
  for (std::size_t at = 0; at + wanted.size() <= words.size(); ++at) {
    bool same = true;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const bool last = goes_on && i + 1 == wanted.size();
      same = same && (last ? words[at + i].starts_with(wanted[i]) : words[at + i] == wanted[i]);
    }
    if (same) return true;
  }
  return false;
}

bool has_said(const KnownAsset& asset, const std::string& phrase) {
  // What is a number or a date is not looked for as a word.
  return std::any_of(asset.fields.begin(), asset.fields.end(), [&](const auto& field) {
    const std::string& key = field.first;
    return key != "scene" && key != "rating" && key != "shot" && says(field.second, phrase);
  });
}

bool is_called(const KnownAsset& asset, const std::string& value) {
  return asset.folded.find(folded(value)) != std::string::npos ||
         asset.called.contains(folded(value)) || has_said(asset, value);
}

bool in_order(Compare compare, const std::string& value, const Query& term) {
  // Dates are texts of which a month is the front: what it compares with is as long.
  const std::string start = value.substr(0, term.value.size());
  switch (compare) {
    case Compare::matches:
    case Compare::equals:
      return start == term.value;
    case Compare::differs:
      return start != term.value;
    case Compare::below:
      return start < term.value;
    case Compare::at_most:
      return start <= term.value;
    case Compare::above:
      return start > term.value;
    case Compare::at_least:
      return start >= term.value;
    case Compare::between:
      return start >= term.value && value.substr(0, term.until.size()) <= term.until;
  }
  return false;
}

bool matches_field(const std::string& key, const std::string& value, const Query& term) {
  if (key == "shot" || key == "rating" || key == "scene")
    return in_order(term.compare, value, term);
  if (key == "keywords") {
    const std::string& list = folded(value);
    const std::string wanted = folded(term.value);
    const bool any =
        list == wanted || list.starts_with(wanted + ",") || list.ends_with(", " + wanted);
    return any != (term.compare == Compare::differs);
  }
  if (term.compare == Compare::equals) return value == term.value;
  const bool same = folded(value) == folded(term.value);
  return same != (term.compare == Compare::differs);
}

bool matches_size(const KnownAsset& asset, const Query& term) {
  const auto wanted = static_cast<std::uint64_t>(bytes_from(term.value).value());
  switch (term.compare) {
    case Compare::matches:
    case Compare::equals:
      return asset.size == wanted;
    case Compare::differs:
      return asset.size != wanted;
    case Compare::below:
      return asset.size < wanted;
    case Compare::at_most:
      return asset.size <= wanted;
    case Compare::above:
      return asset.size > wanted;
    case Compare::at_least:
      return asset.size >= wanted;
    case Compare::between:
      return asset.size >= wanted &&
             asset.size <= static_cast<std::uint64_t>(bytes_from(term.until).value());
  }
  return false;
}

bool has_what(const KnownAsset& asset, const std::string& what) {
  if (what == "tag") return !asset.tags.empty();
  if (what == "project") return !asset.projects.empty();
  return asset.fields.contains(what);
}

bool matches_term(const KnownAsset& asset, const Query& term) {
  const bool other = term.compare == Compare::differs;
  if (term.key.empty()) return is_called(asset, term.value);
  if (term.key == "tag") return is_tagged_below(asset, term.value) != other;
  if (term.key == "project") return asset.projects.contains(term.value) != other;
  if (term.key == "kind") return (asset.kind == term.value) != other;
  if (term.key == "name") return has_name(asset, term.value);
  if (term.key == "ext") return lower_extension(asset.name) == folded(term.value);
  if (term.key == "text") return has_said(asset, term.value);
  if (term.key == "size") return matches_size(asset, term);
  if (term.key == "has") return has_what(asset, term.value);
  if (term.key == "no") return !has_what(asset, term.value);
  if (term.key == "lastused" && term.value == "never") return asset.last_used.empty();
  if (term.key == "lastused") {
    return !asset.last_used.empty() && in_order(term.compare, asset.last_used, term);
  }
  if (term.key == "is" && (term.value == "used" || term.value == "unused")) {
    return asset.last_used.empty() == (term.value == "unused");
  }
  if (term.key == "is") return asset.tags.empty() == (term.value == "untagged");
  const auto field = asset.fields.find(term.key);
  return field != asset.fields.end() && matches_field(term.key, field->second, term);
}

class SearchOracle : public RandomLibrary {
 protected:
  SearchOracle() : RandomLibrary(asked_for("LENSFS_QUERY_ASSETS", 300)) {}

  std::set<AssetId> found(const std::string& text) {
    return ids_in(*must(evaluate(db(), sets_, must(parse_query(text)))));
  }

  using Answer = std::vector<bool>;  // by known_

  // Each term is answered once, by reading every asset.
  const Answer& answer_of_term(const Query& term) {
    const auto [at, fresh] = answers_.try_emplace(term_text(term));
    if (fresh) {
      for (const KnownAsset& asset : known_) at->second.push_back(matches_term(asset, term));
    }
    return at->second;
  }

  Answer answer_of(const Query& query) {
    if (query.op == Query::Op::term) return answer_of_term(query);
    Answer answer = answer_of(query.parts.front());
    if (query.op == Query::Op::none_of) answer.flip();
    for (std::size_t part = 1; part < query.parts.size(); ++part) {
      const Answer other = answer_of(query.parts[part]);
      for (std::size_t at = 0; at < answer.size(); ++at) {
        const bool all = query.op == Query::Op::all_of;
        answer[at] = all ? answer[at] && other[at] : answer[at] || other[at];
      }
    }
    return answer;
  }

  // What the catalog answers, in the form of the oracle's.
  Answer answered(const Query& query) {
    const SharedSet set = must(evaluate(db(), sets_, query));
    Answer answer;
    for (const KnownAsset& asset : known_) answer.push_back(set->contains(asset.id));
    return answer;
  }

  Query random_term() {
    static const std::vector<std::pair<std::string, std::vector<std::string>>> kTerms = {
        {"tag", kSomeTerms},
        {"project", kSomeProjects},
        {"kind", {"video", "audio", "image", "design"}},
        {"name",
         {"*", "clip*", "*.mov", "??*1.*", "CLIP[0-4].MOV", "été*", "oslo.png", "v*", "z*"}},
        {"ext", {"mov", "MOV", "gz", "tar.gz", "none", "png"}},
        {"scene", {"0", "1", "2", "9"}},
        {"shot", {"2026-01", "2026-02-14", "2026-03", "2026", "2025-12", "2026-04-28"}},
        {"rating", {"0", "3", "5", "2"}},
        {"size", {"100", "1124", "2k", "4100", "1M"}},
        {"keywords", {"sun", "RAIN", "fog", "snow"}},
        {"Camera.model", {"clip", "Clip", "nothing"}},
        {"text", {"running", "harbour", "fog over", "over fog", "ete", "run*", "Home", "the run*"}},
        {"has", {"tag", "shot", "rating", "project", "nothing"}},
        {"no", {"tag", "shot", "rating", "project", "nothing"}},
        {"is", {"tagged", "untagged", "used", "unused"}},
        {"lastused", {"2026-01", "2026-02-14", "2026-03", "2026", "2025-12", "2026-04-28"}},
        {"unknown", {"1"}},
        {"",
         {"beach", "oslo", "OSLO", "été", "harbour", "lip", "v[1]", ".mov", "place", "x\"y",
          "running", "fog"}}};
    const auto& [key, values] = any_of(kTerms);
    Query term;
    term.key = key;
    term.value = any_of(values);
    const bool compares =
        key == "shot" || key == "rating" || key == "size" || key == "scene" || key == "lastused";
    if (compares) term.compare = static_cast<Compare>(below(8));
    if (key == "keywords" || key == "tag" || key == "kind" || key == "Camera.model") {
      term.compare = std::vector{Compare::matches, Compare::differs}[below(2)];
    }
    if (term.compare == Compare::between) term.until = any_of(values);
    if (key == "lastused" && term.compare == Compare::matches && below(4) == 0) {
      term.value = "never";
    }
    return term;
  }

  Query random_query(int depth) {
    if (depth == 0 || below(3) == 0) return random_term();
    Query query;
    query.op = std::vector{Query::Op::all_of, Query::Op::any_of, Query::Op::none_of}[below(3)];
    const std::size_t parts = query.op == Query::Op::none_of ? 1 : 2 + below(2);
    for (std::size_t i = 0; i < parts; ++i) query.parts.push_back(random_query(depth - 1));
    return query;
  }

  SqlSets sets_;
  std::map<std::string, Answer> answers_;
};

TEST_F(SearchOracle, FindsWhatQueriesFind) {
  const std::size_t rounds = asked_for("LENSFS_QUERIES", 1500);
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::string text = printed(random_query(3));
    const Query query = must(parse_query(text));
    ASSERT_EQ(answered(query), answer_of(query)) << text;
  }
}

TEST_F(SearchOracle, FindsTheMembersOfSubTermsWithTheTerm) {
  const auto expected = ids_where([](const KnownAsset& asset) {
    return asset.tags.contains("place") || asset.tags.contains("place/oslo") ||
           asset.tags.contains("place/oslo/harbour") || asset.tags.contains("place/rome");
  });

  EXPECT_EQ(found("tag:place"), expected);
  EXPECT_FALSE(expected.empty());
}

TEST_F(SearchOracle, ForWhatDoesNotExistFindsNothing) {
  for (const std::string text :
       {"tag:nowhere", "project:nowhere", "kind:smell", "ext:xyz", "a:b"}) {
    EXPECT_TRUE(found(text).empty()) << text;
  }
  EXPECT_EQ(found("not tag:nowhere").size(), known_.size());
}

}  // namespace
}  // namespace lensfs::test
