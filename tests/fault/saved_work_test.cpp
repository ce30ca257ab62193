// The steps that the fault tests repeat, on a plain folder of the disk: there nothing may fail.
#include "tests/fault/saved_work.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "catalog/base/fd.h"
#include "tests/fault/acknowledged.h"
#include "tests/support/temp_dir.h"

namespace lensfs::test {
namespace {

TEST(SavedWork, SucceedsOnThePlainDisk) {
  const TempDir disk;
  ASSERT_EQ(write_new(disk / "tagged", "x"), 0);
  const Fd log(::open((disk / "log").c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0644));

  for (std::uint64_t round = 0; round < 20; ++round) {
    EXPECT_EQ(make_rename_remove(disk.path(), 1, round), 0);
    EXPECT_EQ(make_and_remove_folders(disk.path(), round), 0);
    EXPECT_EQ(link_and_unlink(disk.path(), round), 0);
    EXPECT_EQ(replace_by_rename(disk.path(), 3, round), 0);
    EXPECT_EQ(set_and_remove_attribute(disk / "tagged", round), 0);
    EXPECT_EQ(append_and_read(log.get(), round), 0);
  }

  EXPECT_THAT(names_in(disk.path()), testing::ElementsAre("document", "log", "tagged"));
}

TEST(Acknowledged, NoticesWhatIsLost) {
  const TempDir disk;
  Acknowledged work(disk.path());
  for (std::uint64_t round = 0; round < 6; ++round) {
    EXPECT_EQ(work.make_new(round), 0);
    EXPECT_EQ(work.append_to_log(round), 0);
    EXPECT_EQ(work.replace_document(round), 0);
    EXPECT_EQ(work.rename_and_remove(round), 0);
    EXPECT_EQ(work.tag(round), 0);
  }
  EXPECT_THAT(work.losses(), testing::IsEmpty());

  write_file(disk / "log", "line 0\n");
  write_file(disk / "document", "half");
  write_file(disk / "made2", "back");
  std::filesystem::remove(disk / "new3");

  EXPECT_EQ(work.losses().size(), 4U);
}

}  // namespace
}  // namespace lensfs::test
