// Query strings as Samba's es_parser builds them (those of its own tests, source3's
// test_mdsparser_es.c, among them, once JSON is undone), and what the library is asked.
#include "tools/spotlight/translate.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/model/queries.h"
#include "tools/spotlight/fields.h"
#include "tools/spotlight/lucene.h"

namespace lensfs::test {
namespace {

const std::vector<std::string> kTerms = {"Red", "place", "place/oslo", "red wine"};

std::string joined(const std::vector<Query>& parts, const char* by);

std::string shown(const Query& query) {
  switch (query.op) {
    case Query::Op::all_of:
      return joined(query.parts, " & ");
    case Query::Op::any_of:
      return joined(query.parts, " | ");
    case Query::Op::none_of:
      return "!" + shown(query.parts.front());
    case Query::Op::term:
      break;
  }
  return query.key + compare_text(query.compare) + query.value;
}

std::string joined(const std::vector<Query>& parts, const char* by) {
  std::string text;
  for (const Query& part : parts) text += (text.empty() ? "(" : by) + shown(part);
  return text + ")";
}

// What a client's part of the query becomes; "?" and why where it cannot be translated.
std::string asked(const std::string& lucene) {
  const auto query =
      spotlight_query("(" + lucene + ") AND path.real.fulltext:\"/mnt/media\"", kTerms);
  if (!query) return "? " + query.error().message();
  EXPECT_EQ(query->folder, "/mnt/media");
  return shown(query->query);
}

bool is_refused(const std::string& lucene) {
  return asked(lucene).starts_with("?");
}

TEST(SpotlightQuery, OfAnythingLooksAtNamesTagsAndWhatIsSaid) {
  EXPECT_EQ(asked("samba"), "(name:*samba* | tag:samba | text:samba)");
  EXPECT_EQ(asked("samba*"), "(name:*samba** | !name:* | text:samba*)");
  EXPECT_EQ(asked("red*"), "(name:*red** | (tag:Red | tag:red wine) | text:red*)");
  EXPECT_EQ(asked(R"(night\ market*)"), "(name:*night market** | !name:* | text:night market*)");
  EXPECT_EQ(asked("(NOT samba)"), "!(name:*samba* | tag:samba | text:samba)");
  EXPECT_EQ(asked("*"), "name:*");
}

TEST(SpotlightQuery, OfTextFindsWordsAndBeginningsOfWords) {
  EXPECT_EQ(asked("content:samba"), "text:samba");
  EXPECT_EQ(asked("content:samba*"), "text:samba*");
  EXPECT_EQ(asked("content:*samba*"), "text:samba*");
  EXPECT_EQ(asked(R"(content:a\ AND\ b\*)"), "text:a AND b");
  EXPECT_TRUE(is_refused("content:sam*ba"));
}

TEST(SpotlightQuery, OfANameTakesStarsAndNothingElseForSpecial) {
  EXPECT_EQ(asked("file.filename:samba*"), "name:samba*");
  EXPECT_EQ(asked("file.filename:*.mov"), "name:*.mov");
  EXPECT_EQ(asked(R"(file.filename:x\+x OR file.filename:x=x OR file.filename:x'x)"),
            "(name:x+x | name:x=x | name:x'x)");
  EXPECT_EQ(asked(R"(file.filename:x\*x)"), "name:x[*]x");
  EXPECT_EQ(asked(R"(file.filename:x\?x\ \[1\])"), "name:x[?]x [[]1]");
  EXPECT_EQ(asked(R"(file.filename:x\"x\\x)"), R"(name:x"x\x)");
  EXPECT_EQ(asked("file.filename:\xc3\xbcn\xc3\xaf*"), "name:\xc3\xbcn\xc3\xaf*");
}

TEST(SpotlightQuery, OfTagsTakesWholeTermsAndTheirLastPartsInAnyCase) {
  EXPECT_EQ(asked("tags:red"), "tag:Red");
  EXPECT_EQ(asked("tags:Oslo"), "tag:place/oslo");
  EXPECT_EQ(asked(R"(tags:place\/oslo)"), "tag:place/oslo");
  EXPECT_EQ(asked("tags:re*"), "(tag:Red | tag:red wine)");
  EXPECT_EQ(asked("tags:synonym"), "tag:synonym");
  EXPECT_EQ(asked("tags:none*"), "!name:*");
  EXPECT_EQ(asked("(NOT tags:Red)"), "!tag:Red");
}

TEST(SpotlightQuery, OfTypesBecomesKindsAndExtensions) {
  EXPECT_EQ(asked(R"(file.content_type:(video\/*))"), "kind:video");
  EXPECT_EQ(asked(R"(file.content_type:(application\/pdf))"), "ext:pdf");
  EXPECT_EQ(asked(R"(file.content_type:(message\/rfc822 application\/pdf image\/*))"),
            "(ext:eml | ext:pdf | kind:image)");
  EXPECT_EQ(asked(R"((NOT file.content_type:(image\/jpeg)))"), "!(ext:jpe | ext:jpeg | ext:jpg)");
  EXPECT_EQ(asked(R"(file.content_type:(application\/octet\-stream))"), "!name:*");
  EXPECT_EQ(asked(R"(file.content_type:(*))"),
            "(kind:video | kind:audio | kind:image | kind:document | kind:design | kind:other)");
}

TEST(SpotlightQuery, OfSizesAndMeasuresIsComparedAsSambaComparesIt) {
  EXPECT_EQ(asked("file.filesize:1"), "size:1");
  EXPECT_EQ(asked("(NOT file.filesize:1)"), "!size:1");
  EXPECT_EQ(asked("file.filesize:{1 TO *}"), "size>1");
  EXPECT_EQ(asked("file.filesize:{* TO 1}"), "size<1");
  EXPECT_EQ(asked("file.filesize:[1 TO 2]"), "(size>=1 & size<=2)");
  EXPECT_EQ(asked(R"(meta.raw.Image\ Width:{1919 TO *})"), "width>1919");
  EXPECT_EQ(asked(R"(meta.raw.Image\ Height:1080)"), "height:1080");
  EXPECT_EQ(asked(R"(meta.raw.xmpDM\:duration:{1.5 TO *})"), "duration>1.5s");
  EXPECT_EQ(asked(R"(meta.raw.xmpTPg\:NPages:[2 TO 9])"), "(pages>=2 & pages<=9)");
  EXPECT_EQ(asked(R"(field.rating:{3 TO *})"), "rating>3");
}

TEST(SpotlightQuery, OfDatesIsOfTheSecond) {
  EXPECT_EQ(asked(R"(file.last_modified:2018\-10\-01T10\:00\:00Z)"),
            "modified:2018-10-01T10:00:00Z");
  EXPECT_EQ(asked(R"(file.created:{2001\-01\-01T00\:00\:01Z TO *})"), "added>2001-01-01T00:00:01Z");
  EXPECT_EQ(asked(R"(field.shot:{* TO 2001\-01\-01T00\:00\:01Z})"), "shot<2001-01-01T00:00:01Z");
  EXPECT_EQ(asked(R"(file.last_used:[2001\-01\-01T00\:00\:01Z TO 2001\-01\-01T00\:00\:02Z])"),
            "(lastused>=2001-01-01T00:00:01Z & lastused<=2001-01-01T00:00:02Z)");
}

TEST(SpotlightQuery, OfWhatFilesSayOfThemselvesIsOfFields) {
  EXPECT_EQ(asked("meta.title:Samba"), "title:Samba");
  EXPECT_EQ(asked("meta.author:Chouka*"), "creator:Chouka*");
  EXPECT_EQ(asked(R"(meta.raw.xmpDM\:album:Red\ Roses\ for\ Me)"), "album:Red Roses for Me");
  EXPECT_EQ(asked(R"(meta.title:what\?)"), "title=what?");
  EXPECT_TRUE(is_refused(R"(meta.title:what\?*)"));
}

TEST(SpotlightQuery, JoinsByAndAndOrAsSambaNestsThem) {
  EXPECT_EQ(asked("file.filename:a OR content:b"), "(name:a | text:b)");
  EXPECT_EQ(asked("(file.filename:a) AND (content:b)"), "(name:a & text:b)");
  EXPECT_EQ(asked("((file.filename:a) AND (content:b)) AND ((NOT tags:Red))"),
            "((name:a & text:b) & !tag:Red)");
  EXPECT_EQ(asked("(file.filename:a OR content:b) AND (file.filesize:1)"),
            "((name:a | text:b) & size:1)");
  EXPECT_EQ(asked("tags:Red OR (file.filename:a) AND (content:b)"),
            "(tag:Red | (name:a & text:b))");
}

TEST(SpotlightQuery, OfWhatALibraryDoesNotKeepIsRefused) {
  EXPECT_TRUE(is_refused("attributes.owner:0"));
  EXPECT_TRUE(is_refused(R"(path.real:\/mnt\/media)"));
  EXPECT_TRUE(is_refused("no.such:x"));
  EXPECT_TRUE(is_refused("file.filesize:big"));
  EXPECT_TRUE(is_refused("file.filesize:1*"));
  EXPECT_TRUE(is_refused("field.rating:{x TO *}"));
  EXPECT_TRUE(is_refused(R"(file.created:{yester TO *})"));
  EXPECT_TRUE(is_refused("file.filename:[a TO b]"));
}

TEST(SpotlightQuery, OfAnotherMakeIsRefused) {
  for (const char* broken : {"",
                             "(",
                             ")",
                             "a b",
                             "a OR ",
                             "a AND",
                             "file.filename:",
                             "file.filename:\\",
                             "a\\",
                             "file.filesize:[1 TO 2",
                             "file.filesize:[1 2]",
                             "file.filesize:[1 TO 2}",
                             "AND",
                             "NOT",
                             "a OR AND OR b",
                             "x~2",
                             "a^2",
                             "a?b",
                             "\"a",
                             "file.content_type:(a",
                             "a\nb",
                             "a\x01"}) {
    EXPECT_TRUE(is_refused(broken)) << broken;
  }
  EXPECT_TRUE(is_refused(std::string("a\0b", 3)));
  EXPECT_TRUE(is_refused("a\xff"));
  EXPECT_FALSE(spotlight_query("file.filename:a", kTerms));
  EXPECT_FALSE(spotlight_query("", kTerms));
}

// Samba writes numbers into the query as the client sent them.
TEST(SpotlightQuery, KeepsTheFolderWhateverAClientWritesForANumber) {
  const std::string elsewhere = R"(path.real.fulltext:"/mnt/other")";
  for (const std::string& value :
       {"1) AND " + elsewhere + " OR (file.filesize:1", "1) OR (" + elsewhere, "1 AND " + elsewhere,
        "1) AND " + elsewhere, "1) AND (" + elsewhere + ") AND (file.filesize:1",
        std::string("1) OR (file.filename:*"),
        std::string("1 OR file.filename:*) OR (file.filename:*")}) {
    const auto query = spotlight_query(
        "(file.filesize:" + value + ") AND path.real.fulltext:\"/mnt/media\"", kTerms);
    EXPECT_TRUE(!query || query->folder == "/mnt/media") << value;
    const bool names_another = value.find("other") != std::string::npos;
    EXPECT_TRUE(!names_another || !query) << value;
  }
}

TEST(SpotlightQuery, HasLimits) {
  const std::string deep(65, '(');
  EXPECT_TRUE(is_refused(deep + "a" + std::string(65, ')')));
  EXPECT_FALSE(is_refused(std::string(40, '(') + "a" + std::string(40, ')')));
  std::string wide = "a";
  for (int i = 0; i < 300; ++i) wide += " OR a";
  EXPECT_TRUE(is_refused(wide));
  std::string nots;
  for (int i = 0; i < 100; ++i) nots += "NOT ";
  EXPECT_TRUE(is_refused(nots + "a"));
  EXPECT_TRUE(is_refused(std::string(kLuceneBytes, 'a')));
}

TEST(SpotlightQuery, TakesFoldersWithBlanksAndQuotes) {
  const auto query =
      spotlight_query("(a) AND path.real.fulltext:\"/mnt/my \\\"drive\\\" (1)\"", kTerms);

  ASSERT_TRUE(query);
  EXPECT_EQ(query->folder, "/mnt/my \"drive\" (1)");
}

TEST(SpotlightMappings, NameOnlyFieldsThatAreUnderstood) {
  const auto json = nlohmann::json::parse(attribute_mappings(), nullptr, false);

  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["attribute_mappings"]["kMDItemUserTags"]["attribute"], "tags");
  EXPECT_EQ(json["mime_mappings"]["public.movie"], "video/*");
  for (const auto& [attribute, mapping] : json["attribute_mappings"].items()) {
    const std::string field = mapping["attribute"];
    EXPECT_NE(spotlight_field(field).means, SpotlightField::Means::nothing) << attribute;
  }
}

// Samba's own file, where it is installed: all but owners, paths and resolutions.
TEST(SpotlightMappings, OfSambaAreUnderstoodToo) {
  for (const char* field :
       {"", "content", "file.content_type", "file.last_modified", "file.created", "file.filename",
        "file.filesize", "meta.author", "meta.raw.creator", "meta.raw.description", "meta.title",
        "meta.raw.xmpDM:duration", "meta.raw.xmpTPg:NPages", "meta.raw.xmpDM:album",
        "meta.raw.tiff:BitsPerSample", "meta.raw.Image Height", "meta.raw.Image Width"}) {
    EXPECT_NE(spotlight_field(field).means, SpotlightField::Means::nothing) << field;
  }
}

}  // namespace
}  // namespace lensfs::test
