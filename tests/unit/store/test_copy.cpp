// How bytes get into the store.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/store/copy.h"
#include "tests/support/process.h"
#include "tests/unit/store/library.h"

namespace lensfs {
namespace {

using test::allocated_bytes;
using test::bytes_in;
using test::bytes_of;
using test::file_with;
using test::keep_bytes;
using test::Library;
using test::sparse_file;
using testing::AnyOf;
using testing::HasSubstr;

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20U;

// Bytes without a period that a chunk could hide, a little more than some chunks long.
std::string long_text(std::uint64_t size = 9 * kMegabyte + 4321) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& c : text) {
    state = state * 1664525U + 1013904223U;
    c = static_cast<char>(state >> 24U);
  }
  return text;
}

const RoomCheck kAnyRoom = [](std::uint64_t) -> Status { return {}; };

TEST(StagedCopy, HasTheBytesAndTheHashOfItsSource) {
  Library library;
  const std::string text = long_text();
  const Fd file = file_with(library.source(), text);

  StagedFile staged = library.store().stage_copy(file.get(), {}, {}).value();

  EXPECT_EQ(staged.size(), text.size());
  EXPECT_EQ(staged.id(), library.store().hash(file.get(), {}, {}).value());
  EXPECT_EQ(bytes_of(staged.fd()), text);
  EXPECT_THAT(staged.method(), AnyOf(CopyMethod::read_write, CopyMethod::reflink));
}

TEST(StagedCopy, KeepsHoles) {
  Library library;
  const Fd file = sparse_file(library.source(), 512 * kMegabyte + 777, {0, 300 * kMegabyte});
  ASSERT_LT(allocated_bytes(file.get()), kMegabyte);

  StagedFile staged = library.store().stage_copy(file.get(), {}, {}).value();

  EXPECT_LT(allocated_bytes(staged.fd()), kMegabyte);
  EXPECT_EQ(staged.size(), 512 * kMegabyte + 777);
  const Stored stored = library.store().keep(std::move(staged)).value();
  EXPECT_TRUE(library.store().verify(stored.key, {}, {}));
  EXPECT_TRUE(library.store().find_same(file.get(), stored.key.id, stored.key.size).value());
}

TEST(StagedCopy, OfASparseFileHashesAsItsZeros) {
  Library library;
  const Fd sparse = sparse_file(library.source("sparse"), 5 * kMegabyte + 3, {2 * kMegabyte});
  const Fd dense = file_with(library.source("dense"), bytes_of(sparse.get()));

  const Stored first =
      library.store().keep(library.store().stage_copy(sparse.get(), {}, {}).value()).value();
  const Stored second =
      library.store().keep(library.store().stage_copy(dense.get(), {}, {}).value()).value();

  EXPECT_FALSE(second.fresh);
  EXPECT_EQ(first.key, second.key);
}

TEST(StagedCopy, TellsItsProgress) {
  Library library;
  const std::uint64_t size = 3 * kMegabyte + 5;
  const Fd file = sparse_file(library.source(), size, {kMegabyte});
  std::uint64_t copied = 0;
  std::uint64_t hashed = 0;

  ASSERT_TRUE(library.store().stage_copy(file.get(), {}, [&](std::uint64_t n) { copied += n; }));
  ASSERT_TRUE(library.store().hash(file.get(), {}, [&](std::uint64_t n) { hashed += n; }));

  EXPECT_EQ(copied, size);
  EXPECT_EQ(hashed, size);
}

TEST(StagedCopy, StopsBetweenChunksWhenAsked) {
  Library library;
  const Fd file = file_with(library.source(), long_text());
  std::stop_source stop;
  std::uint64_t done = 0;
  const auto stop_after_the_first = [&](std::uint64_t bytes) {
    done += bytes;
    stop.request_stop();
  };

  const auto staged =
      library.store().stage_copy(file.get(), stop.get_token(), stop_after_the_first);

  EXPECT_EQ(staged.error().code(), Errc::interrupted);
  EXPECT_LT(done, 2 * kMegabyte);
  EXPECT_EQ(library.store().hash(file.get(), stop.get_token(), {}).error().code(),
            Errc::interrupted);
}

TEST(StagedCopy, NoticesThatItsSourceGotShorter) {
  const test::TempDir dir;
  const Fd file = file_with(dir / "source", long_text());
  const Fd target = file_with(dir / "target", "");
  const BytesDone shorten = [&](std::uint64_t) { EXPECT_EQ(::ftruncate(file.get(), 100), 0); };
  const CopyJob job{.source = file.get(), .target = target.get(), .size = 9 * kMegabyte};

  const auto copied = copy_by_read_write(job, kAnyRoom, {.stop = {}, .progress = &shorten});

  // What was cut off is either missing when it is read, or a hole by then: never other bytes than
  // those that were hashed.
  if (copied) {
    EXPECT_EQ(*copied, hash_bytes(target.get(), 9 * kMegabyte, {}).value());
  } else {
    EXPECT_EQ(copied.error().code(), Errc::changed);
  }
}

TEST(StagedCopy, IsMadeOfRegularFilesOnly) {
  Library library;
  const auto device = open_path("/dev/zero", O_RDONLY);
  const auto directory = open_path(library.path(), O_RDONLY);

  for (const auto* source : {&device, &directory}) {
    EXPECT_EQ(library.store().stage_copy((*source)->get(), {}, {}).error().code(),
              Errc::not_supported);
    EXPECT_EQ(library.store().hash((*source)->get(), {}, {}).error().code(), Errc::not_supported);
  }
}

TEST(CopyMethods, AllGiveTheSameBytesHolesAndHash) {
  const test::TempDir dir;
  const std::uint64_t size = 20 * kMegabyte + 17;
  const Fd source = sparse_file(dir / "source", size, {0, 4096, 7 * kMegabyte, size - 4096});
  const ContentId id = hash_bytes(source.get(), size, {}).value();

  for (const auto& copy : {copy_by_read_write, copy_by_range}) {
    const Fd target = file_with(dir / "target", "");
    const CopyJob job{.source = source.get(), .target = target.get(), .size = size};

    ASSERT_EQ(copy(job, kAnyRoom, {}).value(), id);

    EXPECT_EQ(bytes_of(target.get()), bytes_of(source.get()));
    EXPECT_LT(allocated_bytes(target.get()), kMegabyte);
  }
}

TEST(CopyMethods, StopWhenTheRoomRunsOut) {
  const test::TempDir dir;
  const Fd source = file_with(dir / "source", long_text());
  const RoomCheck no_room = [](std::uint64_t) -> Status { return fail(Errc::no_space); };

  for (const auto& copy : {copy_by_read_write, copy_by_range}) {
    const Fd target = file_with(dir / "target", "");
    const CopyJob job{.source = source.get(), .target = target.get(), .size = 9 * kMegabyte};

    EXPECT_EQ(copy(job, no_room, {}).error().code(), Errc::no_space);
  }
}

// --- no room

TEST(AStoreWithoutRoom, SaysSoBeforeTheDiskIsFull) {
  Library library({.reserve = ~std::uint64_t{0}});

  const auto stored = keep_bytes(library.store(), library.source(), "bytes");

  EXPECT_EQ(stored.error().code(), Errc::no_space);
  EXPECT_THAT(stored.error().message(), HasSubstr("free"));
}

// FileSystem: one made in a file and mounted for the test. Not there if that cannot be done here.
class FileSystem {
 public:
  FileSystem(const std::vector<std::string>& make, const std::string& options, std::uint64_t size) {
    std::filesystem::create_directory(mountpoint());
    const Fd image = file_with(dir_ / "image", "");
    if (::ftruncate(image.get(), static_cast<off_t>(size)) != 0) return;
    if (!make.empty() && !is_made(make)) return;
    const std::string device = make.empty() ? "none" : (dir_ / "image").native();
    is_there_ = test::run({"mount", "-o", options, "-t", make.empty() ? "tmpfs" : kind(make),
                           device, mountpoint().native()})
                    .exit == 0;
  }
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  ~FileSystem() {
    if (is_there_) ::umount2(mountpoint().c_str(), MNT_DETACH);
  }

  [[nodiscard]] bool is_there() const { return is_there_; }
  [[nodiscard]] std::filesystem::path mountpoint() const { return dir_ / "mnt"; }

 private:
  static std::string kind(const std::vector<std::string>& make) {
    return make[0].substr(make[0].find('.') + 1);
  }
  [[nodiscard]] bool is_made(std::vector<std::string> make) const {
    if (!test::has_program(make[0])) return false;
    make.push_back((dir_ / "image").native());
    return test::run(make).exit == 0;
  }

  test::TempDir dir_;
  bool is_there_ = false;
};

TEST(AStoreWithoutRoom, StaysWholeWhenTheDiskIsFullAllTheSame) {
  const FileSystem small({}, "size=4m", 0);
  if (!small.is_there()) GTEST_SKIP() << "tmpfs cannot be mounted here";
  ASSERT_TRUE(Store::create(small.mountpoint()));
  const auto store = Store::open(small.mountpoint(), {.reserve = 0}).value();
  const test::TempDir dir;

  const auto too_much = keep_bytes(*store, dir / "source", long_text(8 * kMegabyte));
  const auto little = keep_bytes(*store, dir / "source", long_text(kMegabyte));

  EXPECT_EQ(too_much.error().code(), Errc::no_space);
  ASSERT_TRUE(little) << "what was staged of the other is gone again";
  EXPECT_EQ(bytes_in(*store, little->key), long_text(kMegabyte));
}

// --- shared extents

class SharedExtents : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(SharedExtents, AreUsedWhereTheFileSystemHasThem) {
  const FileSystem disk(GetParam(), "loop", 400 * kMegabyte);
  if (!disk.is_there()) GTEST_SKIP() << GetParam()[0] << " or a loop mount is missing here";
  ASSERT_TRUE(Store::create(disk.mountpoint()));
  const auto store = Store::open(disk.mountpoint(), {.reserve = 0}).value();
  const std::string text = long_text();
  const Fd file = file_with(disk.mountpoint() / "source", text);

  StagedFile staged = store->stage_copy(file.get(), {}, {}).value();

  EXPECT_EQ(staged.method(), CopyMethod::reflink);
  EXPECT_EQ(staged.id(), store->hash(file.get(), {}, {}).value());
  const Stored stored = store->keep(std::move(staged)).value();
  EXPECT_EQ(bytes_in(*store, stored.key), text);
  EXPECT_TRUE(store->verify(stored.key, {}, {}));
  EXPECT_TRUE(store->sync());
}

INSTANTIATE_TEST_SUITE_P(OfFileSystems, SharedExtents,
                         testing::Values(std::vector<std::string>{"mkfs.xfs", "-q"},
                                         std::vector<std::string>{"mkfs.btrfs", "-q"}));

}  // namespace
}  // namespace lensfs
