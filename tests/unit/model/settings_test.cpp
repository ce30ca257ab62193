// What lensfs.toml may say, and what is said of what it may not.
#include "catalog/model/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "catalog/base/fd.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"

namespace lensfs::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr Nanoseconds kDay = 24 * 3600 * kNanosecondsPerSecond;

Settings read(std::string_view text) {
  return must(settings_from(text, "lensfs.toml"));
}

std::string refusal_of(std::string_view text) {
  const auto settings = settings_from(text, "lensfs.toml");
  if (settings) return "it was accepted";
  EXPECT_EQ(settings.error().code(), Errc::invalid);
  return settings.error().message();
}

TEST(SettingsFile, ThatSaysNothingLeavesTheDefaults) {
  const Settings settings = read("# only a comment\n");

  EXPECT_TRUE(settings.scratch.matches("a.tmp"));
  EXPECT_FALSE(settings.keep.any());
}

TEST(SettingsFile, MayBeMissing) {
  const TempDir library;

  EXPECT_FALSE(must(read_settings(library.path())).keep.any());
}

TEST(SettingsFile, ReplacesScratchNamesOrAddsToThem) {
  const Settings replaced = read("[scratch]\nnames = [\"*.bak\"]\n");
  const Settings added = read("[scratch]\nalso = [\"*.bak\"]\n");
  const Settings both = read("[scratch]\nnames = [\"*.one\"]\nalso = [\"*.two\"]\n");

  EXPECT_TRUE(replaced.scratch.matches("A.BAK"));
  EXPECT_FALSE(replaced.scratch.matches("a.tmp"));
  EXPECT_TRUE(added.scratch.matches("a.bak"));
  EXPECT_TRUE(added.scratch.matches("a.tmp"));
  EXPECT_TRUE(both.scratch.matches("a.one") && both.scratch.matches("a.two"));
}

TEST(SettingsFile, SaysHowLongThingsAreKept) {
  const Settings settings =
      read("[keep]\ntrash = \"30d\"\nversions = 20\nversions_for = \"365d\"\n");

  EXPECT_EQ(settings.keep.trash, 30 * kDay);
  EXPECT_EQ(settings.keep.versions, 20);
  EXPECT_EQ(settings.keep.versions_for, 365 * kDay);
}

TEST(SettingsFile, IsRefusedWithLineThingAndWhatWouldBeRight) {
  EXPECT_THAT(refusal_of("\n[kept]\ntrash = \"30d\"\n"),
              AllOf(StartsWith("lensfs.toml:2: kept"), HasSubstr("[scratch] and [keep]")));
  EXPECT_THAT(refusal_of("[keep]\n\ntrsh = \"30d\"\n"),
              AllOf(StartsWith("lensfs.toml:3: [keep] trsh"), HasSubstr("versions_for")));
  EXPECT_THAT(refusal_of("[keep]\ntrash = \"30 days\"\n"),
              AllOf(StartsWith("lensfs.toml:2: [keep] trash"), HasSubstr("\"30d\"")));
  EXPECT_THAT(refusal_of("[keep]\ntrash = 30\n"), HasSubstr("\"30d\""));
  EXPECT_THAT(refusal_of("[keep]\nversions = 0\n"), HasSubstr("1 or more"));
  EXPECT_THAT(refusal_of("[keep]\nversions = \"20\"\n"), HasSubstr("a whole number"));
  EXPECT_THAT(refusal_of("[scratch]\nalso = \"*.tmp\"\n"), HasSubstr("[\"*.tmp\", \"*.lck\"]"));
  EXPECT_THAT(refusal_of("[scratch]\nalso = [\"a/b\"]\n"), HasSubstr("without folders"));
  EXPECT_THAT(refusal_of("[scratch]\nalso = [\"*\"]\n"), HasSubstr("every file"));
  EXPECT_THAT(refusal_of("keep = 3\n"), HasSubstr("square brackets"));
  EXPECT_THAT(refusal_of("[keep]\ntrash = 30d\n"), StartsWith("lensfs.toml:2: "));
}

// What a new library offers is what there is: each example, without its #, is accepted.
TEST(SettingsFile, OfANewLibraryHasExamplesThatWork) {
  std::string text(settings_template());
  EXPECT_FALSE(read(text).keep.any());
  for (const char* key : {"also", "names", "trash", "versions", "versions_for"}) {
    const std::string commented = "# " + std::string(key) + " = ";
    const std::size_t at = text.find(commented);
    ASSERT_NE(at, std::string::npos) << key;
    text.erase(at, 2);
  }

  const Settings settings = read(text);

  EXPECT_EQ(settings.keep.trash, 30 * kDay);
  EXPECT_EQ(settings.keep.versions, 20);
  EXPECT_EQ(settings.keep.versions_for, 365 * kDay);
  EXPECT_TRUE(settings.scratch.matches("x.autosave"));
}

}  // namespace
}  // namespace lensfs::test
