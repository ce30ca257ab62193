#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/base/content_id.h"
#include "catalog/base/fd.h"
#include "catalog/base/hasher.h"
#include "catalog/base/log.h"
#include "catalog/base/result.h"
#include "tests/support/temp_dir.h"

namespace lensfs {
namespace {

using test::TempDir;
using testing::HasSubstr;

// --- errors

TEST(AnError, SaysWhatItIsAboutThenWhatFailedThenWhatTheSystemSaid) {
  const Error error = error_from_errno(EACCES, "open").with("clip.mov").with("ingest");

  EXPECT_EQ(error.message(), "ingest: clip.mov: open: Permission denied");
}

TEST(AnError, IsNeverSilent) {
  EXPECT_EQ(Error(Errc::not_found).message(), "not found");
  EXPECT_EQ(Error(Errc::busy, "the library is in use").message(), "the library is in use");
  EXPECT_EQ(Error(Errc::no_space).with("x").message(), "x: no space left");
}

TEST(AnError, KnowsTheErrnoValuesThatAFileSystemMeets) {
  EXPECT_EQ(error_from_errno(ENOENT, "").code(), Errc::not_found);
  EXPECT_EQ(error_from_errno(EEXIST, "").code(), Errc::exists);
  EXPECT_EQ(error_from_errno(ENOSPC, "").code(), Errc::no_space);
  EXPECT_EQ(error_from_errno(EDQUOT, "").code(), Errc::no_space);
  EXPECT_EQ(error_from_errno(EWOULDBLOCK, "").code(), Errc::busy);
  EXPECT_EQ(error_from_errno(EXDEV, "").code(), Errc::cross_device);
  EXPECT_EQ(error_from_errno(EIO, "").code(), Errc::io);
  EXPECT_EQ(error_from_errno(EIO, "").system_error(), EIO);
}

Result<int> doubled(Result<int> value) {
  LENSFS_TRY(const int number, value);
  LENSFS_CHECK(Status{});
  return 2 * number;
}

TEST(AResult, IsPassedOnByTheMacros) {
  EXPECT_EQ(doubled(21).value(), 42);
  EXPECT_EQ(doubled(fail(Errc::stale)).error().code(), Errc::stale);
}

// --- descriptors

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

TEST(AnFd, ClosesWhatItOwnsOnce) {
  const int raw = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  {
    Fd first(raw);
    Fd second = std::move(first);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what a moved-from Fd is, is the point
    EXPECT_TRUE(is_open(raw));
  }

  EXPECT_FALSE(is_open(raw));
}

TEST(AnFd, IsNotInheritedByPrograms) {
  const auto file = open_path("/dev/null", O_RDONLY);

  EXPECT_EQ(::fcntl(file->get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(Text, IsReadBackAsItWasWritten) {
  const TempDir dir;
  const std::string text(100'000, 'x');

  ASSERT_TRUE(write_text(dir / "file", "old"));
  ASSERT_TRUE(write_text(dir / "file", text));

  EXPECT_EQ(read_text(dir / "file").value(), text);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(Text, BeyondTheLimitIsTooBig) {
  const TempDir dir;
  ASSERT_TRUE(write_text(dir / "file", "12345"));

  EXPECT_EQ(read_text(dir / "file", 5).value(), "12345");
  EXPECT_EQ(read_text(dir / "file", 4).error().code(), Errc::too_big);
}

TEST(Text, OfFilesThatSayTheyAreEmptyIsReadAllTheSame) {
  EXPECT_THAT(read_text("/proc/self/status").value(), HasSubstr("Pid:"));
}

TEST(Text, OfNoFileIsNotFound) {
  const TempDir dir;

  EXPECT_EQ(read_text(dir / "none").error().code(), Errc::not_found);
  EXPECT_EQ(write_text(dir / "none/file", "x").error().code(), Errc::not_found);
  EXPECT_EQ(read_text(dir.path()).error().code(), Errc::is_directory);
}

TEST(ReadingInFull, SaysHowMuchThereWas) {
  const TempDir dir;
  ASSERT_TRUE(write_text(dir / "file", "hello"));
  const auto file = open_path(dir / "file", O_RDONLY);
  std::vector<std::byte> buffer(10);

  EXPECT_EQ(read_full(file->get(), buffer, 0).value(), 5);
  EXPECT_EQ(read_full(file->get(), std::span(buffer).first(2), 1).value(), 2);
  EXPECT_EQ(read_full(file->get(), buffer, 5).value(), 0);
}

TEST(AFileLock, BelongsToItsDescription) {
  const TempDir dir;
  ASSERT_TRUE(write_text(dir / "lock", ""));
  const auto first = open_path(dir / "lock", O_RDONLY);
  const auto second = open_path(dir / "lock", O_RDONLY);
  ASSERT_TRUE(lock_file(first->get(), LockMode::shared, Wait::no));

  EXPECT_TRUE(lock_file(second->get(), LockMode::shared, Wait::no));
  unlock_file(second->get());
  EXPECT_EQ(lock_file(second->get(), LockMode::exclusive, Wait::no).error().code(), Errc::busy);

  unlock_file(first->get());
  EXPECT_TRUE(lock_file(second->get(), LockMode::exclusive, Wait::no));
}

TEST(Syncing, WorksOnFilesDirectoriesAndFileSystems) {
  const TempDir dir;
  const auto directory = open_path(dir.path(), O_RDONLY | O_DIRECTORY);

  EXPECT_TRUE(sync_directory(dir.path()));
  EXPECT_TRUE(sync_file(directory->get()));
  EXPECT_TRUE(sync_file_system(directory->get()));
  EXPECT_EQ(sync_file(-1).error().code(), Errc::io);
}

// --- hashing

ContentId hash_of(std::string_view text) {
  Hasher hasher;
  hasher.update(std::as_bytes(std::span(text)));
  return hasher.digest();
}

TEST(AContentId, IsWhatXxh128sumPrints) {
  EXPECT_EQ(to_hex(hash_of("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(to_hex(hash_of("LensFS")), "4876c6b0b655a74c80cdf5b0d7468ba3");
}

TEST(AContentId, IsReadBackFromItsHex) {
  const ContentId id = hash_of("x");

  EXPECT_EQ(content_id_from_hex(to_hex(id)).value(), id);
}

TEST(AContentId, IsNothingElseThan32LowerCaseHexDigits) {
  const std::string hex = to_hex(hash_of("x"));

  EXPECT_EQ(content_id_from_hex("").error().code(), Errc::invalid);
  EXPECT_EQ(content_id_from_hex(hex + "0").error().code(), Errc::invalid);
  EXPECT_EQ(content_id_from_hex("G" + hex.substr(1)).error().code(), Errc::invalid);
  EXPECT_EQ(content_id_from_hex("A" + hex.substr(1)).error().code(), Errc::invalid);
}

TEST(AHash, IsTheSameInPiecesOfAnySize) {
  std::string text(1'000'003, '\0');
  std::iota(text.begin(), text.end(), '\0');
  for (const std::size_t piece : {1UL, 7UL, 255UL, 4096UL, 300'000UL}) {
    Hasher hasher;
    for (std::string_view rest = text; !rest.empty();
         rest.remove_prefix(std::min(piece, rest.size()))) {
      hasher.update(std::as_bytes(std::span(rest.substr(0, piece))));
    }

    EXPECT_EQ(hasher.digest(), hash_of(text)) << piece;
  }
}

TEST(AHash, OfAHoleIsThatOfItsZeros) {
  for (const std::size_t length : {0UL, 1UL, 4096UL, 262'144UL, 1'000'001UL}) {
    Hasher hasher;
    hasher.update_zeros(length);

    EXPECT_EQ(hasher.digest(), hash_of(std::string(length, '\0'))) << length;
  }
}

// --- time

TEST(Time, BeforeTheEpochHasItsNanosecondsCountedForward) {
  const timespec time = to_timespec(-1);

  EXPECT_EQ(time.tv_sec, -1);
  EXPECT_EQ(time.tv_nsec, 999'999'999);
  EXPECT_EQ(from_timespec(time), -1);
}

// --- log

TEST(TheLog, WritesOneLinePerEventIntoItsFile) {
  const TempDir dir;

  log::start_file("lensfs-test", (dir / "log").native(), spdlog::level::info);
  log::info("mounted path={}", "/mnt");
  log::debug("not shown");
  log::start("lensfs-test", log::Target::standard_error, spdlog::level::warn);

  const std::string text = read_text(dir / "log").value();
  EXPECT_THAT(text, HasSubstr("info: mounted path=/mnt\n"));
  EXPECT_THAT(text, Not(HasSubstr("not shown")));
}

TEST(TheLog, GoesOnWhenItsFileCannotBeOpened) {
  testing::internal::CaptureStderr();

  log::start_file("lensfs-test", "/dev/null/none", spdlog::level::info);

  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("cannot be opened"));
}

}  // namespace
}  // namespace lensfs
