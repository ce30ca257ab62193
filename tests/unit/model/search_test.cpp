#include "catalog/model/search.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "catalog/base/text.h"
#include "tests/unit/model/random_library.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

// The tree as text that shows its shape: "all(tag:a none(b))".
std::string shape(const Query& query) {
  if (query.op == Query::Op::term) {
    return query.key.empty() ? "<" + query.value + ">" : query.key + ":<" + query.value + ">";
  }
  std::string text = query.op == Query::Op::all_of   ? "all("
                     : query.op == Query::Op::any_of ? "any("
                                                     : "none(";
  for (const Query& part : query.parts) {
    if (text.back() != '(') text += ' ';
    text += shape(part);
  }
  return text + ")";
}

std::string parsed(std::string_view text) {
  return shape(must(parse_query(text)));
}

std::string refusal(std::string_view text) {
  const auto query = parse_query(text);
  EXPECT_EQ(error_code(query), Errc::invalid) << text;
  return query.error().message();
}

TEST(QueryText, ReadsWordsBesideEachOtherAsAnd) {
  EXPECT_EQ(parsed("beach"), "<beach>");
  EXPECT_EQ(parsed("  beach   tag:oslo "), "all(<beach> tag:<oslo>)");
  EXPECT_EQ(parsed("a and b c"), "all(<a> <b> <c>)");
}

TEST(QueryText, BindsNotBeforeAndBeforeOr) {
  EXPECT_EQ(parsed("a b or not c d"), "any(all(<a> <b>) all(none(<c>) <d>))");
  EXPECT_EQ(parsed("a and (b or c)"), "all(<a> any(<b> <c>))");
  EXPECT_EQ(parsed("not not(a)"), "none(none(<a>))");
  EXPECT_EQ(parsed("(a)(b)"), "all(<a> <b>)");
}

TEST(QueryText, KnowsItsKeywordsInAnyCase) {
  EXPECT_EQ(parsed("a AND b Or NOT c"), "any(all(<a> <b>) none(<c>))");
  EXPECT_EQ(parsed("TAG:Beach"), "tag:<Beach>");
  EXPECT_EQ(parsed("Scene:1"), "Scene:<1>");
}

TEST(QueryText, KeepsInQuotesWhatWouldMeanSomething) {
  EXPECT_EQ(parsed("\"not\""), "<not>");
  EXPECT_EQ(parsed("tag:\"a b (c)\" x"), "all(tag:<a b (c)> <x>)");
  EXPECT_EQ(parsed("\"say \"\"yes\"\"\""), "<say \"yes\">");
  EXPECT_EQ(parsed("\"tag:x\""), "<tag:x>");
  EXPECT_EQ(parsed("tag:and"), "tag:<and>");
}

TEST(QueryText, KeepsColonsOfAValue) {
  EXPECT_EQ(parsed("name:a:b"), "name:<a:b>");
  EXPECT_EQ(parsed("android northern"), "all(<android> <northern>)");
}

TEST(QueryText, SaysWhereItCannotBeRead) {
  EXPECT_THAT(refusal(""), HasSubstr("character 1"));
  EXPECT_THAT(refusal("été (b"), HasSubstr("character 5: an opening parenthesis"));
  EXPECT_THAT(refusal("a )"), HasSubstr("character 3: a closing parenthesis"));
  EXPECT_THAT(refusal("a and"), HasSubstr("character 6"));
  EXPECT_THAT(refusal("or a"), HasSubstr("character 1"));
  EXPECT_THAT(refusal("a or or b"), HasSubstr("character 6"));
  EXPECT_THAT(refusal("tag:"), HasSubstr("character 5: a value is missing"));
  EXPECT_THAT(refusal("tag: x"), HasSubstr("character 5"));
  EXPECT_THAT(refusal(":x"), HasSubstr("a key is missing"));
  EXPECT_THAT(refusal("a/b:x"), HasSubstr("a key is made of"));
  EXPECT_THAT(refusal("a \"b"), HasSubstr("character 3: a quote is not closed"));
  EXPECT_THAT(refusal("\"\""), HasSubstr("nothing stands between"));
  EXPECT_THAT(refusal("\"a\"b"), HasSubstr("character 4"));
  EXPECT_THAT(refusal("a\"b\""), HasSubstr("character 2"));
  EXPECT_THAT(refusal("()"), HasSubstr("character 2"));
  EXPECT_THAT(refusal("a\nb"), HasSubstr("character 2: a control character"));
  EXPECT_THAT(refusal("\xff"), HasSubstr("not UTF-8"));
}

TEST(QueryText, HasLimits) {
  EXPECT_TRUE(parse_query("\"" + std::string(4094, 'x') + "\""));
  EXPECT_THAT(refusal(std::string(4097, 'x')), HasSubstr("4096"));
  std::string words;
  for (int i = 0; i < 256; ++i) words += "a ";
  EXPECT_TRUE(parse_query(words));
  EXPECT_THAT(refusal(words + "a"), HasSubstr("256 terms"));
  EXPECT_THAT(refusal(std::string(4000, '(')), HasSubstr("deeper than 64"));
  EXPECT_TRUE(parse_query(std::string(63, '(') + "a" + std::string(63, ')')));
}

// A query as text that means the same, however it was typed.
std::string printed(const Query& query) {
  const auto quoted = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
  };
  if (query.op == Query::Op::term) {
    return (query.key.empty() ? "" : query.key + ":") + quoted(query.value);
  }
  if (query.op == Query::Op::none_of) return "not (" + printed(query.parts.front()) + ")";
  std::string text;
  for (const Query& part : query.parts) {
    if (!text.empty()) text += query.op == Query::Op::any_of ? " or " : " ";
    text += "(" + printed(part) + ")";
  }
  return text;
}

TEST(QueryText, NeitherCrashesNorChangesItsMeaningWhateverIsTyped) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"(",
                                           ")",
                                           "\"",
                                           ":",
                                           " ",
                                           "and",
                                           "or",
                                           "not",
                                           "tag:",
                                           "a",
                                           "é",
                                           "/",
                                           "\"\"",
                                           "*",
                                           "[",
                                           "\t",
                                           "\xff",
                                           "NOT",
                                           std::string(1, '\0'),
                                           "ext:",
                                           "x y",
                                           "\n",
                                           ".",
                                           "name:"};
  int readable = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (std::size_t left = random() % 12; left > 0; --left)
      text += pieces[random() % pieces.size()];
    if (!text.empty() && random() % 4 == 0)
      text[random() % text.size()] = static_cast<char>(random());

    const auto query = parse_query(text);

    if (!query) continue;
    ++readable;
    const std::string again = printed(*query);
    ASSERT_EQ(shape(must(parse_query(again))), shape(*query)) << text << " -> " << again;
  }
  EXPECT_GT(readable, 10'000);
}

// --- against the oracle

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

bool is_called(const KnownAsset& asset, const std::string& value) {
  return asset.folded.find(folded(value)) != std::string::npos ||
         asset.called.contains(folded(value));
}

bool matches(const KnownAsset& asset, const Query& query);

bool matches_term(const KnownAsset& asset, const Query& term) {
  if (term.key.empty()) return is_called(asset, term.value);
  if (term.key == "tag") return is_tagged_below(asset, term.value);
  if (term.key == "project") return asset.projects.contains(term.value);
  if (term.key == "kind") return asset.kind == term.value;
  if (term.key == "name") return has_name(asset, term.value);
  if (term.key == "ext") return lower_extension(asset.name) == folded(term.value);
  const auto field = asset.fields.find(term.key);
  return field != asset.fields.end() && field->second == term.value;
}

bool matches(const KnownAsset& asset, const Query& query) {
  const auto part_matches = [&](const Query& part) { return matches(asset, part); };
  const auto& parts = query.parts;
  switch (query.op) {
    case Query::Op::all_of:
      return std::all_of(parts.begin(), parts.end(), part_matches);
    case Query::Op::any_of:
      return std::any_of(parts.begin(), parts.end(), part_matches);
    case Query::Op::none_of:
      return std::none_of(parts.begin(), parts.end(), part_matches);
    case Query::Op::term:
      break;
  }
  return matches_term(asset, query);
}

class Search : public RandomLibrary {
 protected:
  std::set<AssetId> found(const std::string& text) {
    return ids_in(*must(evaluate(db(), sets_, must(parse_query(text)))));
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
        {"Camera.model", {"clip", "Clip", "nothing"}},
        {"unknown", {"1"}},
        {"", {"beach", "oslo", "OSLO", "été", "harbour", "lip", "v[1]", ".mov", "place", "x\"y"}}};
    const auto& [key, values] = any_of(kTerms);
    Query term;
    term.key = key;
    term.value = any_of(values);
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
};

TEST_F(Search, FindsWhatReadingEveryAssetFinds) {
  for (int round = 0; round < 1500; ++round) {
    const std::string text = printed(random_query(3));
    const Query query = must(parse_query(text));

    const auto expected = ids_where([&](const KnownAsset& asset) { return matches(asset, query); });

    ASSERT_EQ(found(text), expected) << text;
  }
}

TEST_F(Search, FindsTheMembersOfSubTermsWithTheTerm) {
  const auto expected = ids_where([](const KnownAsset& asset) {
    return asset.tags.contains("place") || asset.tags.contains("place/oslo") ||
           asset.tags.contains("place/oslo/harbour") || asset.tags.contains("place/rome");
  });

  EXPECT_EQ(found("tag:place"), expected);
  EXPECT_FALSE(expected.empty());
}

TEST_F(Search, ForWhatDoesNotExistFindsNothing) {
  for (const std::string text :
       {"tag:nowhere", "project:nowhere", "kind:smell", "ext:xyz", "a:b"}) {
    EXPECT_TRUE(found(text).empty()) << text;
  }
  EXPECT_EQ(found("not tag:nowhere").size(), known_.size());
}

}  // namespace
}  // namespace lensfs::test
