// kill -9 of workers at any moment: each job ends, none is done twice, and no half of a rendition
// is ever to be had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <random>

#include "catalog/model/catalog.h"
#include "catalog/model/job.h"
#include "catalog/model/rendition.h"
#include "tests/fault/rounds.h"
#include "tests/support/drive.h"
#include "tests/support/fake_engines.h"
#include "tests/support/waiting.h"
#include "tests/unit/db/must.h"

namespace lensfs::test {
namespace {

using testing::IsEmpty;

constexpr int kFiles = 300;  // a third of them broken

class KilledWork : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(lensfs({"init", library().string()}).exit, 0);
    write_file(library() / "lensfs.toml", "[renditions]\neager = [\"thumb\", \"360p\"]\n");
    for (int i = 0; i < kFiles; ++i) {
      const std::string bytes = (i % 3 == 0 ? "broken " : "clip ") + std::to_string(i);
      write_file(directory_ / "in" / ("clip" + std::to_string(i) + ".mov"), bytes);
    }
    ASSERT_EQ(lensfs({"-L", library().string(), "ingest", (directory_ / "in").string() + "/",
                      "--project", "demo", "--quiet"})
                  .exit,
              0);
  }
  [[nodiscard]] path library() const { return directory_ / "library"; }
  [[nodiscard]] std::vector<std::string> words() const {
    return {LENSFS_FAKE_WORK, "-L",           library().string(), "work",
            "--json",         "--until-idle", "--jobs",           "2"};
  }
  // Every rendition that is to be had is whole; how many there are.
  static std::size_t expect_whole_renditions(Catalog& catalog) {
    const Pool::Reader reader = must(catalog.read());
    std::size_t count = 0;
    must(reader->each<Rendition>(
        "SELECT id, source_id, recipe_id, object_id, size, extension, width, height, duration_ns,"
        " made_ns, attached FROM renditions /* SCAN: a test */",
        [&](const Rendition& rendition) {
          const Pool::Reader other = must(catalog.read());
          const auto bytes_of = [&](const ObjectKey& key) {
            return must(read_text(catalog.store().path_of(key)));
          };
          const std::string source = bytes_of(must(find_object(*other, rendition.source)));
          const Recipe recipe = must(recipe_of(*other, rendition.recipe));
          EXPECT_EQ(bytes_of(must(object_of(*other, rendition))), fake_rendition(source, recipe));
          ++count;
        }));
    return count;
  }
  static std::map<JobState, int> states(Catalog& catalog) {
    std::map<JobState, int> states;
    for (const Job& job : must(all_jobs(*must(catalog.read())))) ++states[job.state];
    return states;
  }
  // Rows of the change log by which a rendition came to be.
  static std::int64_t times_ready(Catalog& catalog) {
    return must(must(catalog.read())
                    ->one<std::int64_t>("SELECT count(*) FROM changes WHERE kind = 25"
                                        " /* SCAN: a test */"));
  }

  TempDir directory_;
};

TEST_F(KilledWork, EndsEachJobOnceAndLeavesNothingBehind) {
  const int kills = rounds("LENSFS_WORK_KILLS", 40);
  std::mt19937_64 random(20261126);
  int interrupted = 0;
  for (int kill = 0; kill < kills && !HasFailure(); ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    Child one(Command{.words = words(), .input = {}, .open_files = {}, .folder = {}});
    Child other(Command{.words = words(), .input = {}, .open_files = {}, .folder = {}});
    wait_for_a_random_moment(random, std::chrono::milliseconds(200));
    one.send(SIGKILL);
    one.wait();
    other.send(SIGKILL);
    other.wait();

    const auto catalog = must(Catalog::open(library()));
    interrupted += states(*catalog)[JobState::running];
    expect_whole_renditions(*catalog);
    // So that no job is given up for having been killed too often.
    must(catalog->write([](Transaction& txn) -> Status {
      LENSFS_CHECK(txn.db().run("UPDATE jobs SET attempts = min(attempts, 1) /* SCAN: a test */"));
      return {};
    }));
  }

  const Ran last = run(words());

  EXPECT_EQ(last.err, "");
  const auto catalog = must(Catalog::open(library()));
  EXPECT_EQ(expect_whole_renditions(*catalog), 2U * (kFiles - kFiles / 3));
  EXPECT_EQ(times_ready(*catalog), 2 * (kFiles - kFiles / 3)) << "none is made twice";
  // Of each broken file its two renditions, and what it says of itself.
  EXPECT_EQ(states(*catalog), (std::map<JobState, int>{{JobState::failed, 3 * (kFiles / 3)}}));
  EXPECT_THAT(names_in(library() / "staging/workers"), IsEmpty());
  EXPECT_THAT(must(catalog->check_database()), IsEmpty());
  std::vector<path> left;
  for (const path& file : files_below(library() / "staging")) {
    if (!file.filename().string().ends_with("lock")) left.push_back(file);
  }
  EXPECT_THAT(left, IsEmpty());
  EXPECT_EQ(lensfs({"-L", library().string(), "verify"}).exit, 0);
  std::cout << kills << " times two workers killed, " << interrupted << " jobs interrupted\n";
}

TEST_F(KilledWork, StoppedByASignalGivesItsJobsBackUncounted) {
  for (const auto& [signal, exit] : {std::pair(SIGTERM, 0), std::pair(SIGINT, 130)}) {
    Child child(Command{.words = words(), .input = {}, .open_files = {}, .folder = {}});
    ASSERT_TRUE(wait_until([&] { return !child.out_so_far().empty(); }));

    child.send(signal);

    EXPECT_EQ(child.wait().exit, exit);
    const auto catalog = must(Catalog::open(library()));
    EXPECT_EQ(states(*catalog).count(JobState::running), 0U);
    for (const Job& job : must(all_jobs(*must(catalog->read())))) {
      EXPECT_LE(job.attempts, job.state == JobState::failed ? 1 : 0);
    }
    EXPECT_THAT(names_in(library() / "staging/workers"), IsEmpty());
  }
}

}  // namespace
}  // namespace lensfs::test
