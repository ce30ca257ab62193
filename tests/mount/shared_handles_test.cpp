// Several handles of one file: what one writes the others see, also when the file was an object of
// the store until a moment ago, and no other file that shares its bytes ever changes.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <span>

#include "catalog/base/fd.h"
#include "tests/mount/saving.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

Fd opened(const path& file, int flags) {
  Fd fd(::open(file.c_str(), flags | O_CLOEXEC, 0644));
  EXPECT_TRUE(fd) << file << ": errno " << errno;
  return fd;
}

std::string bytes_at(const Fd& fd, off_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  const auto got = read_full(fd.get(), std::as_writable_bytes(std::span(bytes)), offset);
  EXPECT_TRUE(got);
  bytes.resize(got.value_or(0));
  return bytes;
}

void put(const Fd& fd, std::string_view bytes, off_t offset) {
  ASSERT_TRUE(write_full(fd.get(), std::as_bytes(std::span(bytes)), offset));
}

off_t size_of(const Fd& fd) {
  const auto status = stat_of(fd.get());
  EXPECT_TRUE(status);
  return status ? status->st_size : -1;
}

class SharedHandles : public Saving {
 protected:
  static std::string first() { return movie(50'000, 1); }
  [[nodiscard]] std::size_t drafts() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& draft :
         std::filesystem::directory_iterator(library() / "staging/drafts")) {
      ++count;
    }
    return count;
  }
  void expect_whole() {
    const Ran ran = library_command("verify", {});
    EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  }
};

TEST_F(SharedHandles, ReaderSeesWhatAnotherWritesInPlace) {
  const path file = saved_file("clip.mov", first());
  const Fd reader = opened(file, O_RDONLY);
  EXPECT_EQ(bytes_at(reader, 100, 4), first().substr(100, 4));
  const ino_t before = status_of(file).st_ino;

  const Fd writer = opened(file, O_RDWR);
  put(writer, "WXYZ", 100);

  EXPECT_EQ(bytes_at(reader, 100, 4), "WXYZ");
  EXPECT_EQ(status_of(file).st_ino, before);
  expect_whole();
}

TEST_F(SharedHandles, ReaderSeesTheFileGrowAndShrink) {
  const path file = saved_file("render.log", "line 1\n");
  const Fd reader = opened(file, O_RDONLY);

  put(opened(file, O_WRONLY | O_APPEND), "line 2\n", 0);
  EXPECT_EQ(bytes_at(reader, 0, 100), "line 1\nline 2\n");

  const Fd writer = opened(file, O_WRONLY | O_TRUNC);
  EXPECT_EQ(size_of(reader), 0);
  put(writer, "anew", 0);
  EXPECT_EQ(bytes_at(reader, 0, 100), "anew");
}

TEST_F(SharedHandles, MapSeesWhatAnotherWrites) {
  const path file = saved_file("clip.mov", first());
  const Fd reader = opened(file, O_RDONLY);
  void* const map = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, reader.get(), 0);
  ASSERT_NE(map, MAP_FAILED);
  EXPECT_EQ(std::string_view(static_cast<const char*>(map) + 10, 4), first().substr(10, 4));

  put(opened(file, O_RDWR), "WXYZ", 10);

  EXPECT_EQ(std::string_view(static_cast<const char*>(map) + 10, 4), "WXYZ");
  ::munmap(map, 4096);
}

TEST_F(SharedHandles, MapThatOutlivesItsHandleIsStillPartOfTheSave) {
  const path file = in_project("mapped.mov");
  void* map = MAP_FAILED;
  {
    const Fd fd = opened(file, O_CREAT | O_RDWR);
    put(fd, first(), 0);
    map = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    ASSERT_NE(map, MAP_FAILED);
  }
  const path later = saved_file("later.mov", first());  // the saver has been at work since

  std::memcpy(static_cast<char*>(map) + 100, "WXYZ", 4);
  ::munmap(map, 4096);

  EXPECT_TRUE(gets_versions(file, 1));
  EXPECT_EQ(read_at_once(file).value_or("").substr(100, 4), "WXYZ");
  EXPECT_TRUE(same_bytes(read_at_once(later), first()));
  expect_whole();
}

TEST_F(SharedHandles, VersionBeforeKeepsItsBytes) {
  const path file = saved_file("clip.mov", first());
  {
    const Fd reader = opened(file, O_RDONLY);
    put(opened(file, O_RDWR), "WXYZ", 100);
  }
  ASSERT_TRUE(gets_versions(file, 2));

  EXPECT_TRUE(same_bytes(read_at_once(in_project("clip@v1.mov")), first()));
  EXPECT_EQ(read_at_once(file).value_or("").substr(100, 4), "WXYZ");
  expect_whole();
}

TEST_F(SharedHandles, FileOfTheSameBytesStaysAsItIs) {
  const path file = saved_file("clip.mov", first());
  const path twin = saved_file("twin.mov", first());
  const Fd reader = opened(file, O_RDONLY);
  const Fd twin_reader = opened(twin, O_RDONLY);

  put(opened(file, O_RDWR), "WXYZ", 100);

  EXPECT_EQ(bytes_at(reader, 100, 4), "WXYZ");
  EXPECT_TRUE(same_bytes(bytes_at(twin_reader, 0, first().size() + 1), first()));
  EXPECT_TRUE(same_bytes(read_at_once(twin), first()));
  EXPECT_EQ(read_at_once(file).value_or("").substr(100, 4), "WXYZ");
  expect_whole();
}

TEST_F(SharedHandles, ReadersOfEmptyFilesEachSeeTheirOwnGrow) {
  const path one = saved_file("one.log", "");
  const path other = saved_file("other.log", "");
  const Fd one_reader = opened(one, O_RDONLY);
  const Fd other_reader = opened(other, O_RDONLY);

  put(opened(one, O_WRONLY | O_APPEND), "first", 0);
  put(opened(other, O_WRONLY | O_APPEND), "second", 0);

  EXPECT_EQ(bytes_at(one_reader, 0, 100), "first");
  EXPECT_EQ(bytes_at(other_reader, 0, 100), "second");
}

TEST_F(SharedHandles, OfTheSameBytesLeaveNothingBehind) {
  const path file = saved_file("clip.mov", first());
  const path twin = saved_file("twin.mov", first());
  {
    const Fd reader = opened(file, O_RDONLY);
    const Fd twin_reader = opened(twin, O_RDONLY);
    EXPECT_TRUE(same_bytes(bytes_at(twin_reader, 0, first().size() + 1), first()));
  }

  EXPECT_TRUE(wait_until([&] { return drafts() == 0; }));
  EXPECT_TRUE(gets_versions(twin, 1));
}

TEST_F(SharedHandles, LargeOriginalIsCopiedWhenSomebodyWrites) {
  const path file = in_project("large.mov");
  constexpr off_t kSize = off_t{80} << 20;
  {
    const Fd fd = opened(file, O_CREAT | O_RDWR);
    ASSERT_EQ(::ftruncate(fd.get(), kSize), 0);
    put(fd, first(), 0);
  }
  ASSERT_TRUE(gets_versions(file, 1));
  // The name of a draft goes after its row.
  ASSERT_TRUE(wait_until([&] { return drafts() == 0; }));

  const Fd writer = opened(file, O_RDWR);
  EXPECT_EQ(bytes_at(writer, 100, 4), first().substr(100, 4));
  EXPECT_EQ(drafts(), 0U) << "it is only read so far";
  const Fd reader = opened(file, O_RDONLY);
  put(writer, "WXYZ", 100);

  EXPECT_EQ(drafts(), 1U);
  EXPECT_EQ(bytes_at(reader, 100, 4), "WXYZ");
  EXPECT_EQ(bytes_at(writer, 0, 100), first().substr(0, 100));
  EXPECT_EQ(size_of(reader), kSize);
}

TEST_F(SharedHandles, LargeOriginalOpenedForWritingAndOnlyReadIsNoVersion) {
  const path file = in_project("large.mov");
  {
    const Fd fd = opened(file, O_CREAT | O_RDWR);
    ASSERT_EQ(::ftruncate(fd.get(), off_t{80} << 20), 0);
  }
  ASSERT_TRUE(gets_versions(file, 1));

  { EXPECT_EQ(bytes_at(opened(file, O_RDWR), 5, 1), std::string(1, '\0')); }
  put(opened(file, O_RDWR), "x", 5);

  EXPECT_TRUE(gets_versions(file, 2));
  EXPECT_EQ(bytes_at(opened(file, O_RDONLY), 5, 1), "x");
  expect_whole();
}

TEST_F(SharedHandles, AreTheSameWithoutPassthrough) {
  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount({.options = {"no_passthrough"}, .open_files = {}}));
  const path file = saved_file("clip.mov", first());
  const Fd reader = opened(file, O_RDONLY);
  EXPECT_EQ(bytes_at(reader, 100, 4), first().substr(100, 4));

  const Fd writer = opened(file, O_RDWR);
  put(writer, "WXYZ", 100);

  EXPECT_EQ(bytes_at(reader, 100, 4), "WXYZ");
  expect_whole();
}

}  // namespace
}  // namespace lensfs::test
