// Names: what clashes gets a suffix, what is not legal gets a spelling.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "catalog/base/text.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

class Collision : public DriveTest {
 protected:
  testing::AssertionResult kept(const std::string& name, std::uint64_t seed) {
    return add(name, movie(1000, seed), {.project = "demo", .tags = {"kept"}});
  }
};

TEST_F(Collision, LeavesTheOldestTheBareName) {
  ASSERT_TRUE(kept("a/clip.mov", 1));
  ASSERT_TRUE(kept("b/clip.mov", 2));

  ASSERT_TRUE(mount());

  ASSERT_THAT(names_in(at("Tags/kept")),
              ElementsAre("+", "clip.mov", MatchesRegex("clip~[0-9a-z]{4,8}\\.mov")));
  EXPECT_TRUE(same_bytes(read_at_once(at("Tags/kept/clip.mov")), movie(1000, 1)));
  EXPECT_TRUE(
      same_bytes(read_at_once(at("Tags/kept") / names_in(at("Tags/kept"))[2]), movie(1000, 2)));
}

TEST_F(Collision, SuffixIsTheIdAndAlwaysResolves) {
  ASSERT_TRUE(kept("a/clip.mov", 1));
  ASSERT_TRUE(kept("b/clip.mov", 2));
  ASSERT_TRUE(mount());

  for (const char* place : {"Projects/demo/a/clip.mov", "Projects/demo/b/clip.mov"}) {
    const std::string name = "clip~" + xattr_text(at(place), "user.lensfs.id") + ".mov";
    EXPECT_EQ(inode_of(at("Tags/kept") / name), inode_of(at(place))) << name;
  }
  EXPECT_FALSE(is_there(at("Tags/kept/clip~zzzz.mov")));
}

TEST_F(Collision, CountsNamesThatDifferOnlyInCaseOrUnicodeForm) {
  ASSERT_TRUE(kept("Clip.MOV", 1));
  ASSERT_TRUE(kept("clip.mov", 2));
  ASSERT_TRUE(kept("Z\u00fcrich.mov", 3));
  ASSERT_TRUE(kept("Zu\u0308rich.mov", 4));

  ASSERT_TRUE(mount());

  EXPECT_THAT(names_in(at("Projects/demo")),
              ElementsAre("Clip.MOV", "Zu\u0308rich.mov", "Z\u00fcrich.mov", "clip.mov"));
  EXPECT_THAT(names_in(at("Tags/kept")),
              ElementsAre("+", "Clip.MOV", MatchesRegex("Zu\u0308rich~[0-9a-z]{4,8}\\.mov"),
                          "Z\u00fcrich.mov", MatchesRegex("clip~[0-9a-z]{4,8}\\.mov")));
}

TEST_F(Collision, KeepsSuffixedNamesWithinTheLimit) {
  const std::string longest = std::string(251, 'a') + ".mov";
  ASSERT_TRUE(kept("a/" + longest, 1));
  ASSERT_TRUE(kept("b/" + longest, 2));

  ASSERT_TRUE(mount());

  const std::vector<std::string> names = names_in(at("Tags/kept"));
  ASSERT_EQ(names.size(), 3U);
  for (const std::string& name : names) {
    EXPECT_LE(name.size(), 255U);
    EXPECT_TRUE(is_there(at("Tags/kept") / name)) << name;
  }
}

TEST_F(Collision, BareNameGoesToTheNextWhenTheOldestLeaves) {
  ASSERT_TRUE(kept("a/clip.mov", 1));
  ASSERT_TRUE(kept("b/clip.mov", 2));
  ASSERT_TRUE(mount());
  ASSERT_EQ(inode_of(at("Tags/kept/clip.mov")), inode_of(at("Projects/demo/a/clip.mov")));

  ASSERT_EQ(remove_xattr(at("Projects/demo/a/clip.mov"), "user.lensfs.tag.kept"), 0);

  EXPECT_THAT(names_in(at("Tags/kept")), ElementsAre("+", "clip.mov"));
  EXPECT_EQ(inode_of(at("Tags/kept/clip.mov")), inode_of(at("Projects/demo/b/clip.mov")));
}

TEST_F(Collision, FileNeverHidesASubTermOrThePlus) {
  ASSERT_TRUE(add("oslo", "a file named like a term", {.project = "demo", .tags = {"place"}}));
  ASSERT_TRUE(add("+", "a file named plus", {.project = "demo", .tags = {"place"}}));
  ASSERT_TRUE(add("clip.mov", movie(1000), {.project = "demo", .tags = {"place/oslo"}}));

  ASSERT_TRUE(mount());

  EXPECT_THAT(names_in(at("Tags/place")),
              ElementsAre("+", MatchesRegex("\\+~[0-9a-z]{4,8}"), "clip.mov", "oslo",
                          MatchesRegex("oslo~[0-9a-z]{4,8}")));
  EXPECT_TRUE(S_ISDIR(status_of(at("Tags/place/oslo")).st_mode));
  EXPECT_TRUE(S_ISDIR(status_of(at("Tags/place/+")).st_mode));
}

// Names as bytes, and how the drive spells them ("" = as they are).
struct Odd {
  const char* what;
  std::string raw;
  std::string spelled;
};

void PrintTo(const Odd& odd, std::ostream* out) {
  *out << odd.what;
}

class OddName : public DriveTest, public testing::WithParamInterface<Odd> {};

TEST_P(OddName, IsSpelledLegallyAndReadsBack) {
  const std::string raw = GetParam().raw;
  const std::string wanted = GetParam().spelled.empty() ? raw : GetParam().spelled;
  const std::string bytes = picture(2000);
  ASSERT_TRUE(add(raw, bytes, {.project = "demo", .tags = {"kept"}}));

  ASSERT_TRUE(mount());

  EXPECT_THAT(names_in(at("Projects/demo")), ElementsAre(wanted));
  EXPECT_EQ(raw_name(wanted), raw) << "the spelling can be undone";
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo") / wanted), bytes));
  EXPECT_TRUE(same_bytes(read_at_once(at("Tags/kept") / wanted), bytes));
}

INSTANTIATE_TEST_SUITE_P(
    Of, OddName,
    testing::Values(
        Odd{"Newline", "two\nlines.jpg", "two%0Alines.jpg"},
        Odd{"Tab", "tab\tname.jpg", "tab%09name.jpg"}, Odd{"Latin1", "caf\xE9.jpg", "caf%E9.jpg"},
        Odd{"TrailingDot", "draft.", "draft%2E"}, Odd{"TrailingSpace", "draft ", "draft%20"},
        Odd{"SmbCharacters", R"(a<b>c:d"e|f?g*h\i.jpg)", "a%3Cb%3Ec%3Ad%22e%7Cf%3Fg%2Ah%5Ci.jpg"},
        Odd{"PercentThatLooksCoded", "100%41.jpg", "100%2541.jpg"},
        Odd{"PlainPercent", "100%.jpg", ""}, Odd{"LeadingDash", "-rf.jpg", ""},
        Odd{"Hidden", ".hidden.jpg", ""}, Odd{"Shell", "quote's $HOME `x` & (1); [2].jpg", ""},
        Odd{"Composed", "Z\u00fcrich \u2013 Probe (1).jpg", ""},
        Odd{"Decomposed", "Zu\u0308rich.jpg", ""},
        Odd{"Emoji", "\U0001F3AC\U0001F468\u200D\U0001F469\u200D\U0001F467.jpg", ""},
        Odd{"RightToLeft", "\u0627\u0644\u0639\u0631\u0628\u064A\u0629.jpg", ""},
        Odd{"Longest", std::string(251, 'a') + ".jpg", ""}),
    [](const auto& odd) { return std::string(odd.param.what); });

class LongSpelling : public DriveTest {};

TEST_F(LongSpelling, IsShortenedAndStaysUnique) {
  write_file(scratch() / "in" / (std::string(200, '\xE9') + ".jpg"), picture(1000, 1));
  write_file(scratch() / "in" / (std::string(200, '\xE9') + "\xE8.jpg"), picture(1000, 2));
  ASSERT_TRUE(ingest((scratch() / "in/").string(), {.project = "demo", .tags = {"kept"}}));

  ASSERT_TRUE(mount());

  for (const char* folder : {"Projects/demo", "Tags/kept"}) {
    const std::vector<path> files = files_below(at(folder));
    ASSERT_EQ(files.size(), 2U) << folder;
    for (const path& file : files) {
      EXPECT_LE(file.string().size(), 255U);
      EXPECT_EQ(file.extension(), ".jpg");
      EXPECT_EQ(read_at_once(at(folder) / file).value_or("").size(), 1000U);
    }
  }
}

}  // namespace
}  // namespace lensfs::test
