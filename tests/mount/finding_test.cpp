// Searches, tags of desktops, and sidecars, on a mounted drive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "fs/finder_tags.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kStream(kFinderTagsStream);

class Finding : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("clip.mov", movie(1000), {.project = "demo", .tags = {"kept"}}));
    ASSERT_TRUE(mount());
  }
  [[nodiscard]] path clip() const { return at("Projects/demo/clip.mov"); }
  [[nodiscard]] path markers() const { return at("Projects/demo/clip.mov.markers.csv"); }
  void set_field(const std::string& key, const std::string& value) {
    ASSERT_EQ(set_xattr(clip(), "user.lensfs.field." + key, value), 0);
  }
};

TEST_F(Finding, ComparesFieldsInFoldersOfSearches) {
  set_field("shot", "2026-05-03");
  EXPECT_THAT(names_in(at("Search/shot>2026-05-01")), ElementsAre("+", "clip.mov"));
  EXPECT_THAT(names_in(at("Search/shot>2026-05-01 not tag:kept")), ElementsAre("+"));

  set_field("shot", "2026-04-03");
  EXPECT_TRUE(wait_until([&] { return names_in(at("Search/shot>2026-05-01")).size() == 1; }));
}

TEST_F(Finding, FollowsSizesAsFilesAreSaved) {
  EXPECT_THAT(names_in(at("Search/size>100k")), Not(Contains("clip.mov")));
  write_file(clip(), std::string(200'000, 'x'));
  EXPECT_TRUE(wait_until(
      [&] { return testing::Value(names_in(at("Search/size>100k")), Contains("clip.mov")); }));
  write_file(clip(), "x");
  EXPECT_TRUE(wait_until(
      [&] { return testing::Value(names_in(at("Search/size>100k")), Not(Contains("clip.mov"))); }));
}

TEST_F(Finding, SaysWhatIsWrongWithAQueryThatWasTyped) {
  EXPECT_FALSE(is_there(at("Search/size>big")));
  EXPECT_THAT(xattr_text(at("Search"), "user.lensfs.why.size>big"), HasSubstr("a size is written"));
  EXPECT_EQ(xattr_error(at("Search"), "user.lensfs.why.size>1M"), ENODATA);
  // Its size is known when it is read.
  EXPECT_THAT(run({"cat", at(".lensfs/searches").string()}).out,
              HasSubstr("size>big\tcharacter 1: a size"));
}

TEST_F(Finding, FollowsImplicationsAndSynonymsOfTerms) {
  ASSERT_EQ(library_command("taxonomy", {"imply", "kept", "country/norway"}).exit, 0);
  EXPECT_TRUE(wait_until([&] { return is_there(at("Tags/country/norway/clip.mov")); }));
  ASSERT_EQ(library_command("taxonomy", {"synonym", "kept", "behalten"}).exit, 0);
  EXPECT_TRUE(wait_until([&] { return is_there(at("Tags/behalten/clip.mov")); }));
  EXPECT_EQ(remove_xattr(clip(), "user.lensfs.tag.behalten"), 0);
  EXPECT_FALSE(is_there(at("Tags/country/norway/clip.mov")));
}

using DesktopTags = Finding;
TEST_F(DesktopTags, OfFinderAreTermsAndTermsAreTagsOfFinder) {
  const std::string red = write_finder_tags({{"Red", 6}, {"place/oslo", 0}});
  ASSERT_EQ(set_xattr(clip(), kStream, red + '\0'), 0);

  EXPECT_EQ(xattr_text(clip(), "user.xdg.tags"), "Red,place/oslo");
  EXPECT_TRUE(is_there(at("Tags/Red/clip.mov")));
  EXPECT_FALSE(is_there(at("Tags/kept/clip.mov")));
  EXPECT_EQ(xattr_text(clip(), kStream), red + '\0');
  EXPECT_EQ(xattr_text(clip(), std::string(kFinderTagsAttribute)), red);
  EXPECT_EQ(xattr_text(at("Tags/Red"), "user.lensfs.colour"), "6");

  ASSERT_EQ(set_xattr(clip(), "user.xdg.tags", "Red,dolphin"), 0);
  EXPECT_EQ(xattr_text(clip(), kStream), write_finder_tags({{"Red", 6}, {"dolphin", 0}}) + '\0');
  EXPECT_EQ(set_xattr(clip(), kStream, "bplist00 nonsense"), EINVAL);
  EXPECT_EQ(set_xattr(clip(), kStream, write_finder_tags({}) + '\0'), 0);
  EXPECT_EQ(xattr_error(clip(), kStream), ENODATA);
}

TEST_F(DesktopTags, OfDolphinCountHalfStars) {
  ASSERT_EQ(set_xattr(clip(), "user.baloo.rating", "7"), 0);
  EXPECT_EQ(xattr_text(clip(), "user.lensfs.field.rating"), "3.5");
  EXPECT_TRUE(is_there(at("Search/rating>=3.5/clip.mov")));
  set_field("rating", "5");
  EXPECT_EQ(xattr_text(clip(), "user.baloo.rating"), "10");
  EXPECT_EQ(set_xattr(clip(), "user.baloo.rating", "11"), EINVAL);
  ASSERT_EQ(set_xattr(clip(), "user.dublincore.subject", "a, b"), 0);
  EXPECT_EQ(xattr_text(clip(), "user.lensfs.field.keywords"), "a, b");
}

using MarkerFile = Finding;
TEST_F(MarkerFile, IsReadAndWrittenBesideTheClip) {
  set_field("rate", "25");
  EXPECT_EQ(text_in(markers()), "start,duration,name,text,colour,author\r\n");
  EXPECT_THAT(names_in(at("Projects/demo")), ElementsAre("clip.mov"));

  write_file(markers(), "start,name\n00:00:01:00,goal\n");

  EXPECT_THAT(text_in(markers()), HasSubstr("00:00:01:00,00:00:00:00,goal,,,"));
  EXPECT_EQ(text_in(at("Tags/kept/clip.mov.markers.csv")), text_in(markers()));
  EXPECT_TRUE(is_there(at("Search/marker:goal/clip.mov")));
  EXPECT_EQ(library_command("find", {"--subclips", "marker:goal"}).out,
            "Projects/demo/clip@00.00.01.00+00.00.00.01.mov\n");
}

TEST_F(MarkerFile, ThatMakesNoSenseIsRefusedAtCloseAndChangesNothing) {
  write_file(markers(), "start,name\n00:00:01:00,goal\n");
  const std::string before = text_in(markers());
  EXPECT_NE(run({"sh", "-c", "echo nonsense > \"$0\"", markers().string()}).exit +
                run({"dd", "if=/dev/zero", "bs=10", "count=1", "of=" + markers().string()}).exit,
            0);
  EXPECT_EQ(text_in(markers()), before);
}

TEST_F(MarkerFile, IsOnlyBesideWhatHasFrames) {
  write_file(at("Projects/demo/notes.txt"), "x");
  EXPECT_FALSE(is_there(at("Projects/demo/notes.txt.markers.csv")));
  EXPECT_FALSE(is_there(at("Projects/demo/none.mov.markers.csv")));
}

TEST_F(MarkerFile, IsFoundByItsTextAsAClip) {
  write_file(markers(), "start,duration,name,text\n2,3,goal,header\n9,0,point,header\n");
  const path subclips = at("Search/marker:header/+/subclips");
  const std::string name = "clip@00.00.00.02+00.00.00.03.mov";

  EXPECT_THAT(names_in(at("Search/marker:header/+")), Contains("subclips"));
  EXPECT_THAT(names_in(subclips), ElementsAre(name));
  EXPECT_EQ(std::filesystem::read_symlink(subclips / name), "../../" + name);
  EXPECT_THAT(names_in(at("Search/clip/+")), Not(Contains("subclips")));
  EXPECT_FALSE(is_there(subclips / "clip@00.00.00.03+00.00.00.03.mov"));

  write_file(markers(), "start,duration,name,text\n2,3,goal,foot\n");
  EXPECT_TRUE(wait_until([&] { return names_in(subclips).empty(); }));
}

}  // namespace
}  // namespace lensfs::test
