// One file is one file: the same inode number in every folder, today and after a remount.
#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

class Identity : public DriveTest {};

TEST_F(Identity, IsTheSameInEveryFolder) {
  ASSERT_TRUE(add("clip.mov", movie(1000), {.project = "demo", .tags = {"place/oslo", "kept"}}));

  ASSERT_TRUE(mount());

  const struct stat file = status_of(at("Projects/demo/clip.mov"));
  for (const char* other : {"Tags/kept/clip.mov", "Tags/place/clip.mov", "Tags/place/oslo/clip.mov",
                            "Search/clip/clip.mov", "Tags/kept/kind=video/clip.mov"}) {
    EXPECT_EQ(inode_of(at(other)), file.st_ino) << other;
    EXPECT_EQ(status_of(at(other)).st_dev, file.st_dev) << other;
    EXPECT_EQ(status_of(at(other)).st_mtim.tv_nsec, file.st_mtim.tv_nsec) << other;
  }
}

TEST_F(Identity, IsToldByListingsToo) {
  ASSERT_TRUE(add("clip.mov", movie(1000), {.project = "demo", .tags = {"kept"}}));

  ASSERT_TRUE(mount());

  for (const char* folder : {"", "Projects", "Projects/demo", "Tags", "Tags/kept", "Tags/kept/+"}) {
    for (const Entry& entry : entries_in(at(folder))) {
      struct stat found {};
      ASSERT_EQ(error_of(::lstat((at(folder) / entry.name).c_str(), &found)), 0) << entry.name;
      EXPECT_EQ(entry.inode, found.st_ino) << folder << "/" << entry.name;
      EXPECT_EQ(DTTOIF(entry.type), found.st_mode & S_IFMT) << folder << "/" << entry.name;
    }
  }
}

TEST_F(Identity, SurvivesARemount) {
  ASSERT_TRUE(add("a/clip.mov", movie(1000, 1), {.project = "demo", .tags = {"place/oslo"}}));
  ASSERT_TRUE(add("sound.wav", sound(1000, 2), {.project = "demo", .tags = {"place"}}));
  const std::vector<path> all = {"",
                                 "Projects",
                                 "Projects/demo",
                                 "Projects/demo/a",
                                 "Projects/demo/a/clip.mov",
                                 "Projects/demo/sound.wav",
                                 "Tags",
                                 "Tags/place",
                                 "Tags/place/oslo",
                                 "Tags/place/+",
                                 "Tags/place/kind=video",
                                 "Search/tag:place"};
  ASSERT_TRUE(mount());
  std::vector<std::uint64_t> before;
  for (const path& one : all) before.push_back(inode_of(at(one)));

  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount());

  std::vector<std::uint64_t> after;
  for (const path& one : all) after.push_back(inode_of(at(one)));
  EXPECT_EQ(after, before);
}

TEST_F(Identity, OfDifferentThingsDiffers) {
  ASSERT_TRUE(add("a.mov", movie(1000, 1), {.project = "demo", .tags = {"kept"}}));
  ASSERT_TRUE(add("b.mov", movie(1000, 1), {.project = "demo", .tags = {"kept"}}));

  ASSERT_TRUE(mount());

  EXPECT_NE(inode_of(at("Projects/demo/a.mov")), inode_of(at("Projects/demo/b.mov")));
  EXPECT_NE(inode_of(at("Projects/demo")), inode_of(at("Tags/kept")));
  EXPECT_EQ(files_below(library() / "objects").size(), 1U) << "equal bytes are kept once";
}

TEST_F(Identity, CountsPlacesInProjectsAsLinks) {
  write_file(scratch() / "in/clip.mov", movie(1000));
  std::filesystem::create_directory(scratch() / "in/selects");
  std::filesystem::create_hard_link(scratch() / "in/clip.mov", scratch() / "in/selects/best.mov");
  write_file(scratch() / "in/other.mov", movie(1000, 2));
  ASSERT_TRUE(ingest((scratch() / "in/").string(), {.project = "demo", .tags = {"kept"}}));

  ASSERT_TRUE(mount());

  EXPECT_EQ(status_of(at("Projects/demo/clip.mov")).st_nlink, 2U);
  EXPECT_EQ(inode_of(at("Projects/demo/clip.mov")), inode_of(at("Projects/demo/selects/best.mov")));
  EXPECT_EQ(status_of(at("Projects/demo/other.mov")).st_nlink, 1U);
  EXPECT_EQ(names_in(at("Tags/kept")).size(), 3U) << "one asset shows once: clip, other and +";
}

TEST_F(Identity, KeepsTimesAndPermissionsOfTheSource) {
  write_file(scratch() / "in/clip.mov", movie(1000));
  const timespec times[2] = {{.tv_sec = 1'000'000'000, .tv_nsec = 5},
                             {.tv_sec = 1'234'567'890, .tv_nsec = 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (scratch() / "in/clip.mov").c_str(), times, 0), 0);
  ASSERT_TRUE(ingest((scratch() / "in/").string()));

  ASSERT_TRUE(mount());

  const struct stat file = status_of(at("Projects/demo/clip.mov"));
  EXPECT_EQ(file.st_mtim.tv_sec, 1'234'567'890);
  EXPECT_EQ(file.st_mtim.tv_nsec, 123'456'789);
  EXPECT_TRUE(S_ISREG(file.st_mode));
  EXPECT_GE(file.st_blocks * 512, 1000);
}

TEST_F(Identity, IsDescribedByReadOnlyAttributes) {
  ASSERT_TRUE(add("clip.mov", movie(1000), {.project = "demo", .tags = {"kept"}}));
  ASSERT_TRUE(mount());
  const path file = at("Projects/demo/clip.mov");

  EXPECT_THAT(xattr_text(file, "user.lensfs.hash"), testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(xattr_text(file, "user.lensfs.version"), "1");
  EXPECT_EQ(xattr_text(file, "user.lensfs.kind"), "video");
  EXPECT_NE(xattr_text(file, "user.lensfs.id"), "");
  EXPECT_NE(xattr_text(file, "user.lensfs.state"), "");
  EXPECT_NE(xattr_text(file, "user.lensfs.library"), "");
  for (const char* name : {"id", "hash", "version", "kind", "state", "library"}) {
    EXPECT_NE(set_xattr(file, std::string("user.lensfs.") + name, "x"), 0) << name;
    EXPECT_NE(remove_xattr(file, std::string("user.lensfs.") + name), 0) << name;
    EXPECT_EQ(xattr_text(at("Tags/kept/clip.mov"), std::string("user.lensfs.") + name),
              xattr_text(file, std::string("user.lensfs.") + name));
  }
}

}  // namespace
}  // namespace lensfs::test
