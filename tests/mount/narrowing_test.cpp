// Folders as questions: terms, searches, and narrowing them in any order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/drive.h"
#include "tests/support/media_factory.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// oslo.mov   demo   place/oslo beach
// bergen.mov demo   place/bergen beach
// waves.wav  other  beach sound
// logo.png   other  (no tag)
class Folders : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(
        add("oslo.mov", movie(1000, 1), {.project = "demo", .tags = {"place/oslo", "beach"}}));
    ASSERT_TRUE(
        add("bergen.mov", movie(1000, 2), {.project = "demo", .tags = {"place/bergen", "beach"}}));
    ASSERT_TRUE(add("waves.wav", sound(1000, 3), {.project = "other", .tags = {"beach", "sound"}}));
    ASSERT_TRUE(add("logo.png", picture(1000, 4), {.project = "other", .tags = {}}));
    ASSERT_TRUE(mount());
  }
  [[nodiscard]] std::vector<std::string> files_in(const path& folder) const {
    std::vector<std::string> files;
    for (const Entry& entry : entries_in(at(folder))) {
      if (S_ISREG(status_of(at(folder) / entry.name).st_mode)) files.push_back(entry.name);
    }
    return files;
  }
};

using Root = Folders;
TEST_F(Root, ListsWhatPeopleUseAndHidesTheRest) {
  EXPECT_THAT(names_in(at("")), ElementsAre("Inbox", "Projects", "Resolutions", "Search", "Tags",
                                            "Trash", "Versions"));
  EXPECT_TRUE(is_there(at(".lensfs/status")));
  EXPECT_TRUE(is_there(at(".lensfs/requests")));
  EXPECT_FALSE(is_there(at("nothing")));
}

using TagFolder = Folders;
TEST_F(TagFolder, ShowsItsOwnAssetsAndThoseOfItsSubTerms) {
  EXPECT_THAT(names_in(at("Tags")), ElementsAre("beach", "place", "sound"));
  EXPECT_THAT(names_in(at("Tags/place")),
              ElementsAre("+", "bergen", "bergen.mov", "oslo", "oslo.mov"));
  EXPECT_THAT(names_in(at("Tags/place/oslo")), ElementsAre("+", "oslo.mov"));
  EXPECT_FALSE(is_there(at("Tags/oslo")));
  EXPECT_FALSE(is_there(at("Tags/place/oslo/bergen.mov")));
}

using SearchFolder = Folders;
TEST_F(SearchFolder, UnderstandsTheQueryLanguage) {
  EXPECT_THAT(files_in("Search/tag:beach"), ElementsAre("bergen.mov", "oslo.mov", "waves.wav"));
  EXPECT_THAT(files_in("Search/beach and not sound"), ElementsAre("bergen.mov", "oslo.mov"));
  EXPECT_THAT(files_in("Search/(tag:sound or name:oslo*) project:demo"), ElementsAre("oslo.mov"));
  EXPECT_THAT(files_in("Search/not tag:beach"), ElementsAre("logo.png"));
  EXPECT_THAT(files_in("Search/name:*.MOV"), ElementsAre("bergen.mov", "oslo.mov"));
  EXPECT_THAT(files_in("Search/tag:place%2Foslo"), ElementsAre("oslo.mov"));
  EXPECT_THAT(files_in("Search/tag:nothing"), IsEmpty());
}

TEST_F(SearchFolder, IsFoundButNotListed) {
  EXPECT_TRUE(is_there(at("Search/tag:beach/oslo.mov")));

  EXPECT_THAT(names_in(at("Search")), IsEmpty());
  EXPECT_FALSE(is_there(at("Search/(tag:beach"))) << "a query that cannot be read is no folder";
}

using Narrowing = Folders;
TEST_F(Narrowing, OffersWhatSplitsTheSetOnly) {
  EXPECT_THAT(names_in(at("Tags/beach/+")), ElementsAre("ext", "kind", "project", "tag"));
  EXPECT_THAT(names_in(at("Tags/beach/+/kind")), ElementsAre("audio", "video"));
  EXPECT_THAT(names_in(at("Tags/beach/+/project")), ElementsAre("demo", "other"));
  EXPECT_THAT(names_in(at("Tags/beach/+/tag")), Not(Contains("beach")));
  EXPECT_THAT(names_in(at("Tags/place/oslo/+")), IsEmpty()) << "one asset cannot be split";
}

TEST_F(Narrowing, LinksLeadToTheNarrowedFolder) {
  int links = 0;
  for (const std::string& facet : names_in(at("Tags/beach/+"))) {
    for (const Entry& value : entries_in(at("Tags/beach/+") / facet)) {
      const path link = at("Tags/beach/+") / facet / value.name;
      EXPECT_TRUE(std::filesystem::is_symlink(link)) << link;
      EXPECT_TRUE(std::filesystem::read_symlink(link).is_relative()) << link;
      EXPECT_TRUE(std::filesystem::is_directory(link)) << link;
      ++links;
    }
  }
  EXPECT_GE(links, 6);
  EXPECT_THAT(names_in(at("Tags/beach/+/kind/audio")), ElementsAre("+", "waves.wav"));
}

TEST_F(Narrowing, TypedInAnyOrderGivesTheSameFolder) {
  const path one = at("Tags/beach/kind=video/project=demo");
  const path other = at("Tags/beach/project=demo/kind=video");

  EXPECT_THAT(names_in(one), Contains("oslo.mov"));
  EXPECT_EQ(names_in(one), names_in(other));
  EXPECT_EQ(inode_of(one), inode_of(other));
  EXPECT_EQ(inode_of(at("Tags/beach/tag=sound")), inode_of(at("Tags/sound/tag=beach")));
  EXPECT_EQ(inode_of(at("Tags/beach/tag=beach")), inode_of(at("Tags/beach")));
}

TEST_F(Narrowing, WorksInSearchesAndWithSlashesInValues) {
  EXPECT_THAT(files_in("Search/tag:beach/kind=video/tag=place%2Foslo"), ElementsAre("oslo.mov"));
  EXPECT_THAT(files_in("Tags/beach/tag=place"), ElementsAre("bergen.mov", "oslo.mov"));
  EXPECT_THAT(files_in("Tags/beach/ext=wav"), ElementsAre("waves.wav"));
}

TEST_F(Narrowing, IsNotListedAsFacetEqualsValue) {
  EXPECT_TRUE(is_there(at("Tags/beach/kind=video")));

  EXPECT_THAT(names_in(at("Tags/beach")), ElementsAre("+", "bergen.mov", "oslo.mov", "waves.wav"));
}

TEST_F(Narrowing, OfUnknownFacetsAndValuesIsNotThere) {
  EXPECT_FALSE(is_there(at("Tags/beach/colour=red")));
  EXPECT_FALSE(is_there(at("Tags/beach/tag=nothing")));
  EXPECT_FALSE(is_there(at("Tags/beach/+/colour")));
  EXPECT_FALSE(is_there(at("Tags/beach/+/kind/nothing")));
}

TEST_F(Narrowing, EndsForProgramsThatWalk) {
  LENSFS_NEEDS("find");

  const Ran walked = run({"find", at("").string()});
  const Ran followed = run({"timeout", "60", "find", "-L", at("Tags").string(), "-type", "f"});

  EXPECT_EQ(walked.exit, 0) << walked.err;
  EXPECT_EQ(walked.err, "");
  EXPECT_NE(followed.exit, 124) << "find -L did not end";
  EXPECT_THAT(followed.out, testing::HasSubstr("Tags/beach/oslo.mov"));
}

}  // namespace
}  // namespace lensfs::test
