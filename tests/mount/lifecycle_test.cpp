// Mounting, unmounting, and what is left after an accident.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

class Mount : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("clip.mov", movie(100'000), {.project = "demo", .tags = {"kept"}}));
    ASSERT_TRUE(mount());
  }
  [[nodiscard]] path clip() const { return at("Projects/demo/clip.mov"); }
};

TEST_F(Mount, TellsTheTruthAboutSpace) {
  struct statvfs drive {};
  struct statvfs disk {};

  ASSERT_EQ(::statvfs(mountpoint().c_str(), &drive), 0);
  ASSERT_EQ(::statvfs(library().c_str(), &disk), 0);

  EXPECT_EQ(drive.f_blocks * drive.f_frsize, disk.f_blocks * disk.f_frsize);
  const auto free = static_cast<double>(disk.f_bavail * disk.f_frsize);
  EXPECT_NEAR(static_cast<double>(drive.f_bavail * drive.f_frsize), free, free / 10);
  EXPECT_EQ(drive.f_namemax, 255U);
  EXPECT_GE(drive.f_files, 1U);
}

TEST_F(Mount, SaysHowItServes) {
  EXPECT_GT(keeper(), 0);
  EXPECT_GT(worker(), 0);
  EXPECT_NE(keeper(), worker());
  EXPECT_THAT(status("passthrough"),
              testing::AnyOf(testing::StartsWith("on"), testing::MatchesRegex("off .*\\(?.+")));
  EXPECT_NE(status("io_uring"), "");
  EXPECT_EQ(status("restarts"), "0");
}

TEST_F(Mount, HoldsNoStreamOfWhoMounted) {
  for (const pid_t process : {keeper(), worker()}) {
    for (const char* stream : {"0", "1", "2"}) {
      const path link = path("/proc") / std::to_string(process) / "fd" / stream;
      EXPECT_EQ(std::filesystem::read_symlink(link), "/dev/null") << link;
    }
  }
}

TEST_F(Mount, EndsCleanlyOnSigtermWithFilesOpen) {
  auto file = open_path(clip(), O_RDONLY);
  ASSERT_TRUE(file);
  void* const mapped = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file->get(), 0);
  ASSERT_NE(mapped, MAP_FAILED);
  const pid_t keeps = keeper();
  const pid_t works = worker();

  ::kill(keeps, SIGTERM);

  EXPECT_TRUE(wait_until([&] { return !is_mounted(mountpoint()); }));
  EXPECT_FALSE(is_there(clip()));
  ::munmap(mapped, 4096);
  file->reset();
  EXPECT_TRUE(wait_until([&] { return !is_running(keeps) && !is_running(works); }));
  ASSERT_TRUE(mount()) << "and can be mounted again";
  EXPECT_TRUE(same_bytes(read_at_once(clip()), movie(100'000)));
}

TEST_F(Mount, LeftDeadByACrashIsRecoveredByTheNext) {
  const pid_t works = worker();
  ::kill(keeper(), SIGKILL);
  ::kill(works, SIGKILL);
  ASSERT_TRUE(wait_until([&] {
    struct stat found {};
    return error_of(::stat(clip().c_str(), &found)) == ENOTCONN;
  }));

  ASSERT_TRUE(mount());

  EXPECT_TRUE(same_bytes(read_at_once(clip()), movie(100'000)));
}

TEST_F(Mount, CannotBeStackedOnItself) {
  const Ran again = lensfs({"mount", library().string(), mountpoint().string()});

  EXPECT_NE(again.exit, 0);
  EXPECT_NE(again.err, "");
  EXPECT_TRUE(same_bytes(read_at_once(clip()), movie(100'000)));
}

TEST_F(Mount, OfSomethingThatIsNoLibraryFails) {
  std::filesystem::create_directory(scratch() / "elsewhere");

  const Ran ran = lensfs({"mount", scratch().string(), (scratch() / "elsewhere").string()});

  EXPECT_NE(ran.exit, 0);
  EXPECT_NE(ran.err, "");
  EXPECT_FALSE(is_mounted(scratch() / "elsewhere"));
}

TEST_F(Mount, WorksWithoutPassthroughToo) {
  ASSERT_TRUE(unmount());

  ASSERT_TRUE(mount({.options = {"no_passthrough"}, .open_files = {}}));

  EXPECT_THAT(status("passthrough"), testing::StartsWith("off"));
  EXPECT_TRUE(same_bytes(read_at_once(clip()), movie(100'000)));
}

TEST_F(Mount, CanBeUsedByEverybodyWhoMayReadTheFiles) {
  EXPECT_EQ(as_user(65534, [&] { return read_at_once(clip()) ? 0 : 1; }), 0);
}

TEST_F(Mount, ComesBackWhenItsWorkerDies) {
  const pid_t first = worker();
  const auto file = open_path(clip(), O_RDONLY);
  ASSERT_TRUE(file);

  ::kill(first, SIGKILL);

  EXPECT_TRUE(same_bytes(read_at_once(clip()), movie(100'000)));
  char byte = 0;
  EXPECT_EQ(::pread(file->get(), &byte, 1, 50'000), 1);
  EXPECT_NE(worker(), first);
  EXPECT_EQ(status("restarts"), "1");
}

}  // namespace
}  // namespace lensfs::test
