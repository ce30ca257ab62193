// The helpers of the mount tests, checked on a plain file system.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>

#include <cerrno>

#include "tests/support/files.h"
#include "tests/support/media_factory.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;

TEST(WaysToRead, AllGiveTheSameBytes) {
  const TempDir dir;
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 300'001U}) {
    const std::string bytes = movie(size);
    const path file = dir / "clip.mov";

    write_file(file, bytes);

    EXPECT_TRUE(same_bytes(read_at_once(file), bytes)) << size;
    EXPECT_TRUE(same_bytes(read_byte_by_byte(file), bytes)) << size;
    EXPECT_TRUE(same_bytes(read_mapped(file), bytes)) << size;
    EXPECT_TRUE(same_bytes(read_direct(file), bytes)) << size;
    EXPECT_TRUE(same_bytes(read_scattered(file, 7), bytes)) << size;
  }
}

TEST(WaysToRead, SayWhereBytesDiffer) {
  const TempDir dir;
  write_file(dir / "a", "same, but not here");

  const auto answer = same_bytes(read_at_once(dir / "a"), "same, and not here");

  EXPECT_FALSE(answer);
  EXPECT_THAT(answer.message(), testing::HasSubstr("from offset 6"));
  EXPECT_FALSE(same_bytes(read_at_once(dir / "missing"), ""));
}

TEST(Folder, ListsNamesInByteOrder) {
  const TempDir dir;
  write_file(dir / "b/inner", "");
  write_file(dir / "a", "");

  EXPECT_THAT(names_in(dir.path()), ElementsAre("a", "b"));
  EXPECT_THAT(files_below(dir.path()), ElementsAre(path("a"), path("b/inner")));
  EXPECT_EQ(entries_in(dir.path())[0].inode, inode_of(dir / "a"));
}

TEST(Media, OfOneSeedIsAlwaysTheSame) {
  EXPECT_EQ(movie(5000, 3), movie(5000, 3));
  EXPECT_NE(movie(5000, 3), movie(5000, 4));
  EXPECT_EQ(sound(10).size(), 10U);
  EXPECT_EQ(picture(100'000).size(), 100'000U);
}

TEST(Attributes, ComeBackWithTheirErrors) {
  const TempDir dir;
  const path file = dir / "file";
  write_file(file, "");

  EXPECT_EQ(set_xattr(file, "user.note", "hello"), 0);

  EXPECT_EQ(xattr_text(file, "user.note"), "hello");
  EXPECT_THAT(xattr_names(file), ElementsAre("user.note"));
  EXPECT_EQ(set_xattr(file, "user.note", "again", XATTR_CREATE), EEXIST);
  EXPECT_EQ(xattr_error(file, "user.note", 2), ERANGE);
  EXPECT_EQ(remove_xattr(file, "user.note"), 0);
  EXPECT_EQ(xattr_error(file, "user.note"), ENODATA);
}

TEST(Program, LeavesItsOutputAndStatus) {
  Command command;
  command.words = {"sh", "-c", "cat; echo loud >&2; ulimit -n; exit 3"};
  command.input = "in\n";
  command.open_files = 100;

  const Ran ran = run(command);

  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.out, "in\n100\n");
  EXPECT_EQ(ran.err, "loud\n");
}

TEST(Program, EndedByASignalSaysWhich) {
  Child child(Command{.words = {"sleep", "100"}, .input = {}, .open_files = {}, .folder = {}});
  EXPECT_TRUE(is_running(child.pid()));

  child.send(SIGKILL);

  EXPECT_EQ(child.wait().exit, 128 + SIGKILL);
}

TEST(Program, OfAnotherUserHasHisRights) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const TempDir dir;
  write_file(dir / "secret", "");
  std::filesystem::permissions(dir / "secret", std::filesystem::perms::owner_read);

  EXPECT_EQ(as_user(65534, [&] { return read_at_once(dir / "secret") ? 0 : 7; }), 7);
}

TEST(Waiting, EndsAtItsDeadline) {
  EXPECT_TRUE(wait_until([] { return true; }));
  EXPECT_FALSE(wait_until([] { return false; }, std::chrono::milliseconds(5)));
}

}  // namespace
}  // namespace lensfs::test
