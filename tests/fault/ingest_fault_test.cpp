// kill -9 of an ingest at any moment: what it acknowledged is kept, the rest is done by the next
// run.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <iostream>
#include <span>

#include "tests/fault/ingest_report.h"
#include "tests/fault/rounds.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

constexpr int kFiles = 1200;  // several batches of one commit each

class KilledIngest : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (int i = 0; i < kFiles; ++i) {
      const std::string folder = "day" + std::to_string(i % 7);
      const std::size_t size = i % 200 == 0 ? 2'000'000 : 1'000 + static_cast<std::size_t>(i) * 5;
      write_file(source() / folder / ("clip" + std::to_string(i) + ".mov"),
                 movie(size, static_cast<std::uint64_t>(i / 2)));  // some contents come twice
    }
  }
  [[nodiscard]] path source() const { return scratch() / "in"; }
  [[nodiscard]] std::vector<std::string> ingest_words() const {
    return {lensfs_binary().string(),
            "ingest",
            "-L",
            library().string(),
            "--json",
            source().string() + "/",
            "--project",
            "demo",
            "--tag",
            "kept"};
  }
  void make_an_empty_library() const {
    std::filesystem::remove_all(library());
    ASSERT_EQ(lensfs({"init", library().string()}).exit, 0);
  }
  // How long a whole ingest takes, by doing one.
  [[nodiscard]] std::chrono::nanoseconds whole_run() {
    const auto start = Clock::now();
    EXPECT_EQ(run(ingest_words()).exit, 0);
    return Clock::now() - start;
  }
  void expect_everything_on_the_drive() {
    ASSERT_TRUE(mount());
    const std::vector<path> files = files_below(source());
    EXPECT_EQ(files_below(at("Projects/demo")), files);
    for (const path& file : files) {
      const auto bytes = read_at_once(source() / file);
      ASSERT_TRUE(bytes);
      EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo") / file), *bytes)) << file;
    }
    EXPECT_EQ(names_in(at("Tags/kept")).size(), files.size() + 1);
    ASSERT_TRUE(unmount());
  }
};

// What the killed run said is done must be done: the next run finds it unchanged.
void expect_kept(const IngestReport& acknowledged, const IngestReport& next) {
  for (const auto& [file, status] : acknowledged) {
    const auto found = next.find(file);
    ASSERT_NE(found, next.end()) << file << " is not reported by the next run";
    EXPECT_EQ(found->second, "unchanged") << file << " was acknowledged as " << status;
  }
}

TEST_F(KilledIngest, LosesNothingItAcknowledgedAndIsFinishedByTheNextRun) {
  const auto longest = whole_run();
  const int kills = rounds("LENSFS_INGEST_KILLS", 50);
  std::mt19937_64 random(20261123);
  std::size_t acknowledged_in_all = 0;
  for (int kill = 0; kill < kills && !HasFailure(); ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    make_an_empty_library();

    Child child(Command{.words = ingest_words(), .input = {}, .open_files = {}, .folder = {}});
    wait_for_a_random_moment(random, longest);
    child.send(SIGKILL);
    const IngestReport acknowledged = ingest_report(child.wait().out);

    acknowledged_in_all += acknowledged.size();
    const Ran verified = library_command("verify", {});
    EXPECT_EQ(verified.exit, 0) << verified.out << verified.err;
    const Ran next = run(ingest_words());
    EXPECT_EQ(next.exit, 0) << next.err;
    expect_kept(acknowledged, ingest_report(next.out));
    if (kill % 5 == 0) expect_everything_on_the_drive();  // the slow part
  }
  std::cout << kills << " kills, " << acknowledged_in_all << " of " << kills * kFiles
            << " files acknowledged before them\n";
}

TEST_F(KilledIngest, OverAndOverStillFinishes) {
  const auto longest = whole_run() / 4;
  make_an_empty_library();
  std::mt19937_64 random(7);

  for (int kill = 0; kill < rounds("LENSFS_INGEST_KILLS", 50) / 5; ++kill) {
    Child child(Command{.words = ingest_words(), .input = {}, .open_files = {}, .folder = {}});
    wait_for_a_random_moment(random, longest);
    child.send(SIGKILL);
    child.wait();
  }

  EXPECT_EQ(run(ingest_words()).exit, 0);
  const Ran verified = library_command("verify", {});
  EXPECT_EQ(verified.exit, 0) << verified.out << verified.err;
  expect_everything_on_the_drive();
}

TEST_F(KilledIngest, StoppedByCtrlCSaysSoAndIsFinishedByTheNextRun) {
  Child child(Command{.words = ingest_words(), .input = {}, .open_files = {}, .folder = {}});
  ASSERT_TRUE(wait_until([&] { return ingest_report(child.out_so_far()).size() > 5; }));
  child.send(SIGINT);
  const Ran stopped = child.wait();

  const Ran next = run(ingest_words());

  EXPECT_NE(stopped.exit, 0);
  EXPECT_THAT(stopped.err, testing::HasSubstr("interrupted")) << "it ends itself, tidily";
  EXPECT_EQ(next.exit, 0) << next.err;
  expect_kept(ingest_report(stopped.out), ingest_report(next.out));
  expect_everything_on_the_drive();
}

class DamagedObject : public DriveTest {};

TEST_F(DamagedObject, IsFoundByVerifyAndNamesTheAsset) {
  ASSERT_TRUE(add("good.mov", movie(50'000, 1)));
  ASSERT_TRUE(add("day/hurt.mov", movie(70'000, 2)));
  ASSERT_EQ(library_command("verify", {}).exit, 0);
  for (const path& object : files_below(library() / "objects")) {
    const path file = library() / "objects" / object;
    if (std::filesystem::file_size(file) != 70'000) continue;
    const auto fd = open_path(file, O_RDWR);
    ASSERT_TRUE(fd);
    const std::string flipped(1, static_cast<char>(movie(70'000, 2)[4000] ^ 0x10));
    ASSERT_TRUE(write_full(fd->get(), std::as_bytes(std::span(flipped)), 4000));
  }

  const Ran verified = library_command("verify", {});

  EXPECT_EQ(verified.exit, 5) << "damaged";
  EXPECT_THAT(verified.out + verified.err, testing::HasSubstr("day/hurt.mov"));
  EXPECT_THAT(verified.out + verified.err, testing::Not(testing::HasSubstr("good.mov")));
}

TEST_F(DamagedObject, ThatIsMissingIsFoundToo) {
  ASSERT_TRUE(add("hurt.mov", movie(70'000, 2)));
  for (const path& object : files_below(library() / "objects")) {
    std::filesystem::remove(library() / "objects" / object);
  }

  const Ran verified = library_command("verify", {});

  EXPECT_EQ(verified.exit, 5) << "damaged";
  EXPECT_THAT(verified.out + verified.err, testing::HasSubstr("hurt.mov"));
}

}  // namespace
}  // namespace lensfs::test
