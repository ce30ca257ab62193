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
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
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

TEST(SettingsFile, SaysWhetherUsesAreRecordedAndHowLong) {
  const UsageSettings usual = read("").usage;
  EXPECT_TRUE(usual.record);
  EXPECT_EQ(usual.keep, 365 * kDay);
  EXPECT_THAT(usual.ignore, Contains("rsync"));

  const UsageSettings set =
      read("[usage]\nrecord = false\nkeep = \"30d\"\nignore = [\"backup\"]\n").usage;
  EXPECT_FALSE(set.record);
  EXPECT_EQ(set.keep, 30 * kDay);
  EXPECT_EQ(set.ignore, std::vector<std::string>{"backup"});
  EXPECT_EQ(read("[usage]\nkeep = \"2y\"\n").usage.keep, 730 * kDay);
  EXPECT_EQ(read("[usage]\nkeep = \"always\"\n").usage.keep, std::nullopt);
  EXPECT_THAT(refusal_of("[usage]\nkeep = \"long\"\n"), HasSubstr("give a time such as"));
  EXPECT_THAT(refusal_of("[usage]\nrecord = 1\n"), HasSubstr("give true or false"));
  EXPECT_THAT(refusal_of("[usage]\nwho = true\n"), HasSubstr("record, keep and ignore"));
}

TEST(SettingsFile, SaysHowLongThingsAreKept) {
  const Settings settings =
      read("[keep]\ntrash = \"30d\"\nversions = 20\nversions_for = \"365d\"\n");

  EXPECT_EQ(settings.keep.trash, 30 * kDay);
  EXPECT_EQ(settings.keep.versions, 20);
  EXPECT_EQ(settings.keep.versions_for, 365 * kDay);
}

TEST(SettingsFile, IsRefusedWithLineThingAndWhatWouldBeRight) {
  EXPECT_THAT(
      refusal_of("\n[kept]\ntrash = \"30d\"\n"),
      AllOf(StartsWith("lensfs.toml:2: kept"), HasSubstr("[renditions] and [profile.NAME]")));
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

TEST(SettingsFile, SaysWhatIsMadeWhenAndWhatItMayCost) {
  const RenditionSettings made = read(R"([renditions]
make = "off"
eager = ["thumb", "720p"]
wait = "5s"
workers = 3
most_asked = 10
memory = "1G"
output = 1000
processor_time = "1h"
quiet = "30s"
[renditions.projects.NEWS]
make = "eager"
)")
                                     .renditions;

  EXPECT_EQ(made.making.by_default, Making::off);
  EXPECT_EQ(made.making.making_of("NEWS", "1080p"), Making::eager);
  EXPECT_EQ(made.wait, 5 * kNanosecondsPerSecond);
  EXPECT_EQ(made.workers, 3);
  EXPECT_EQ(made.most_asked, 10);
  EXPECT_EQ(made.memory, std::int64_t{1} << 30);
  EXPECT_EQ(made.output, 1000);
  EXPECT_EQ(made.processor_time, 3600 * kNanosecondsPerSecond);
  EXPECT_EQ(made.quiet, 30 * kNanosecondsPerSecond);
  EXPECT_EQ(read("[renditions]\nworkers = 0\n").renditions.workers, 0)
      << "one more than processors";
}

TEST(SettingsFile, SaysWhatIsCompletedAndWhoMayNotReadWhatIsNot) {
  EXPECT_EQ(read("").renditions.complete, Completing::none) << "no disk fills by surprise";
  EXPECT_EQ(read("[renditions]\ncomplete = \"read\"\n").renditions.complete, Completing::read);
  EXPECT_EQ(read("[renditions]\ncomplete = \"all\"\n").renditions.complete, Completing::all);
  EXPECT_THAT(read("").renditions.refused, Contains("rsync"));
  EXPECT_THAT(read("[renditions]\nrefuse = []\n").renditions.refused, IsEmpty());
}

TEST(SettingsFile, DefinesProfilesAndReplacesThoseBuiltIn) {
  const Profiles profiles = read(R"([profile.web]
fallback = "none"
video = { box = "1280x720", format = "mp4", quality = 26 }
image = { form = "still", box = "2048x2048", format = "webp" }
[profile.thumb]
image = { box = "64x64" }
)")
                                .renditions.profiles;

  const Profile& web = *profiles.find("web");
  EXPECT_EQ(web.fallback, Profile::Fallback::none);
  EXPECT_EQ(recipe_for(web, "video", "a.mov")->text(),
            "video.1 box=1280x720 format=mp4 quality=26");
  EXPECT_EQ(recipe_for(web, "image", "a.jpg")->text(), "still.1 box=2048x2048 format=webp");
  EXPECT_FALSE(recipe_for(web, "audio", "a.wav"));
  EXPECT_EQ(recipe_for(*profiles.find("thumb"), "image", "a.jpg")->width, 64);
  EXPECT_FALSE(recipe_for(*profiles.find("thumb"), "video", "a.mov"));
  EXPECT_NE(profiles.find("1080p"), nullptr);
}

TEST(SettingsFile, RefusesWhatIsWrongWithProfilesByFileLineAndThing) {
  EXPECT_THAT(refusal_of("[renditions]\nmake = \"now\"\n"),
              AllOf(StartsWith("lensfs.toml:2: [renditions] make"), HasSubstr("\"on-demand\"")));
  EXPECT_THAT(refusal_of("[renditions]\n\nworker = 2\n"),
              AllOf(StartsWith("lensfs.toml:3: [renditions] worker"), HasSubstr("workers")));
  EXPECT_THAT(refusal_of("[renditions]\nmemory = \"much\"\n"), HasSubstr("\"2G\""));
  EXPECT_THAT(refusal_of("[renditions]\nworkers = -1\n"), HasSubstr("a whole number"));
  EXPECT_THAT(refusal_of("[renditions.projects.NEWS]\nwait = \"3s\"\n"),
              AllOf(StartsWith("lensfs.toml:2: [renditions.projects.NEWS] wait"),
                    HasSubstr("make and eager")));
  EXPECT_THAT(refusal_of("[profile.web]\nfilm = { form = \"still\" }\n"),
              AllOf(StartsWith("lensfs.toml:2: [profile.web] film"), HasSubstr("design")));
  EXPECT_THAT(refusal_of("[profile.web]\n\nvideo = { box = \"big\" }\n"),
              AllOf(StartsWith("lensfs.toml:3: [profile.web] box"), HasSubstr("1280x720")));
  EXPECT_THAT(refusal_of("[profile.web]\nvideo = { format = \"avi\" }\n"),
              AllOf(StartsWith("lensfs.toml:2: [profile.web] video"), HasSubstr("format")));
  EXPECT_THAT(refusal_of("[profile.web]\nimage = { quality = 200 }\n"), HasSubstr("quality"));
  EXPECT_THAT(refusal_of("[profile.web]\nimage = { form = \"film\" }\n"),
              HasSubstr("\"filmstrip\""));
  EXPECT_THAT(refusal_of("[profile.web]\nfallback = \"none\"\n"),
              AllOf(StartsWith("lensfs.toml:1: [profile] web"), HasSubstr("at least one kind")));
  EXPECT_THAT(refusal_of("[profile.v2]\nimage = {}\n"),
              AllOf(StartsWith("lensfs.toml:1: [profile] v2"), HasSubstr("version")));
  EXPECT_THAT(refusal_of("[profile.original]\nimage = {}\n"), HasSubstr("as it is"));
}

// What a new library offers is what there is: each example, without its #, is accepted.
TEST(SettingsFile, OfANewLibraryHasExamplesThatWork) {
  std::string text(settings_template());
  EXPECT_FALSE(read(text).keep.any());
  for (const char* const what : {"also = ",
                                 "names = ",
                                 "trash = ",
                                 "versions = ",
                                 "versions_for = ",
                                 "make = \"on",
                                 "eager = ",
                                 "complete = ",
                                 "refuse = ",
                                 "wait = ",
                                 "workers = ",
                                 "most_asked = ",
                                 "memory = ",
                                 "output = ",
                                 "processor_time = ",
                                 "quiet = ",
                                 "[renditions.projects.NEWS]",
                                 "make = \"eager\"",
                                 "eager = [\"thumb\", ",
                                 "[profile.web]",
                                 "fallback = ",
                                 "video = ",
                                 "audio = ",
                                 "image = "}) {
    const std::string commented = "# " + std::string(what);
    const std::size_t at = text.find(commented);
    ASSERT_NE(at, std::string::npos) << what;
    text.erase(at, 2);
  }

  const Settings settings = read(text);

  EXPECT_EQ(settings.keep.trash, 30 * kDay);
  EXPECT_EQ(settings.keep.versions, 20);
  EXPECT_EQ(settings.keep.versions_for, 365 * kDay);
  EXPECT_TRUE(settings.scratch.matches("x.autosave"));
  EXPECT_EQ(settings.renditions.workers, 2);
  EXPECT_EQ(settings.renditions.making.making_of("NEWS", "1080p"), Making::eager);
  EXPECT_NE(settings.renditions.profiles.find("web"), nullptr);
}

}  // namespace
}  // namespace lensfs::test
