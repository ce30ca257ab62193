// The library's disk fills up or turns read only, or somebody else holds the catalog: applications
// get the right error or wait, reads go on, nothing half-written shows.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iostream>

#include "catalog/base/fd.h"
#include "tests/fault/saved_work.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/versions.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// A library on an ext4 file system of its own, in a file.
class SmallDisk : public DriveTest {
 protected:
  void SetUp() override {
    LENSFS_NEEDS_FUSE();
    LENSFS_NEEDS("mkfs.ext4");
    std::filesystem::create_directories(disk());
    const path image = make_image_folder() / "disk.img";
    write_file(image, "");
    std::filesystem::resize_file(image, 256 * kMiB);
    ASSERT_EQ(run({"mkfs.ext4", "-q", "-m", "0", image.string()}).exit, 0);
    if (run({"mount", "-o", "loop,errors=remount-ro", image.string(), disk().string()}).exit != 0) {
      GTEST_SKIP() << "needs loop devices";
    }
    std::filesystem::create_directory(disk() / "library");
    std::filesystem::create_directory(library());
    ASSERT_EQ(run({"mount", "--bind", (disk() / "library").string(), library().string()}).exit, 0);
    DriveTest::SetUp();
    ASSERT_TRUE(mount());
    ASSERT_EQ(error_of(::mkdir(at("Projects/demo").c_str(), 0755)), 0);
    ASSERT_EQ(write_new(document(), saved()), 0);
    ASSERT_TRUE(gets_versions(document(), 1));
  }
  [[nodiscard]] virtual path make_image_folder() { return disk().parent_path(); }
  [[nodiscard]] path disk() const { return library().parent_path() / "disk"; }
  [[nodiscard]] path document() const { return at("Projects/demo/document.mov"); }
  static std::string saved() { return movie(2'000'000, 3); }

  // Writes until it fails: what failed (write, fsync or close) and how much was written before.
  struct Filled {
    int error = 0;
    std::size_t bytes = 0;
  };
  [[nodiscard]] static Filled fill(const path& file, std::size_t most = 512 * kMiB) {
    Fd fd(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    if (!fd) return {.error = errno};
    const std::string block = noise(kMiB);
    Filled filled;
    while (filled.bytes < most) {
      const ssize_t wrote = ::write(fd.get(), block.data(), block.size());
      if (wrote < 0) return {.error = errno, .bytes = filled.bytes};
      filled.bytes += static_cast<std::size_t>(wrote);
    }
    if (::fsync(fd.get()) != 0) filled.error = errno;
    if (::close(fd.release()) != 0) filled.error = errno;
    return filled;
  }
  [[nodiscard]] std::size_t room() const {
    struct statvfs now {};
    EXPECT_EQ(::statvfs(disk().c_str(), &now), 0);
    return now.f_bavail * now.f_frsize;
  }
  // As ext4 does by itself when it finds damage: open files do not keep it from doing so.
  void turn_read_only() const {
    const Ran device = run({"findmnt", "-n", "-o", "SOURCE", "--mountpoint", disk().string()});
    const path name = path(device.out.substr(0, device.out.find('\n'))).filename();
    std::ofstream("/sys/fs/ext4" / name / "trigger_fs_error") << "test\n";
    const Fd probe(::open((disk() / "probe").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    if (probe) GTEST_SKIP() << "needs ext4's trigger_fs_error";
  }
  void expect_document_untouched() const {
    EXPECT_TRUE(same_bytes(read_at_once(document()), saved()));
    EXPECT_EQ(versions_of(document()).size(), 1U);
  }
};

TEST_F(SmallDisk, FullIsSaidToWhoWritesAndNobodyElse) {
  const path big = at("Projects/demo/big.mov");

  const Filled filled = fill(big);

  EXPECT_EQ(filled.error, ENOSPC);
  EXPECT_GT(filled.bytes, 50 * kMiB);
  expect_document_untouched();
  EXPECT_EQ(names_in(at("Projects/demo")).size(), 2U);
  std::cout << "ENOSPC after " << filled.bytes / kMiB << " MiB, " << room() / kMiB << " MiB left\n";
}

// Deleting only moves to the trash, on a full disk too: what was deleted keeps its room until it is
// purged, by a command or in /Trash.
TEST_F(SmallDisk, WritingWorksAgainOnceTheFileIsGone) {
  const path big = at("Projects/demo/big.mov");
  ASSERT_EQ(fill(big).error, ENOSPC);
  EXPECT_EQ(error_of(::unlink(big.c_str())), 0);
  EXPECT_THAT(names_in(at("Trash")), testing::ElementsAre("big.mov"));
  EXPECT_LT(room(), 10 * kMiB);

  const Ran ran = library_command("purge", {"--trash", "--now"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(wait_until([&] { return room() > 100 * kMiB; }, std::chrono::seconds(20)))
      << room() / kMiB << " MiB free: the deleted file still takes its room";
  const path next = at("Projects/demo/next.mov");
  EXPECT_EQ(write_new(next, movie(5'000'000, 4)), 0);
  EXPECT_TRUE(gets_versions(next, 1));
  EXPECT_TRUE(same_bytes(read_at_once(next), movie(5'000'000, 4)));
  expect_document_untouched();
}

TEST_F(SmallDisk, DeletingInTheTrashGivesTheRoomBack) {
  const path big = at("Projects/demo/big.mov");
  ASSERT_EQ(fill(big).error, ENOSPC);
  ASSERT_EQ(error_of(::unlink(big.c_str())), 0);

  EXPECT_EQ(error_of(::unlink(at("Trash/big.mov").c_str())), 0);

  EXPECT_TRUE(wait_until([&] { return room() > 100 * kMiB; }, std::chrono::seconds(20)))
      << room() / kMiB << " MiB free";
}

// Each of them makes the catalog's log longer, which is short when a mount begins.
TEST_F(SmallDisk, FullLeavesRemovingPossibleHoweverMuchIsRemoved) {
  const path folder = at("Projects/demo/many");
  ASSERT_EQ(error_of(::mkdir(folder.c_str(), 0755)), 0);
  for (int file = 0; file < 400; ++file) {
    write_file(folder / ("file-" + std::to_string(file)), std::to_string(file));
  }
  ASSERT_TRUE(gets_versions(folder / "file-399", 1));
  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount());
  ASSERT_EQ(fill(at("Projects/demo/big.mov")).error, ENOSPC);

  const Ran ran = run({"rm", "-r", folder.string(), at("Projects/demo/big.mov").string()});

  EXPECT_EQ(ran.exit, 0) << ran.err.substr(0, 500);
  EXPECT_EQ(names_in(at("Trash")).size(), 401U);
  EXPECT_EQ(library_command("purge", {"--trash", "--now"}).exit, 0);
  EXPECT_TRUE(wait_until([&] { return room() > 100 * kMiB; }, std::chrono::seconds(20)));
  expect_document_untouched();
}

TEST_F(SmallDisk, FullWhileReplacingLeavesTheOldVersion) {
  const path fresh = at("Projects/demo/document.tmp");

  const Filled filled = fill(fresh);
  EXPECT_EQ(error_of(::unlink(fresh.c_str())), 0);

  EXPECT_EQ(filled.error, ENOSPC);
  expect_document_untouched();
  EXPECT_FALSE(is_there(fresh));
}

TEST_F(SmallDisk, FullLeavesRemovingAndRenamingPossible) {
  ASSERT_EQ(write_new(at("Projects/demo/small"), "x"), 0);
  ASSERT_EQ(fill(at("Projects/demo/big.mov")).error, ENOSPC);

  EXPECT_EQ(
      error_of(::rename(at("Projects/demo/small").c_str(), at("Projects/demo/moved").c_str())), 0);
  EXPECT_EQ(error_of(::unlink(at("Projects/demo/moved").c_str())), 0);
  EXPECT_EQ(error_of(::unlink(at("Projects/demo/big.mov").c_str())), 0);
  EXPECT_EQ(names_in(at("Projects/demo")), std::vector<std::string>{"document.mov"});
}

TEST_F(SmallDisk, ReadOnlyRefusesWritesAndGoesOnReading) {
  const path half = at("Projects/demo/half.mov");
  const Fd open_file(::open(half.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  ASSERT_TRUE(open_file);
  ASSERT_EQ(::write(open_file.get(), "half", 4), 4);
  ASSERT_EQ(::fsync(open_file.get()), 0);

  turn_read_only();
  if (IsSkipped()) return;

  const auto is_refusal = testing::AnyOf(EROFS, EIO);
  EXPECT_THAT(error_of(::mkdir(at("Projects/demo/folder").c_str(), 0755)), is_refusal);
  EXPECT_THAT(write_new(at("Projects/demo/new.mov"), "x"), is_refusal);
  EXPECT_THAT(error_of(::unlink(document().c_str())), is_refusal);
  EXPECT_THAT(error_of(::rename(document().c_str(), half.c_str())), is_refusal);
  EXPECT_THAT(set_xattr(document(), "user.lensfs.tag.late", ""), is_refusal);
  EXPECT_THAT(write_over(document(), "other", Durably::yes), is_refusal);
  EXPECT_TRUE(same_bytes(read_at_once(document()), saved()));
  EXPECT_EQ(names_in(at("Projects/demo")).size(), 2U);
  EXPECT_GT(worker(), 0);
}

// The device below the library's disk has less room than it says: what does not fit fails when it
// is written back, with EIO.
class FailingDisk : public SmallDisk {
 protected:
  path make_image_folder() override {
    const path folder = disk().parent_path() / "device";
    std::filesystem::create_directories(folder);
    const Ran ran = run({"mount", "-t", "tmpfs", "-o", "size=48m", "none", folder.string()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return folder;
  }
};

TEST_F(FailingDisk, IsSaidToWhoSyncsAndNothingHalfWrittenBecomesAVersion) {
  const path big = at("Projects/demo/big.mov");

  const Filled filled = fill(big, 100 * kMiB);

  EXPECT_EQ(filled.bytes, 100 * kMiB) << "the writes themselves went well";
  EXPECT_THAT(filled.error, testing::AnyOf(EIO, ENOSPC, EROFS));
  EXPECT_TRUE(same_bytes(read_at_once(document()), saved()));
  // Its bytes are not on the disk, so it stays a draft, however often saving is tried again.
  EXPECT_FALSE(wait_until([&] { return !versions_of(big).empty(); }, std::chrono::seconds(4)));
  EXPECT_GT(worker(), 0);
}

class BusyCatalog : public DriveTest {};

TEST_F(BusyCatalog, IsWaitedFor) {
  LENSFS_NEEDS("sqlite3");
  ASSERT_TRUE(mount());
  const path project = at("Projects/demo");
  ASSERT_EQ(error_of(::mkdir(project.c_str(), 0755)), 0);
  ASSERT_EQ(write_new(project / "there", "x"), 0);
  Child holder(Command{
      .words = {"sqlite3", (library() / "catalog.db").string()},
      .input = ".timeout 10000\nBEGIN IMMEDIATE;\n.system echo held\n.system sleep 3\nCOMMIT;\n",
      .open_files = {},
      .folder = {}});
  ASSERT_TRUE(wait_until([&] { return holder.out_so_far() == "held\n"; }));

  EXPECT_EQ(error_of(::mkdir((project / "folder").c_str(), 0755)), 0);
  EXPECT_EQ(write_new(project / "new", "hello"), 0);
  EXPECT_EQ(error_of(::rename((project / "there").c_str(), (project / "moved").c_str())), 0);
  EXPECT_EQ(set_xattr(project / "moved", "user.lensfs.tag.kept", ""), 0);
  EXPECT_EQ(error_of(::unlink((project / "moved").c_str())), 0);

  EXPECT_EQ(holder.wait().exit, 0);
  EXPECT_TRUE(same_bytes(read_at_once(project / "new"), "hello"));
  EXPECT_TRUE(gets_versions(project / "new", 1));
}

}  // namespace
}  // namespace lensfs::test
