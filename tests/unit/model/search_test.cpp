#include "catalog/model/search.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

#include "catalog/base/text.h"
#include "tests/unit/db/must.h"
#include "tests/unit/model/queries.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

// The tree as text that shows its shape: "all(tag:a none(b))".
std::string shape(const Query& query) {
  if (query.op == Query::Op::term) {
    std::string text = query.key.empty() ? "" : query.key + compare_text(query.compare);
    text += "<" + query.value + ">";
    return query.compare == Compare::between ? text + "..<" + query.until + ">" : text;
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
                                           "name:",
                                           ">=",
                                           "!=",
                                           "<",
                                           "..",
                                           "2026-05",
                                           "size",
                                           "shot"};
  int readable = 0;
  for (std::size_t round = 0; round < asked_for("LENSFS_MUTATED_QUERIES", 200'000); ++round) {
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

TEST(QueryText, ComparesFieldsSizesAndDates) {
  EXPECT_EQ(parsed("shot>2026-05-01"), "shot><2026-05-01>");
  EXPECT_EQ(parsed("take<=3 size>10M"), "all(take<=<3> size><10M>)");
  EXPECT_EQ(parsed("camera!=sony"), "camera!=<sony>");
  EXPECT_EQ(parsed("added:2026-01..2026-03"), "added:<2026-01>..<2026-03>");
  EXPECT_EQ(parsed("title:\"a..b\""), "title:<a..b>");
  EXPECT_EQ(parsed("title:\"a b\"..\"c d\""), "title:<a b>..<c d>");
  EXPECT_EQ(parsed("name:a..b"), "name:<a..b>");
}

TEST(QueryText, SaysWhatWouldBeRightWhereAValueMakesNoSense) {
  EXPECT_THAT(refusal("a size>big"), HasSubstr("character 3: a size is written as"));
  EXPECT_THAT(refusal("added>soon"), HasSubstr("a date is written as"));
  EXPECT_THAT(refusal("tag>5"), HasSubstr("this key is not compared"));
  EXPECT_THAT(refusal("is:nice"), HasSubstr("tagged, untagged, used or unused"));
  EXPECT_THAT(refusal("shot>"), HasSubstr("character 6: a value is missing"));
}

}  // namespace
}  // namespace lensfs::test
