// Attributes from the shell: tags, fields and raw attributes of any virtual file in any folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>

#include <cerrno>

#include "fs/finder_tags.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class AttributeTest : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("clip.mov", movie(1000), {.project = "demo", .tags = {"kept"}}));
    ASSERT_TRUE(mount());
  }
  [[nodiscard]] path clip() const { return at("Projects/demo/clip.mov"); }
};

using TagAttribute = AttributeTest;
TEST_F(TagAttribute, AddsAndRemovesOneTag) {
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.beach", ""), 0);
  EXPECT_EQ(xattr_error(clip(), "user.lensfs.tag.beach"), 0);
  EXPECT_THAT(names_in(at("Tags/beach")), ElementsAre("+", "clip.mov"));

  EXPECT_EQ(remove_xattr(at("Tags/beach/clip.mov"), "user.lensfs.tag.beach"), 0);

  EXPECT_EQ(xattr_error(clip(), "user.lensfs.tag.beach"), ENODATA);
  EXPECT_THAT(files_below(at("Tags/beach")), IsEmpty());
}

TEST_F(TagAttribute, NestsWithASlash) {
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.place/oslo", ""), 0);

  EXPECT_TRUE(is_there(at("Tags/place/oslo/clip.mov")));
  EXPECT_TRUE(is_there(at("Tags/place/clip.mov")));
  EXPECT_EQ(xattr_text(clip(), "user.xdg.tags"), "kept,place/oslo");
}

TEST_F(TagAttribute, SetAsAListReplacesAllTags) {
  EXPECT_EQ(xattr_text(clip(), "user.xdg.tags"), "kept");

  EXPECT_EQ(set_xattr(clip(), "user.xdg.tags", "sea, place/oslo,beach"), 0);

  EXPECT_EQ(xattr_text(clip(), "user.xdg.tags"), "beach,place/oslo,sea");
  EXPECT_THAT(files_below(at("Tags/kept")), IsEmpty());
  EXPECT_TRUE(is_there(at("Tags/sea/clip.mov")));
  EXPECT_EQ(remove_xattr(clip(), "user.xdg.tags"), 0);
  EXPECT_EQ(xattr_error(clip(), "user.xdg.tags"), ENODATA);
}

TEST_F(TagAttribute, FollowsCreateAndReplace) {
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.kept", "", XATTR_CREATE), EEXIST);
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.kept", "", XATTR_REPLACE), 0);
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.new", "", XATTR_REPLACE), ENODATA);
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.new", "", XATTR_CREATE), 0);
  EXPECT_EQ(remove_xattr(clip(), "user.lensfs.tag.missing"), ENODATA);
}

TEST_F(TagAttribute, RefusesWhatIsNoTerm) {
  for (const char* term : {"", "a//b", "/a", "a/", "..", "+", "@x", "a,b", "\xFF"}) {
    EXPECT_EQ(set_xattr(clip(), std::string("user.lensfs.tag.") + term, ""), EINVAL) << term;
  }
  EXPECT_EQ(xattr_text(clip(), "user.xdg.tags"), "kept");
}

using FieldAttribute = AttributeTest;
TEST_F(FieldAttribute, HoldsText) {
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.scene", "12A \u2013 night"), 0);
  EXPECT_EQ(xattr_text(at("Tags/kept/clip.mov"), "user.lensfs.field.scene"), "12A \u2013 night");

  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.scene", "12B"), 0);

  EXPECT_EQ(xattr_text(clip(), "user.lensfs.field.scene"), "12B");
  EXPECT_EQ(remove_xattr(clip(), "user.lensfs.field.scene"), 0);
  EXPECT_EQ(xattr_error(clip(), "user.lensfs.field.scene"), ENODATA);
}

TEST_F(FieldAttribute, NarrowsFolders) {
  ASSERT_TRUE(add("other.mov", movie(1000, 2), {.project = "demo", .tags = {"kept"}}));

  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.scene", "12A"), 0);

  EXPECT_THAT(files_below(at("Tags/kept/scene=12A")), ElementsAre(path("clip.mov")));
  EXPECT_THAT(names_in(at("Tags/kept/+/scene")), ElementsAre("12A"));
}

TEST_F(FieldAttribute, KeepsItsValueWhenTheNewOneIsBad) {
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.scene", "12A"), 0);

  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.scene", "\xFF\xFE"), EINVAL);
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.scene", std::string_view("a\0b", 3)), EINVAL);
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.bad key", "x"), EINVAL);
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.", "x"), EINVAL);

  EXPECT_EQ(xattr_text(clip(), "user.lensfs.field.scene"), "12A");
}

TEST_F(FieldAttribute, SetOnAFolderAppliesToAllItsMembers) {
  ASSERT_TRUE(add("day1/other.mov", movie(1000, 2), {.project = "demo", .tags = {}}));

  EXPECT_EQ(set_xattr(at("Projects/demo"), "user.lensfs.field.unit", "second"), 0);
  EXPECT_EQ(set_xattr(at("Tags/kept"), "user.lensfs.tag.checked", ""), 0);

  EXPECT_EQ(xattr_text(clip(), "user.lensfs.field.unit"), "second");
  EXPECT_EQ(xattr_text(at("Projects/demo/day1/other.mov"), "user.lensfs.field.unit"), "second");
  EXPECT_THAT(files_below(at("Tags/checked")), ElementsAre(path("clip.mov")));
}

using RawAttribute = AttributeTest;
TEST_F(RawAttribute, IsKeptByteForByteUpTo64KiB) {
  const std::string largest = noise(65536);
  const std::string odd = std::string("\0\xFF\n, =", 6);

  EXPECT_EQ(set_xattr(clip(), "user.large", largest), 0);
  EXPECT_EQ(set_xattr(clip(), "user.odd", odd), 0);
  EXPECT_EQ(set_xattr(clip(), "user.empty", ""), 0);

  EXPECT_TRUE(same_bytes(xattr(at("Tags/kept/clip.mov"), "user.large"), largest));
  EXPECT_TRUE(same_bytes(xattr(clip(), "user.odd"), odd));
  EXPECT_TRUE(same_bytes(xattr(clip(), "user.empty"), ""));
  EXPECT_EQ(set_xattr(clip(), "user.large", largest + "x"), E2BIG);
}

TEST_F(RawAttribute, AnswersAsTheManualSays) {
  EXPECT_EQ(xattr_error(clip(), "user.note"), ENODATA);
  EXPECT_EQ(remove_xattr(clip(), "user.note"), ENODATA);
  EXPECT_EQ(set_xattr(clip(), "user.note", "1", XATTR_REPLACE), ENODATA);
  EXPECT_EQ(set_xattr(clip(), "user.note", "12345", XATTR_CREATE), 0);
  EXPECT_EQ(set_xattr(clip(), "user.note", "2", XATTR_CREATE), EEXIST);
  EXPECT_EQ(xattr_error(clip(), "user.note", 4), ERANGE);
  EXPECT_EQ(::getxattr(clip().c_str(), "user.note", nullptr, 0), 5);
  EXPECT_EQ(error_of(::listxattr(clip().c_str(), std::string(1, '\0').data(), 1)), ERANGE);
  EXPECT_EQ(set_xattr(clip(), "user.note", "new", XATTR_REPLACE), 0);
  EXPECT_EQ(xattr_text(clip(), "user.note"), "new");
  EXPECT_EQ(remove_xattr(clip(), "user.note"), 0);
}

TEST_F(RawAttribute, OfForeignNamespacesIsNotSupported) {
  EXPECT_EQ(set_xattr(clip(), "trusted.note", "x"), ENOTSUP);
  EXPECT_EQ(set_xattr(clip(), "system.note", "x"), ENOTSUP);
  EXPECT_EQ(xattr_error(clip(), "security.capability"), ENOTSUP);
  EXPECT_EQ(xattr_error(clip(), "system.posix_acl_access"), ENOTSUP);
}

TEST_F(RawAttribute, OfFoldersStaysToo) {
  EXPECT_EQ(set_xattr(at("Projects/demo"), "user.note", "project"), 0);
  EXPECT_EQ(set_xattr(at("Tags/kept"), "user.note", "term"), 0);

  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount());

  EXPECT_EQ(xattr_text(at("Projects/demo"), "user.note"), "project");
  EXPECT_EQ(xattr_text(at("Tags/kept"), "user.note"), "term");
}

using AttributeList = AttributeTest;
TEST_F(AttributeList, NamesOnlyWhatSomebodySet) {
  EXPECT_THAT(xattr_names(clip()), ElementsAre(std::string(kFinderTagsStream), "user.xdg.tags"));

  EXPECT_EQ(set_xattr(clip(), "user.note", "x"), 0);
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.scene", "12A"), 0);
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.place/oslo", ""), 0);

  EXPECT_THAT(xattr_names(clip()),
              ElementsAre(std::string(kFinderTagsStream), "user.lensfs.field.scene", "user.note",
                          "user.xdg.tags"));
  EXPECT_EQ(xattr_names(at("Tags/kept/clip.mov")), xattr_names(clip()));
  EXPECT_THAT(xattr_names(at("Projects")), IsEmpty());
}

TEST_F(AttributeList, SurvivesARemount) {
  EXPECT_EQ(set_xattr(clip(), "user.note", "x"), 0);
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.field.scene", "12A"), 0);

  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount());

  EXPECT_EQ(xattr_text(clip(), "user.note"), "x");
  EXPECT_EQ(xattr_text(clip(), "user.lensfs.field.scene"), "12A");
}

TEST_F(AttributeList, IsWhatTheShellToolsShow) {
  LENSFS_NEEDS("getfattr");
  ASSERT_EQ(run({"setfattr", "-n", "user.lensfs.tag.beach", clip().string()}).exit, 0);
  ASSERT_EQ(run({"setfattr", "-n", "user.note", "-v", "hello", clip().string()}).exit, 0);

  const Ran shown = run({"getfattr", "-d", "-m", "-", "--absolute-names", clip().string()});

  EXPECT_THAT(shown.out, testing::HasSubstr("user.note=\"hello\""));
  EXPECT_THAT(shown.out, testing::HasSubstr("user.xdg.tags=\"beach,kept\""));
  EXPECT_EQ(run({"setfattr", "-x", "user.note", clip().string()}).exit, 0);
  EXPECT_EQ(xattr_error(clip(), "user.note"), ENODATA);
}

}  // namespace
}  // namespace lensfs::test
