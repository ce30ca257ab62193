// kill -9 of what serves a mount: of the worker without an error for anybody, of everything without
// losing what was acknowledged.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <iostream>

#include "catalog/base/fd.h"
#include "tests/fault/load.h"
#include "tests/fault/rounds.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::IsEmpty;

constexpr std::size_t kClipSize = 1'000'000;
constexpr int kClips = 50;

class KilledMount : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (int i = 0; i < kClips; ++i) {
      write_file(scratch() / "in" / clip_name(static_cast<std::uint64_t>(i)),
                 movie(kClipSize / (i == 0 ? 1U : 100U), static_cast<std::uint64_t>(i)));
    }
    ASSERT_TRUE(ingest((scratch() / "in/").string(), {.project = "demo", .tags = {"kept"}}));
    ASSERT_TRUE(mount());
  }
  static std::string clip_name(std::uint64_t number) {
    return "clip" + std::to_string(number % kClips) + ".mov";
  }
  [[nodiscard]] path clip(std::uint64_t number) const {
    return at("Projects/demo") / clip_name(number);
  }
  // Kills the worker and waits until another one serves.
  void kill_worker() const {
    const pid_t now = worker();
    ASSERT_GT(now, 0);
    ::kill(now, SIGKILL);
    ASSERT_TRUE(wait_until([&] { return worker() != now && worker() > 0; }));
  }
  void kill_worker_often(int kills, std::chrono::nanoseconds longest_pause) const {
    std::mt19937_64 random(1);
    for (int kill = 0; kill < kills && !HasFatalFailure(); ++kill) {
      wait_for_a_random_moment(random, longest_pause);
      kill_worker();
    }
  }

  // --- what the threads of a load do; each gives 0 or errno
  static int read_through(int fd, std::uint64_t round, const std::string& wanted) {
    std::array<char, 4096> page{};
    const auto from = static_cast<off_t>(round * 4096 % (wanted.size() - page.size()));
    const ssize_t got = ::pread(fd, page.data(), page.size(), from);
    if (got < 0) return errno;
    const auto expected =
        std::string_view(wanted).substr(static_cast<std::size_t>(from), page.size());
    return std::string_view(page.data(), static_cast<std::size_t>(got)) == expected ? 0 : EBADMSG;
  }
  [[nodiscard]] int look_at(std::uint64_t round) const {
    struct stat found {};
    return error_of(::stat((at("Tags/kept") / clip_name(round)).c_str(), &found));
  }
  [[nodiscard]] int open_read_close(std::uint64_t round) const {
    const Fd fd(::open(clip(round).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return errno;
    std::array<char, 512> head{};
    const ssize_t got = ::read(fd.get(), head.data(), head.size());
    if (got < 0) return errno;
    return got == static_cast<ssize_t>(head.size()) ? 0 : EBADMSG;
  }
  [[nodiscard]] int list(std::uint64_t round) const {
    std::error_code error;
    std::size_t entries = 0;
    const path folder = at(round % 2 == 0 ? "Projects/demo" : "Tags/kept");
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      ++entries;
    }
    if (error) return error.value();
    return entries == kClips + round % 2 ? 0 : EBADMSG;  // a tag folder has "+"
  }
  [[nodiscard]] int set_and_get(std::uint64_t round) const {
    const std::string value = "round " + std::to_string(round);
    if (const int error = set_xattr(clip(round), "user.lensfs.field.take", value)) return error;
    std::array<char, 64> got{};
    const ssize_t size =
        ::getxattr(clip(round).c_str(), "user.lensfs.field.take", got.data(), got.size());
    if (size < 0) return errno;
    return std::string_view(got.data(), static_cast<std::size_t>(size)) == value ? 0 : EBADMSG;
  }
};

TEST_F(KilledMount, WorkerDiesOftenAndNobodyNotices) {
  const int kills = rounds("LENSFS_KILLS", 200);
  const std::string bytes = movie(kClipSize, 0);
  const auto open_file = open_path(clip(0), O_RDONLY);
  ASSERT_TRUE(open_file);
  Load load;
  using enum Load::AtFailure;
  load.add("read", go_on, [&](auto round) { return read_through(open_file->get(), round, bytes); });
  load.add("stat", go_on, [&](auto round) { return look_at(round); });
  load.add("open+read+close", go_on, [&](auto round) { return open_read_close(round); });
  load.add("readdir", go_on, [&](auto round) { return list(round); });
  load.add("setxattr+getxattr", go_on, [&](auto round) { return set_and_get(round); });

  kill_worker_often(kills, std::chrono::milliseconds(60));
  load.stop();

  EXPECT_THAT(load.failures(), IsEmpty());
  EXPECT_GE(std::strtol(status("restarts").c_str(), nullptr, 10), kills);
  EXPECT_TRUE(same_bytes(read_at_once(clip(0)), bytes));
  std::cout << kills << " kills, " << load.operations() << " operations, " << load.failures().size()
            << " errors, longest stall " << load.longest_stall().count() << " ms\n";
}

TEST_F(KilledMount, WorkerDiesWithoutPassthroughAndNobodyNotices) {
  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount({.options = {"no_passthrough"}, .open_files = {}}));
  const int kills = rounds("LENSFS_KILLS", 200) / 10;
  const std::string bytes = movie(kClipSize, 0);
  const auto open_file = open_path(clip(0), O_RDONLY | O_DIRECT);
  ASSERT_TRUE(open_file);
  Load load;
  load.add("read", Load::AtFailure::go_on, [&](auto round) {
    alignas(4096) static thread_local std::array<char, 4096> page;
    const auto from = static_cast<off_t>(round % 200 * 4096);
    const ssize_t got = ::pread(open_file->get(), page.data(), page.size(), from);
    if (got < 0) return errno;
    return bytes.compare(static_cast<std::size_t>(from), 4096, page.data(), 4096) == 0 ? 0
                                                                                       : EBADMSG;
  });
  load.add("open+read+close", Load::AtFailure::go_on,
           [&](auto round) { return open_read_close(round); });

  kill_worker_often(kills, std::chrono::milliseconds(60));
  load.stop();

  EXPECT_THAT(load.failures(), IsEmpty());
  std::cout << kills << " kills, " << load.operations() << " operations, longest stall "
            << load.longest_stall().count() << " ms\n";
}

TEST_F(KilledMount, RequestsThatChangeSomethingAreDoneOnce) {
  const int kills = rounds("LENSFS_KILLS", 200) / 4;
  Load load;
  for (int thread = 0; thread < 4; ++thread) {
    const std::string name = "user.once." + std::to_string(thread);
    load.add("create+remove", Load::AtFailure::go_on, [&, name](auto round) {
      if (const int error = set_xattr(clip(round), name, "x", XATTR_CREATE)) return error;
      return remove_xattr(clip(round), name);
    });
  }
  load.add("tag+untag", Load::AtFailure::go_on, [&](auto round) {
    if (const int error = set_xattr(clip(round), "user.lensfs.tag.once", "", XATTR_CREATE)) {
      return error;
    }
    return remove_xattr(clip(round), "user.lensfs.tag.once");
  });

  kill_worker_often(kills, std::chrono::milliseconds(30));
  load.stop();

  EXPECT_THAT(load.failures(), IsEmpty()) << "EEXIST or ENODATA: a request was done twice";
  std::cout << kills << " kills, " << load.operations() << " pairs, longest stall "
            << load.longest_stall().count() << " ms\n";
}

TEST_F(KilledMount, NewWorkerStillTellsTheKernelWhatChanged) {
  EXPECT_EQ(names_in(at("Tags/kept")).size(), kClips + 1U);
  EXPECT_FALSE(is_there(at("Tags/late")));
  kill_worker();

  ASSERT_TRUE(tag("demo/" + clip_name(1), {"-kept", "+late"}));

  EXPECT_TRUE(wait_until([&] { return names_in(at("Tags/kept")).size() == kClips; }));
  EXPECT_TRUE(wait_until([&] { return is_there(at("Tags/late") / clip_name(1)); }));
}

TEST_F(KilledMount, ChangeMadeWhileNobodyServedIsSeen) {
  EXPECT_EQ(names_in(at("Tags/kept")).size(), kClips + 1U);
  const pid_t served = worker();
  const pid_t keeps = keeper();
  ::kill(keeps, SIGSTOP);  // so that no other worker starts
  ::kill(served, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return !is_running(served); }));
  const Ran tagged =
      lensfs({"tag", "-L", library().string(), "Projects/demo/" + clip_name(1), "-kept"});
  ::kill(keeps, SIGCONT);

  EXPECT_EQ(tagged.exit, 0) << tagged.err;
  EXPECT_TRUE(wait_until([&] { return names_in(at("Tags/kept")).size() == kClips; }));
  EXPECT_TRUE(wait_until([&] { return !is_there(at("Tags/kept") / clip_name(1)); }));
}

// Threads that set a field to ever higher numbers; what was acknowledged last, per clip.
class Counting {
 public:
  explicit Counting(path folder) : folder_(std::move(folder)) {}
  int step(std::uint64_t clip, std::uint64_t round) {
    const std::string name = "clip" + std::to_string(clip) + ".mov";
    const int error =
        set_xattr(folder_ / name, "user.lensfs.field.count", std::to_string(round + 1));
    if (error == 0) acknowledged_.at(clip) = round + 1;
    return error;
  }
  [[nodiscard]] std::uint64_t acknowledged(std::uint64_t clip) const {
    return acknowledged_.at(clip);
  }

 private:
  path folder_;
  std::array<std::atomic<std::uint64_t>, 3> acknowledged_{};
};

TEST_F(KilledMount, EverythingDiesAndNothingAcknowledgedIsLost) {
  const int kills = rounds("LENSFS_MOUNT_KILLS", 20);
  std::mt19937_64 random(3);
  std::uint64_t acknowledged_in_all = 0;
  for (int kill = 0; kill < kills && !HasFailure(); ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    Counting counting(at("Projects/demo"));
    const pid_t keeps = keeper();
    const pid_t works = worker();
    {
      Load load;
      using enum Load::AtFailure;
      for (std::uint64_t i = 0; i < 3; ++i) {
        load.add("setxattr", end, [&counting, i](auto round) { return counting.step(i, round); });
      }
      load.add("open+read+close", end, [&](auto round) { return open_read_close(round); });
      load.add("readdir", end, [&](auto round) { return list(round); });
      wait_for_a_random_moment(random, std::chrono::milliseconds(300));
      ::kill(keeps, SIGKILL);
      ::kill(works, SIGKILL);
      ASSERT_TRUE(wait_until([&] { return !is_running(keeps) && !is_running(works); }));
    }

    ASSERT_TRUE(mount());

    for (std::uint64_t i = 0; i < 3; ++i) {
      const std::string value = xattr_text(clip(i), "user.lensfs.field.count");
      const std::uint64_t kept = std::strtoull(("0" + value).c_str(), nullptr, 10);
      // One more may have been written than was acknowledged.
      EXPECT_TRUE(kept == counting.acknowledged(i) || kept == counting.acknowledged(i) + 1 ||
                  counting.acknowledged(i) == 0)
          << kept << " of " << counting.acknowledged(i) << " acknowledged";
      acknowledged_in_all += counting.acknowledged(i);
    }
    EXPECT_EQ(names_in(at("Tags/kept")).size(), kClips + 1U);
    const Ran verified = library_command("verify", {});
    EXPECT_EQ(verified.exit, 0) << verified.out << verified.err;
  }
  EXPECT_TRUE(same_bytes(read_at_once(clip(0)), movie(kClipSize, 0)));
  std::cout << kills << " kills, " << acknowledged_in_all << " changes acknowledged, all kept\n";
}

TEST_F(KilledMount, KeeperDiesAndTakesItsWorkerAlong) {
  const pid_t works = worker();
  ::kill(keeper(), SIGKILL);

  const auto ended = wait_until([&] { return !is_running(works); });

  ASSERT_TRUE(ended) << "a worker without a keeper must not stay behind";
  ASSERT_TRUE(mount()) << "the next mount recovers the mountpoint";
  EXPECT_TRUE(same_bytes(read_at_once(clip(0)), movie(kClipSize, 0)));
}

}  // namespace
}  // namespace lensfs::test
