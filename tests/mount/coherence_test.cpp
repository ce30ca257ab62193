// The kernel's caches stay long and are never wrong: what changes shows, what is gone is gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <thread>

#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

class Coherence : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("clip.mov", movie(1000, 1), {.project = "demo", .tags = {"kept"}}));
    ASSERT_TRUE(add("other.mov", movie(1000, 2), {.project = "demo", .tags = {"beach"}}));
    ASSERT_TRUE(mount());
    warm_caches();
  }
  // Lists and looks up, so that the kernel holds names, attributes and the absence of clip.mov.
  void warm_caches() const {
    EXPECT_THAT(names_in(at("Tags")), ElementsAre("beach", "kept"));
    EXPECT_THAT(names_in(at("Tags/beach")), ElementsAre("+", "other.mov"));
    EXPECT_FALSE(is_there(at("Tags/beach/clip.mov")));
    EXPECT_FALSE(is_there(at("Tags/new")));
    EXPECT_TRUE(is_there(at("Tags/kept/clip.mov")));
    EXPECT_EQ(names_in(at("Search/tag:beach")).size(), 2U);
    EXPECT_FALSE(is_there(at("Search/tag:beach/clip.mov")));
  }
  [[nodiscard]] path clip() const { return at("Projects/demo/clip.mov"); }
};

using TaggedThroughTheMount = Coherence;
TEST_F(TaggedThroughTheMount, ShowsAtOnce) {
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.beach", ""), 0);

  EXPECT_TRUE(is_there(at("Tags/beach/clip.mov"))) << "an absence that was cached";
  EXPECT_THAT(names_in(at("Tags/beach")), ElementsAre("+", "clip.mov", "other.mov"));
  EXPECT_TRUE(is_there(at("Search/tag:beach/clip.mov")));
  EXPECT_THAT(names_in(at("Search/tag:beach")), ElementsAre("+", "clip.mov", "other.mov"));
}

TEST_F(TaggedThroughTheMount, NewTermShowsAtOnce) {
  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.new", ""), 0);

  EXPECT_TRUE(is_there(at("Tags/new/clip.mov")));
  EXPECT_THAT(names_in(at("Tags")), ElementsAre("beach", "kept", "new"));
}

TEST_F(TaggedThroughTheMount, RemovedIsGoneAtOnce) {
  EXPECT_EQ(remove_xattr(clip(), "user.lensfs.tag.kept"), 0);

  EXPECT_FALSE(is_there(at("Tags/kept/clip.mov")));
  EXPECT_THAT(names_in(at("Tags/kept")), Not(Contains("clip.mov")));
  EXPECT_TRUE(is_there(clip())) << "the asset stays where it is";
}

TEST_F(TaggedThroughTheMount, MovesTheTimesOfFolderAndFile) {
  const struct stat folder = status_of(at("Tags/beach"));
  const struct stat file = status_of(clip());

  EXPECT_EQ(set_xattr(clip(), "user.lensfs.tag.beach", ""), 0);

  const struct stat folder_now = status_of(at("Tags/beach"));
  EXPECT_TRUE(folder_now.st_mtim.tv_sec > folder.st_mtim.tv_sec ||
              folder_now.st_mtim.tv_nsec != folder.st_mtim.tv_nsec);
  EXPECT_NE(status_of(clip()).st_ctim.tv_nsec, file.st_ctim.tv_nsec);
  EXPECT_EQ(status_of(clip()).st_mtim.tv_nsec, file.st_mtim.tv_nsec) << "the bytes are the same";
}

using TaggedElsewhere = Coherence;
TEST_F(TaggedElsewhere, ShowsSoon) {
  ASSERT_TRUE(tag("demo/clip.mov", {"+beach", "+new"}));

  const auto latency = wait_until([&] {
    return is_there(at("Tags/beach/clip.mov")) && is_there(at("Tags/new/clip.mov")) &&
           names_in(at("Tags/beach")).size() == 3 && names_in(at("Tags")).size() == 3;
  });

  ASSERT_TRUE(latency) << "never showed";
  std::cout << "shown " << latency->count() << " ms after the command ended\n";
  EXPECT_TRUE(is_there(at("Search/tag:beach/clip.mov")));
}

TEST_F(TaggedElsewhere, RemovedIsGoneSoonAndForGood) {
  ASSERT_TRUE(tag("demo/clip.mov", {"-kept"}));

  const auto latency = wait_until([&] { return !is_there(at("Tags/kept/clip.mov")); });

  ASSERT_TRUE(latency) << "a stale name is served";
  std::cout << "gone " << latency->count() << " ms after the command ended\n";
  EXPECT_TRUE(wait_until([&] { return names_in(at("Tags/kept")).size() == 1; }));
  EXPECT_EQ(xattr_text(clip(), "user.xdg.tags"), "");
}

TEST_F(TaggedElsewhere, NeverLeavesAStaleNameBehind) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(tag("demo/clip.mov", {"+beach"}));
    ASSERT_TRUE(wait_until([&] { return is_there(at("Tags/beach/clip.mov")); })) << round;
    ASSERT_TRUE(wait_until([&] { return names_in(at("Tags/beach")).size() == 3; })) << round;

    ASSERT_TRUE(tag("demo/clip.mov", {"-beach"}));
    ASSERT_TRUE(wait_until([&] { return !is_there(at("Tags/beach/clip.mov")); })) << round;
    ASSERT_TRUE(wait_until([&] { return names_in(at("Tags/beach")).size() == 2; })) << round;
  }
}

TEST_F(TaggedElsewhere, IsRightAlsoWhileFoldersAreRead) {
  std::atomic<bool> done = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        static_cast<void>(names_in(at("Tags/beach")));
        static_cast<void>(is_there(at("Tags/beach/clip.mov")));
      }
    });
  }

  for (int round = 0; round < 30; ++round) {
    ASSERT_EQ(set_xattr(clip(), "user.lensfs.tag.beach", ""), 0);
    ASSERT_EQ(remove_xattr(clip(), "user.lensfs.tag.beach"), 0);
  }
  ASSERT_EQ(set_xattr(clip(), "user.lensfs.tag.beach", ""), 0);
  done = true;
  readers.clear();

  EXPECT_TRUE(wait_until([&] { return names_in(at("Tags/beach")).size() == 3; }));
  EXPECT_TRUE(is_there(at("Tags/beach/clip.mov")));
}

using IngestedElsewhere = Coherence;
TEST_F(IngestedElsewhere, ShowsInTheProjectAndItsTags) {
  EXPECT_FALSE(is_there(at("Projects/demo/late.mov")));
  EXPECT_FALSE(is_there(at("Projects/second")));

  ASSERT_TRUE(add("late.mov", movie(5000, 9), {.project = "demo", .tags = {"beach"}}));
  ASSERT_TRUE(add("first/late.mov", movie(5000, 10), {.project = "second", .tags = {}}));

  EXPECT_TRUE(wait_until([&] { return is_there(at("Projects/demo/late.mov")); }));
  EXPECT_TRUE(wait_until([&] { return is_there(at("Tags/beach/late.mov")); }));
  EXPECT_TRUE(wait_until([&] { return names_in(at("Projects")).size() == 2; }));
  EXPECT_TRUE(wait_until([&] { return is_there(at("Projects/second/first/late.mov")); }));
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo/late.mov")), movie(5000, 9)));
}

TEST_F(IngestedElsewhere, AgainWithOtherBytesIsANewVersion) {
  write_file(scratch() / "again/day/shot.mov", movie(5000, 9));
  ASSERT_TRUE(ingest((scratch() / "again/").string()));
  const path shot = at("Projects/demo/day/shot.mov");
  ASSERT_TRUE(wait_until([&] { return is_there(shot); }));
  ASSERT_TRUE(same_bytes(read_at_once(shot), movie(5000, 9)));

  write_file(scratch() / "again/day/shot.mov", movie(6000, 10));
  ASSERT_TRUE(ingest((scratch() / "again/").string()));

  EXPECT_TRUE(wait_until([&] { return status_of(shot).st_size == 6000; }));
  EXPECT_TRUE(same_bytes(read_at_once(shot), movie(6000, 10)));
  EXPECT_TRUE(same_bytes(read_mapped(shot), movie(6000, 10)));
  EXPECT_EQ(xattr_text(shot, "user.lensfs.version"), "2");
}

}  // namespace
}  // namespace lensfs::test
