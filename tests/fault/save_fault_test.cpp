// kill -9 while files are written: of the worker without an error for anybody, of everything
// without losing what was acknowledged.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <iostream>

#include "tests/fault/acknowledged.h"
#include "tests/fault/load.h"
#include "tests/fault/rounds.h"
#include "tests/fault/saved_work.h"
#include "tests/support/drive.h"
#include "tests/support/versions.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::IsEmpty;

class KilledSave : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(mount());
    ASSERT_EQ(error_of(::mkdir(project().c_str(), 0755)), 0);
  }
  [[nodiscard]] path project() const { return at("Projects/demo"); }
  [[nodiscard]] path folder(const std::string& name) const {
    const path at = project() / name;
    EXPECT_EQ(error_of(::mkdir(at.c_str(), 0755)), 0) << at;
    return at;
  }
  void kill_worker() const {
    const pid_t now = worker();
    ASSERT_GT(now, 0);
    ::kill(now, SIGKILL);
    ASSERT_TRUE(wait_until([&] { return worker() != now && worker() > 0; }));
  }
  void kill_worker_often(int kills, std::chrono::nanoseconds longest_pause) const {
    std::mt19937_64 random(5);
    for (int kill = 0; kill < kills && !HasFatalFailure(); ++kill) {
      wait_for_a_random_moment(random, longest_pause);
      kill_worker();
    }
  }
  void kill_everything() const {
    const pid_t keeps = keeper();
    const pid_t works = worker();
    ASSERT_GT(keeps, 0);
    ::kill(keeps, SIGKILL);
    ::kill(works, SIGKILL);
    ASSERT_TRUE(wait_until([&] { return !is_running(keeps) && !is_running(works); }));
  }
  [[nodiscard]] testing::AssertionResult no_draft_is_left() const {
    const path drafts = library() / "staging/drafts";
    const auto none = [&] { return !is_there(drafts) || names_in(drafts).empty(); };
    if (wait_until(none, std::chrono::seconds(30))) return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure() << "left in staging/drafts:";
    for (const std::string& name : names_in(drafts)) failure << " " << name;
    return failure;
  }
  void expect_sound_library() {
    const Ran verified = library_command("verify", {});
    EXPECT_EQ(verified.exit, 0) << verified.out << verified.err;
    const Ran checked = run({"sqlite3", (library() / "catalog.db").string(),
                             "PRAGMA integrity_check; PRAGMA foreign_key_check;"});
    EXPECT_EQ(checked.out, "ok\n") << checked.err;
  }
};

TEST_F(KilledSave, WorkerDiesOftenAndEveryChangeIsMadeOnce) {
  const int kills = rounds("LENSFS_SAVE_WORKER_KILLS", 300);
  const path files = folder("files");
  const path others = folder("others");
  const path folders = folder("folders");
  const path links = folder("links");
  const path document = folder("document");
  ASSERT_EQ(write_new(project() / "tagged", "x"), 0);
  const Fd log(::open((project() / "log").c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0644));
  ASSERT_TRUE(log);
  Load load;
  using enum Load::AtFailure;
  load.add("create+rename+unlink", go_on,
           [&](auto round) { return make_rename_remove(files, 1, round); });
  load.add("the same elsewhere", go_on,
           [&](auto round) { return make_rename_remove(others, 2, round); });
  load.add("mkdir+rename+rmdir", go_on,
           [&](auto round) { return make_and_remove_folders(folders, round); });
  load.add("link+unlink", go_on, [&](auto round) { return link_and_unlink(links, round); });
  load.add("replace", go_on, [&](auto round) { return replace_by_rename(document, 3, round); });
  load.add("setxattr", go_on,
           [&](auto round) { return set_and_remove_attribute(project() / "tagged", round); });
  load.add("append", end, [&](auto round) { return append_and_read(log.get(), round); });

  kill_worker_often(kills, std::chrono::milliseconds(60));
  load.stop();

  EXPECT_THAT(load.failures(), IsEmpty());
  EXPECT_THAT(names_in(files), IsEmpty());
  EXPECT_THAT(names_in(folders), IsEmpty());
  EXPECT_THAT(names_in(links), IsEmpty());
  EXPECT_THAT(names_in(document), testing::ElementsAre("document"));
  std::cout << kills << " kills, " << load.operations() << " rounds, " << load.failures().size()
            << " errors, longest stall " << load.longest_stall().count() << " ms\n";
  expect_sound_library();
}

TEST_F(KilledSave, WorkerDiesBetweenWriteAndCloseAndTheVersionIsSaved) {
  for (int i = 0; i < rounds("LENSFS_SAVE_WORKER_KILLS", 300) / 15 && !HasFailure(); ++i) {
    const path file = project() / ("clip" + std::to_string(i) + ".mov");
    const std::string bytes = bytes_of_round(7, static_cast<std::uint64_t>(i));
    Fd fd(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    ASSERT_TRUE(fd);
    const auto half = static_cast<ssize_t>(bytes.size() / 2);
    ASSERT_EQ(::write(fd.get(), bytes.data(), bytes.size() / 2), half);
    kill_worker();
    ASSERT_EQ(::write(fd.get(), bytes.data() + half, bytes.size() - bytes.size() / 2),
              static_cast<ssize_t>(bytes.size()) - half);
    fd.reset();
    if (i % 2 == 0) kill_worker();

    EXPECT_TRUE(gets_versions(file, 1));
    EXPECT_TRUE(same_bytes(read_at_once(file), bytes));
  }
  EXPECT_TRUE(no_draft_is_left());
}

TEST_F(KilledSave, EverythingDiesAndNothingAcknowledgedIsLost) {
  LENSFS_NEEDS("sqlite3");
  const int kills = rounds("LENSFS_SAVE_KILLS", 20);
  std::mt19937_64 random(11);
  std::uint64_t acknowledged = 0;
  for (int kill = 0; kill < kills && !HasFailure(); ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    Acknowledged work(folder("round" + std::to_string(kill)));
    {
      Load load;
      using enum Load::AtFailure;
      load.add("new files", end, [&](auto round) { return work.make_new(round); });
      load.add("log", end, [&](auto round) { return work.append_to_log(round); });
      load.add("replace", end, [&](auto round) { return work.replace_document(round); });
      load.add("rename and remove", end, [&](auto round) { return work.rename_and_remove(round); });
      load.add("tag", end, [&](auto round) { return work.tag(round); });
      wait_for_a_random_moment(random, std::chrono::milliseconds(400));
      kill_everything();
      load.ask_to_stop();
      // Calls may wait for the dead mount until the next one ends it.
      ASSERT_TRUE(mount());
    }

    EXPECT_THAT(work.losses(), IsEmpty());
    work.remove_scratch();  // a scratch file is a draft as long as it is there
    EXPECT_TRUE(no_draft_is_left());
    expect_sound_library();
    EXPECT_THAT(work.losses(), IsEmpty()) << "once all is saved";
    acknowledged += work.count();
  }
  std::cout << kills << " kills, " << acknowledged << " changes acknowledged\n";
}

}  // namespace
}  // namespace lensfs::test
