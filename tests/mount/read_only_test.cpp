// A drive that is mounted with -o ro: whatever writes gets EROFS and changes nothing.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"

namespace lensfs::test {
namespace {

int open_error(const path& file, int flags) {
  const Fd fd(::open(file.c_str(), flags | O_CLOEXEC, 0644));
  return fd ? 0 : errno;
}

class ReadOnly : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("clip.mov", movie(1000), {.project = "demo", .tags = {"kept"}}));
    ASSERT_TRUE(mount({.options = {"ro"}, .open_files = {}}));
  }
  [[nodiscard]] std::vector<path> folders() const {
    return {at(""),           at("Projects"), at("Projects/demo"), at("Tags"),
            at("Tags/kept"),  at("Search"),   at("Search/clip"),   at("Tags/kept/kind=video"),
            at("Tags/kept/+")};
  }
  [[nodiscard]] std::vector<path> files() const {
    return {at("Projects/demo/clip.mov"), at("Tags/kept/clip.mov"), at("Search/clip/clip.mov")};
  }
  void TearDown() override {
    if (is_mounted(mountpoint())) {
      EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo/clip.mov")), movie(1000)));
    }
    DriveTest::TearDown();
  }
};

TEST_F(ReadOnly, FilesCannotBeOpenedForWriting) {
  for (const path& file : files()) {
    EXPECT_EQ(open_error(file, O_WRONLY), EROFS) << file;
    EXPECT_EQ(open_error(file, O_RDWR), EROFS) << file;
    EXPECT_EQ(open_error(file, O_WRONLY | O_APPEND), EROFS) << file;
    EXPECT_EQ(open_error(file, O_WRONLY | O_TRUNC), EROFS) << file;
    EXPECT_EQ(open_error(file, O_RDONLY | O_TRUNC), EROFS) << file;
  }
}

TEST_F(ReadOnly, FilesCannotBeChanged) {
  for (const path& file : files()) {
    EXPECT_EQ(error_of(::truncate(file.c_str(), 0)), EROFS) << file;
    EXPECT_EQ(error_of(::chmod(file.c_str(), 0600)), EROFS) << file;
    EXPECT_EQ(error_of(::chown(file.c_str(), 1, 1)), EROFS) << file;
    EXPECT_EQ(error_of(::utimensat(AT_FDCWD, file.c_str(), nullptr, 0)), EROFS) << file;
    EXPECT_EQ(error_of(::unlink(file.c_str())), EROFS) << file;
  }
}

TEST_F(ReadOnly, NothingCanBeMade) {
  for (const path& folder : folders()) {
    const path made = folder / "(made.mov";  // in Search every name that is a query is there
    EXPECT_EQ(open_error(made, O_CREAT | O_WRONLY), EROFS) << folder;
    EXPECT_EQ(error_of(::mkdir(made.c_str(), 0755)), EROFS) << folder;
    EXPECT_EQ(error_of(::symlink("target", made.c_str())), EROFS) << folder;
    EXPECT_EQ(error_of(::link(files()[0].c_str(), made.c_str())), EROFS) << folder;
    EXPECT_EQ(error_of(::mknod(made.c_str(), S_IFIFO | 0644, 0)), EROFS) << folder;
    EXPECT_FALSE(is_there(made)) << folder;
  }
}

TEST_F(ReadOnly, NothingCanBeMovedOrRemoved) {
  for (const path& file : files()) {
    EXPECT_EQ(error_of(::rename(file.c_str(), (file.parent_path() / "moved").c_str())), EROFS);
    EXPECT_EQ(error_of(::rename(file.c_str(), at("Tags/kept/moved").c_str())), EROFS) << file;
  }
  for (const char* folder : {"Projects/demo", "Tags/kept"}) {
    EXPECT_EQ(error_of(::rmdir(at(folder).c_str())), EROFS) << folder;
    EXPECT_EQ(error_of(::rename(at(folder).c_str(), at("Projects/moved").c_str())), EROFS);
  }
}

}  // namespace
}  // namespace lensfs::test
