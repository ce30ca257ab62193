// What the mount is asked: the kernel answers from its caches whatever it can.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

class RequestsOf : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("clip.mov", movie(100'000), {.project = "demo", .tags = {"kept"}}));
    ASSERT_TRUE(mount());
  }
  [[nodiscard]] path clip() const { return at("Projects/demo/clip.mov"); }
  [[nodiscard]] bool has_passthrough() const { return status("passthrough").starts_with("on"); }
};

int stat_often(const path& file) {
  struct stat found {};
  for (int i = 0; i < 100; ++i) {
    if (::stat(file.c_str(), &found) != 0) return errno;
  }
  return 0;
}

int read_and_close(const path& file) {
  const auto fd = open_path(file, O_RDONLY);
  char buffer[4096];
  return fd && ::read(fd->get(), buffer, sizeof buffer) == sizeof buffer ? 0 : 1;
}

TEST_F(RequestsOf, WarmStatAreNone) {
  EXPECT_EQ(stat_often(clip()), 0);

  const Requests asked = requests_of([&] { EXPECT_EQ(stat_often(clip()), 0); });

  EXPECT_EQ(total(asked), 0) << testing::PrintToString(asked);
}

TEST_F(RequestsOf, WarmStatByAnotherUserAreNone) {
  constexpr uid_t kNobody = 65534;
  EXPECT_EQ(as_user(kNobody, [&] { return stat_often(clip()); }), 0);

  const Requests asked =
      requests_of([&] { EXPECT_EQ(as_user(kNobody, [&] { return stat_often(clip()); }), 0); });

  EXPECT_EQ(total(asked), 0) << testing::PrintToString(asked);
}

TEST_F(RequestsOf, AbsentNamesAreNoneOnceKnown) {
  EXPECT_EQ(stat_often(at("Tags/kept/absent.mov")), ENOENT);

  const Requests asked =
      requests_of([&] { EXPECT_EQ(stat_often(at("Tags/kept/absent.mov")), ENOENT); });

  EXPECT_EQ(total(asked), 0) << testing::PrintToString(asked);
}

TEST_F(RequestsOf, OpenReadCloseAreOneOpen) {
  if (!has_passthrough()) GTEST_SKIP() << "passthrough: " << status("passthrough");
  EXPECT_EQ(read_and_close(clip()), 0);

  const Requests asked = requests_of([&] { EXPECT_EQ(read_and_close(clip()), 0); });

  EXPECT_LE(total(asked), 1) << testing::PrintToString(asked);
}

TEST_F(RequestsOf, ReadsAndMapsAreNoneThroughPassthrough) {
  if (!has_passthrough()) GTEST_SKIP() << "passthrough: " << status("passthrough");
  EXPECT_EQ(read_and_close(clip()), 0);

  Requests asked = requests_of([&] {
    EXPECT_TRUE(same_bytes(read_byte_by_byte(clip()), movie(100'000)));
    EXPECT_TRUE(same_bytes(read_mapped(clip()), movie(100'000)));
  });

  EXPECT_EQ(asked["READ"], 0);
  EXPECT_EQ(asked["FLUSH"], 0);
  EXPECT_LE(asked["OPEN"], 2);
}

TEST_F(RequestsOf, RepeatedReadsAreNoneWithoutPassthroughToo) {
  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount({.options = {"no_passthrough"}, .open_files = {}}));
  EXPECT_TRUE(same_bytes(read_at_once(clip()), movie(100'000)));

  Requests asked =
      requests_of([&] { EXPECT_TRUE(same_bytes(read_at_once(clip()), movie(100'000))); });

  EXPECT_EQ(asked["READ"], 0) << "objects never change: their pages stay cached over opens";
  EXPECT_EQ(asked["FLUSH"], 0);
}

TEST_F(RequestsOf, WarmListingReadsNothing) {
  EXPECT_EQ(names_in(at("Tags/kept")).size(), 2U);
  EXPECT_EQ(names_in(at("Tags/kept")).size(), 2U);

  Requests asked = requests_of([&] { EXPECT_EQ(names_in(at("Tags/kept")).size(), 2U); });

  EXPECT_EQ(asked["READDIR"] + asked["READDIRPLUS"], 0) << testing::PrintToString(asked);
  EXPECT_LE(total(asked), 1) << testing::PrintToString(asked);
}

TEST_F(RequestsOf, AnAttributeAreOne) {
  EXPECT_EQ(xattr_text(clip(), "user.xdg.tags"), "kept");

  const Requests asked = requests_of([&] { EXPECT_EQ(xattr_error(clip(), "user.xdg.tags"), 0); });

  EXPECT_LE(total(asked), 1) << testing::PrintToString(asked);
}

class LargeFolder : public DriveTest {};

TEST_F(LargeFolder, IsListedCompletelyWithFewDescriptors) {
  constexpr std::size_t kFiles = 20'000;
  for (std::size_t i = 0; i < kFiles; ++i) {
    write_file(scratch() / "in" / ("frame." + std::to_string(i) + ".dpx"), std::to_string(i));
  }
  ASSERT_TRUE(ingest((scratch() / "in/").string(), {.project = "demo", .tags = {"kept"}}));
  ASSERT_TRUE(mount({.options = {}, .open_files = 256}));

  for (const char* folder : {"Projects/demo", "Tags/kept"}) {
    EXPECT_EQ(files_below(at(folder)).size(), kFiles) << folder;
  }
  for (std::size_t i = 0; i < kFiles; i += 97) {
    const path file = at("Tags/kept") / ("frame." + std::to_string(i) + ".dpx");
    ASSERT_TRUE(same_bytes(read_at_once(file), std::to_string(i))) << file;
  }
}

TEST_F(LargeFolder, ListsEachNameOnceWhileItChanges) {
  constexpr std::size_t kFiles = 3'000;
  for (std::size_t i = 0; i < kFiles; ++i) {
    write_file(scratch() / "in" / ("frame." + std::to_string(10'000 + i)), std::to_string(i));
  }
  ASSERT_TRUE(ingest((scratch() / "in/").string(), {.project = "demo", .tags = {"kept"}}));
  ASSERT_TRUE(mount());
  const path changing = at("Projects/demo/frame.11000");

  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(remove_xattr(changing, "user.lensfs.tag.kept"), 0);
    const auto without = names_in(at("Tags/kept"));
    ASSERT_EQ(set_xattr(changing, "user.lensfs.tag.kept", ""), 0);
    const auto with = names_in(at("Tags/kept"));

    EXPECT_EQ(without.size(), kFiles);  // one less, and "+"
    EXPECT_EQ(with.size(), kFiles + 1);
    EXPECT_EQ(std::adjacent_find(with.begin(), with.end()), with.end()) << "a name twice";
  }
}

}  // namespace
}  // namespace lensfs::test
