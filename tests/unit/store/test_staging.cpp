// Who owns what in staging/, and who clears up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/store/library.h"

namespace lensfs {
namespace {

using test::entries_in;
using test::file_with;
using test::keep_bytes;
using test::Library;
using test::objects_in;

constexpr std::size_t kLocks = 3;  // open.lock, collect.lock, and the directory of drafts

TEST(StagingSessions, OfOneProcessAreTwo) {
  Library library;
  const Fd file = file_with(library.source(), "bytes");
  StagedFile staged = library.store().stage_copy(file.get(), {}, {}).value();

  const auto second = library.opened_again();

  EXPECT_EQ(entries_in(library.staging()), kLocks + 2);
  EXPECT_TRUE(library.store().keep(std::move(staged)).value().fresh);
}

TEST(StagingSessions, LeaveNothingBehind) {
  Library library;
  library.opened_again().reset();

  EXPECT_EQ(entries_in(library.staging()), kLocks + 1);
}

// StagingProcess: opens the store and stages a file, then waits to be killed.
class StagingProcess {
 public:
  explicit StagingProcess(const Library& library) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    pid_ = ::fork();
    if (pid_ == 0) stage_and_wait(library, ends[1]);
    ::close(ends[1]);
    char ready = 'n';
    EXPECT_EQ(::read(ends[0], &ready, 1), 1);
    EXPECT_EQ(ready, 'y');
    ::close(ends[0]);
  }
  StagingProcess(const StagingProcess&) = delete;
  StagingProcess& operator=(const StagingProcess&) = delete;
  ~StagingProcess() { kill(); }

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  [[noreturn]] static void stage_and_wait(const Library& library, int ready) {
    const auto store = library.opened_again();
    const Fd file = file_with(library.source("of child"), "bytes of the child");
    const auto staged = store->stage_copy(file.get(), {}, {});
    const char answer = staged ? 'y' : 'n';
    if (::write(ready, &answer, 1) != 1) ::_exit(1);
    while (true) ::pause();
  }

  pid_t pid_ = -1;
};

TEST(StagingSessions, OfLiveProcessesAreKeptAndOfDeadOnesRemoved) {
  Library library;
  StagingProcess other(library);

  const auto while_alive = library.opened_again();
  EXPECT_EQ(entries_in(library.staging()), kLocks + 3);

  other.kill();
  const auto after_death = library.opened_again();
  EXPECT_EQ(entries_in(library.staging()), kLocks + 3) << "one dead less, one live more";
}

TEST(StagingSessions, HalfMadeByADeadProcessAreRemoved) {
  Library library;
  std::filesystem::create_directory(library.staging() / "999-0badcafe");
  file_with(library.staging() / "999-0badcafe/1", "bytes");

  const auto store = library.opened_again();

  EXPECT_FALSE(std::filesystem::exists(library.staging() / "999-0badcafe"));
}

TEST(StagingSessions, OpenedAtOnceDoNotRemoveEachOther) {
  Library library;
  constexpr std::size_t kRounds = 25;
  const auto open_and_keep = [&](std::size_t thread) {
    for (std::size_t round = 0; round < kRounds; ++round) {
      const auto store = library.opened_again();
      const auto name = std::to_string(thread) + "-" + std::to_string(round);
      EXPECT_TRUE(keep_bytes(*store, library.source(name), name));
    }
  };

  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < 6; ++thread) threads.emplace_back(open_and_keep, thread);
  }

  EXPECT_EQ(entries_in(library.staging()), kLocks + 1);
  EXPECT_EQ(objects_in(library.store()).size(), 6 * kRounds);
}

}  // namespace
}  // namespace lensfs
