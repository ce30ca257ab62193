// What becomes an object, and what is taken for known.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "catalog/store/compare.h"
#include "catalog/store/object_name.h"
#include "tests/unit/store/library.h"

namespace lensfs {
namespace {

using test::bytes_in;
using test::content;
using test::file_with;
using test::keep_bytes;
using test::Library;
using test::objects_in;
using testing::Optional;

TEST(Store, IsCreatedOnce) {
  const Library library;

  EXPECT_EQ(Store::create(library.path()).error().code(), Errc::exists);
}

TEST(Store, IsNotOpenedWhereThereIsNone) {
  const test::TempDir dir;

  EXPECT_EQ(Store::open(dir.path(), {}).error().code(), Errc::not_found);
}

TEST(Store, OpensForReadingWhereStagingCannotBeWritten) {
  Library library;
  const Stored stored = keep_bytes(library.store(), library.source(), "hello").value();
  std::filesystem::rename(library.staging(), library.source("moved"));

  const auto reading = library.opened_again();

  EXPECT_EQ(bytes_in(*reading, stored.key), "hello");
  EXPECT_FALSE(keep_bytes(*reading, library.source(), "more"));
}

TEST(KeptContent, LiesUnderItsHashAndSizeReadOnly) {
  Library library;

  const Stored stored = keep_bytes(library.store(), library.source(), "LensFS").value();

  EXPECT_TRUE(stored.fresh);
  const auto path = library.path() / "objects/48/76/4876c6b0b655a74c80cdf5b0d7468ba3-6";
  EXPECT_EQ(library.store().path_of(stored.key), path);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0444);
  EXPECT_EQ(bytes_in(library.store(), stored.key), "LensFS");
  EXPECT_TRUE(library.store().sync());
}

TEST(KeptContent, LeavesNothingInStaging) {
  Library library;
  std::vector<StagedFile> staged;
  const Fd file = file_with(library.source(), "bytes");
  for (int i = 0; i < 3; ++i) {
    staged.push_back(library.store().stage_copy(file.get(), {}, {}).value());
  }

  ASSERT_TRUE(library.store().keep(std::move(staged[0])));  // new
  ASSERT_TRUE(library.store().keep(std::move(staged[1])));  // known
  staged.clear();                                           // dropped

  std::size_t files = 0;
  for (const auto& at : std::filesystem::recursive_directory_iterator(library.staging())) {
    files += at.is_regular_file() && at.path().filename() != "lock" ? 1U : 0U;
  }
  EXPECT_EQ(files, 2) << "open.lock and collect.lock";
}

TEST(KeptContent, IsThereOnceHoweverOftenItComes) {
  Library library;

  const Stored first = keep_bytes(library.store(), library.source(), "same").value();
  const Stored second = keep_bytes(library.store(), library.source(), "same").value();

  EXPECT_TRUE(first.fresh);
  EXPECT_FALSE(second.fresh);
  EXPECT_EQ(first.key, second.key);
  EXPECT_EQ(objects_in(library.store()).size(), 1);
}

TEST(KeptContent, MayBeEmpty) {
  Library library;

  const Stored first = keep_bytes(library.store(), library.source(), "").value();
  const Stored second = keep_bytes(library.store(), library.source(), "").value();

  EXPECT_EQ(first.key.size, 0);
  EXPECT_FALSE(second.fresh);
  EXPECT_EQ(bytes_in(library.store(), first.key), "");
  EXPECT_TRUE(library.store().verify(first.key, {}, {}));
}

TEST(KeptContent, IsNotFoundBeforeItIsKept) {
  Library library;
  const Fd file = file_with(library.source(), "bytes");
  const ContentId id = library.store().hash(file.get(), {}, {}).value();

  EXPECT_EQ(library.store().find_same(file.get(), id, 5).value(), std::nullopt);
  EXPECT_EQ(library.store().open_object({.id = id, .size = 5}).error().code(), Errc::not_found);

  const Stored stored = keep_bytes(library.store(), library.source("other"), "bytes").value();
  EXPECT_THAT(library.store().find_same(file.get(), id, 5).value(), Optional(stored.key));
}

TEST(KeptContent, IsKeptBesideADamagedObjectOfItsName) {
  Library library;
  const Stored first = keep_bytes(library.store(), library.source(), "healthy").value();
  std::filesystem::permissions(library.store().path_of(first.key), std::filesystem::perms(0644));
  file_with(library.store().path_of(first.key), "sick");

  const Stored second = keep_bytes(library.store(), library.source(), "healthy").value();

  EXPECT_TRUE(second.fresh);
  EXPECT_EQ(second.key.serial, 1);
  EXPECT_EQ(bytes_in(library.store(), second.key), "healthy");
}

// --- collisions

TEST(CollidingContents, AllStayAndReadBack) {
  Library library({.id_filter = test::four_bits});
  constexpr std::size_t kContents = 300;
  std::set<ObjectKey> keys;

  for (std::size_t n = 0; n < kContents; ++n) {
    const Stored stored = keep_bytes(library.store(), library.source(), content(n)).value();
    ASSERT_TRUE(stored.fresh);
    keys.insert(stored.key);
  }

  EXPECT_EQ(keys.size(), kContents);
  for (std::size_t n = 0; n < kContents; ++n) {
    const Fd file = file_with(library.source(), content(n));
    const ContentId id = library.store().hash(file.get(), {}, {}).value();
    const auto key = library.store().find_same(file.get(), id, content(n).size()).value();
    ASSERT_TRUE(key);
    ASSERT_EQ(bytes_in(library.store(), *key), content(n));
    ASSERT_TRUE(library.store().verify(*key, {}, {}));
  }
}

TEST(CollidingContents, FromEightThreadsAreEachThereOnce) {
  Library library({.id_filter = test::four_bits});
  constexpr std::size_t kContents = 100;
  constexpr std::size_t kThreads = 8;
  std::atomic<std::size_t> fresh = 0;
  std::vector<std::vector<ObjectKey>> keys(kThreads);
  const auto keep_all = [&](std::size_t thread) {
    const auto source = library.source(std::to_string(thread));
    for (std::size_t n = 0; n < kContents; ++n) {
      const auto stored = keep_bytes(library.store(), source, content(n));
      keys[thread].push_back(stored.value().key);
      fresh += stored->fresh ? 1U : 0U;
    }
  };

  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back(keep_all, thread);
    }
  }

  EXPECT_EQ(fresh, kContents);
  EXPECT_EQ(objects_in(library.store()).size(), kContents);
  for (const auto& of_thread : keys) EXPECT_EQ(of_thread, keys[0]);
  for (std::size_t n = 0; n < kContents; ++n) {
    ASSERT_EQ(bytes_in(library.store(), keys[0][n]), content(n));
  }
}

// Keeps all contents from a process of its own; its exit status says whether that went well.
pid_t keeping_process(const Library& library, std::size_t number, std::size_t contents) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const auto store = library.opened_again({.id_filter = test::four_bits});
  const auto source = library.source(std::to_string(number));
  bool all_kept = true;
  for (std::size_t n = 0; n < contents; ++n) {
    all_kept = keep_bytes(*store, source, content(n)).has_value() && all_kept;
  }
  ::_exit(all_kept ? 0 : 1);
}

TEST(CollidingContents, FromFourProcessesAreEachThereOnce) {
  Library library({.id_filter = test::four_bits});
  constexpr std::size_t kContents = 100;

  std::vector<pid_t> children;
  for (std::size_t number = 0; number < 4; ++number) {
    children.push_back(keeping_process(library, number, kContents));
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }

  EXPECT_EQ(objects_in(library.store()).size(), kContents);
  for (std::size_t n = 0; n < kContents; ++n) {
    EXPECT_FALSE(keep_bytes(library.store(), library.source(), content(n)).value().fresh);
  }
}

// --- adopted files

class AdoptedFile : public testing::Test {
 protected:
  // Adopts what is at `path`, seen through `file`.
  Result<Stored> adopt(const std::filesystem::path& path, const Fd& file) {
    LENSFS_TRY(const ContentId id, library.store().hash(file.get(), {}, {}));
    return library.store().adopt(path, file.get(), id);
  }
  static struct stat status_of(const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status;
  }

  Library library;
};

TEST_F(AdoptedFile, IsItselfTheObject) {
  const Fd file = file_with(library.source(), "adopted");

  const Stored stored = adopt(library.source(), file).value();

  EXPECT_TRUE(stored.fresh);
  const auto object = status_of(library.store().path_of(stored.key));
  EXPECT_EQ(object.st_ino, status_of(library.source()).st_ino);
  EXPECT_EQ(object.st_nlink, 2);
  EXPECT_EQ(object.st_mode & 07777, 0444);
  EXPECT_TRUE(library.store().verify(stored.key, {}, {}));
}

TEST_F(AdoptedFile, IsKnownWhenItComesAgain) {
  const Fd file = file_with(library.source(), "adopted");
  const Stored first = adopt(library.source(), file).value();

  const Stored second = adopt(library.source(), file).value();

  EXPECT_FALSE(second.fresh);
  EXPECT_EQ(second.key, first.key);
  EXPECT_EQ(status_of(library.source()).st_nlink, 2);
}

TEST_F(AdoptedFile, IsLeftAsItIsWhenItsBytesAreKnown) {
  const Stored known = keep_bytes(library.store(), library.source("other"), "known").value();
  const Fd file = file_with(library.source(), "known");
  const mode_t mode = status_of(library.source()).st_mode;

  const Stored stored = adopt(library.source(), file).value();

  EXPECT_FALSE(stored.fresh);
  EXPECT_EQ(stored.key, known.key);
  EXPECT_EQ(status_of(library.source()).st_mode, mode);
  EXPECT_EQ(status_of(library.source()).st_nlink, 1);
}

TEST_F(AdoptedFile, IsNotMistakenForAnotherThatTookItsName) {
  const Fd file = file_with(library.source("first"), "first");
  const Fd other = file_with(library.source("second"), "other");
  std::filesystem::rename(library.source("second"), library.source("first"));

  EXPECT_EQ(adopt(library.source("first"), file).error().code(), Errc::changed);

  EXPECT_EQ(stat_of(other.get()).value().st_nlink, 1);
  EXPECT_NE(stat_of(other.get()).value().st_mode & 0200, 0);
  EXPECT_TRUE(objects_in(library.store()).empty());
}

TEST_F(AdoptedFile, IsNotASymbolicLink) {
  const Fd file = file_with(library.source("target"), "bytes");
  std::filesystem::create_symlink(library.source("target"), library.source("link"));

  EXPECT_EQ(adopt(library.source("link"), file).error().code(), Errc::changed);
  EXPECT_TRUE(objects_in(library.store()).empty());
}

TEST_F(AdoptedFile, FromAnotherFileSystemMustBeCopied) {
  const std::filesystem::path path = "/dev/shm/lensfs-test-" + std::to_string(::getpid());
  auto made = open_path(path, O_RDWR | O_CREAT);
  if (!made) GTEST_SKIP() << "no /dev/shm";
  const Fd file = *std::move(made);
  if (stat_of(file.get())->st_dev == status_of(library.path()).st_dev) GTEST_SKIP() << "same disk";

  EXPECT_EQ(adopt(path, file).error().code(), Errc::cross_device);

  std::filesystem::remove(path);
}

// --- comparison

TEST(ByteComparison, TakesAHoleForItsZeros) {
  const test::TempDir dir;
  const Fd sparse = test::sparse_file(dir / "sparse", 3 << 20U, {1 << 20U});
  std::string text = test::bytes_of(sparse.get());
  const Fd dense = file_with(dir / "dense", text);
  text.back() = 'x';
  const Fd other = file_with(dir / "other", text);

  EXPECT_TRUE(same_bytes(sparse.get(), dense.get(), text.size(), {}).value());
  EXPECT_FALSE(same_bytes(sparse.get(), other.get(), text.size(), {}).value());
  EXPECT_FALSE(same_bytes(sparse.get(), dense.get(), text.size() - 1, {}).value());
}

TEST(ByteComparison, StopsWhenAsked) {
  const test::TempDir dir;
  const Fd a = file_with(dir / "a", "bytes");
  const Fd b = file_with(dir / "b", "bytes");
  std::stop_source stop;
  stop.request_stop();

  EXPECT_EQ(same_bytes(a.get(), b.get(), 5, stop.get_token()).error().code(), Errc::interrupted);
}

// --- names

TEST(AnObjectName, LeadsBackToItsKey) {
  ObjectKey key{.id = {}, .size = 0, .serial = 0};
  EXPECT_THAT(key_from_name(object_name(key)), Optional(key));

  key.id.bytes.fill(0xAB);
  key.size = ~std::uint64_t{0};
  key.serial = 12;
  EXPECT_THAT(key_from_name(object_name(key)), Optional(key));
}

TEST(AnObjectName, HasOneSpelling) {
  const std::string hex = "99aa06d3014798d86001c324468d497f";
  EXPECT_TRUE(key_from_name("99/aa/" + hex + "-0"));
  for (const std::string& name :
       {"99/aa/" + hex, "99/aa/" + hex + "-", "99/aa/" + hex + "-00", "99/aa/" + hex + "-0.0",
        "99/aa/" + hex + "-0.", "99/aa/" + hex + "-0.01", "99/ab/" + hex + "-0",
        "99/aa/" + hex + "-0x", "99/aa/" + hex + "--1", "99/aa/" + hex + "-0.1.2",
        std::string("99/aa"), std::string()}) {
    EXPECT_EQ(key_from_name(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace lensfs
