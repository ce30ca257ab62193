// Destroying, what is kept, and what takes how much room, on the command line without a mount.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tests/support/files.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lensfs::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class PurgeCommand : public testing::Test {
 protected:
  // Three versions of Projects/demo/cut.mov.
  void SetUp() override {
    ASSERT_EQ(lensfs({"init", library()}).exit, 0);
    for (const char* bytes : {"one", "second", "the third"}) take("cut.mov", bytes);
  }
  void take(const std::string& name, const std::string& bytes) {
    const path folder = directory_ / ("in-" + std::to_string(++taken_));
    write_file(folder / name, bytes);
    ASSERT_EQ(on_library({"ingest", folder.string() + "/", "--project", "demo", "--quiet"}).exit,
              0);
  }
  [[nodiscard]] std::string library() const { return (directory_ / "library").string(); }
  [[nodiscard]] Ran on_library(std::vector<std::string> words) const {
    words.insert(words.begin(), {lensfs_binary().string(), "-L", library()});
    return run(words);
  }
  [[nodiscard]] json answer(std::vector<std::string> words) const {
    words.emplace_back("--json");
    const Ran ran = on_library(std::move(words));
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return json::parse(ran.out, nullptr, false);
  }
  [[nodiscard]] std::vector<int> numbers() const {
    std::vector<int> numbers;
    for (const json& one : answer({"versions", kCut})) numbers.push_back(one["number"]);
    return numbers;
  }
  [[nodiscard]] std::size_t objects() const {
    return files_below(directory_ / "library/objects").size();
  }
  void set(const std::string& text) const { write_file(directory_ / "library/lensfs.toml", text); }

  static constexpr const char* kCut = "Projects/demo/cut.mov";
  TempDir directory_;
  int taken_ = 0;
};

TEST_F(PurgeCommand, DestroysOneVersion) {
  const Ran ran = on_library({"purge", "Projects/demo/cut@v2.mov"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("destroyed 0 deleted files and 1 versions"));
  EXPECT_THAT(numbers(), ElementsAre(1, 3));
  EXPECT_EQ(objects(), 3U) << "its bytes are left to gc";
  EXPECT_EQ(on_library({"gc", "--grace", "0"}).exit, 0);
  EXPECT_EQ(objects(), 2U);
  EXPECT_EQ(on_library({"verify"}).exit, 0);
}

TEST_F(PurgeCommand, NowFreesTheRoomAtOnceAndNothingElse) {
  ASSERT_EQ(on_library({"purge", "Projects/demo/cut@v1.mov"}).exit, 0);

  const json done = answer({"purge", "Projects/demo/cut@v2.mov", "--now"});

  EXPECT_EQ(done["versions"], 1);
  EXPECT_EQ(done["freed_objects"], 1);
  EXPECT_EQ(done["freed_bytes"], 6);
  EXPECT_EQ(objects(), 2U) << "what was purged before keeps its grace time";
}

TEST_F(PurgeCommand, DryRunSaysWhatWouldGoAndLeavesIt) {
  const json would = answer({"purge", "--versions", kCut, "--dry-run"});
  const Ran text = on_library({"purge", "--versions", kCut, "--dry-run"});

  EXPECT_EQ(would["versions"], 2);
  EXPECT_EQ(would["bytes"], 9);
  EXPECT_EQ(would["dry_run"], true);
  EXPECT_THAT(would["version_names"],
              ElementsAre("Projects/demo/cut.mov@v1", "Projects/demo/cut.mov@v2"));
  EXPECT_THAT(text.out, HasSubstr("Projects/demo/cut.mov@v2\n"));
  EXPECT_THAT(text.out, HasSubstr("would destroy"));
  EXPECT_THAT(numbers(), SizeIs(3));
}

TEST_F(PurgeCommand, OfOldVersionsLeavesTheNewest) {
  EXPECT_EQ(answer({"purge", "--versions", kCut, "--older", "1h"})["versions"], 0)
      << "they were replaced just now";
  EXPECT_EQ(answer({"purge", "--versions", kCut, "--keep", "2"})["versions"], 1);
  EXPECT_THAT(numbers(), ElementsAre(2, 3));
  EXPECT_EQ(answer({"purge", "--versions", kCut})["versions"], 1);
  EXPECT_THAT(numbers(), ElementsAre(3));
}

TEST_F(PurgeCommand, RefusesWhatIsHeldAndSaysWhy) {
  ASSERT_EQ(on_library({"label", "Projects/demo/cut@v2.mov", "approved"}).exit, 0);

  const Ran current = on_library({"purge", "Projects/demo/cut@v3.mov"});
  const Ran labelled = on_library({"purge", "Projects/demo/cut@v2.mov"});
  const Ran vague = on_library({"purge", kCut});

  EXPECT_EQ(current.exit, 3);
  EXPECT_THAT(current.err, HasSubstr("the current version stays"));
  EXPECT_EQ(labelled.exit, 3);
  EXPECT_THAT(labelled.err, testing::AllOf(HasSubstr("approved"), HasSubstr("--labelled")));
  EXPECT_EQ(vague.exit, 2);
  EXPECT_THAT(vague.err, HasSubstr("PATH@v3"));
  EXPECT_THAT(numbers(), SizeIs(3));
  EXPECT_EQ(on_library({"purge", "Projects/demo/cut@v2.mov", "--labelled"}).exit, 0);
  EXPECT_THAT(numbers(), ElementsAre(1, 3));
}

TEST_F(PurgeCommand, SaysWhatIsWrongWithTheCommandLine) {
  EXPECT_EQ(on_library({"purge"}).exit, 2);
  EXPECT_EQ(on_library({"purge", "--policy"}).exit, 2) << "nothing is set";
  EXPECT_EQ(on_library({"purge", "--policy", kCut}).exit, 2);
  EXPECT_EQ(on_library({"purge", "--trash", "--policy"}).exit, 2);
  EXPECT_EQ(on_library({"purge", "--trash", "--older", "long"}).exit, 2);
  EXPECT_EQ(on_library({"purge", "--versions", kCut, "--keep", "0"}).exit, 2);
  EXPECT_EQ(on_library({"purge", "--trash", "none.mov"}).exit, 1);
  EXPECT_EQ(on_library({"purge", "Projects/demo/cut@v9.mov"}).exit, 1);
}

TEST_F(PurgeCommand, IsForTheOwnerOfTheLibraryAndRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  for (const path& entry :
       {path("."), path("catalog.db"), path("catalog.db-wal"), path("catalog.db-shm")}) {
    std::error_code missing;
    std::filesystem::permissions(directory_ / "library" / entry, std::filesystem::perms::all,
                                 missing);
  }
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);

  const Ran ran = run({"setpriv", "--reuid", "65534", "--clear-groups", lensfs_binary().string(),
                       "-L", library(), "purge", "--trash"});

  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("only who owns the library"));
}

// --- lensfs.toml

TEST_F(PurgeCommand, ByPolicyKeepsTheNewestAndWhatIsLabelled) {
  take("cut.mov", "the fourth");
  ASSERT_EQ(on_library({"label", "Projects/demo/cut@v1.mov", "approved"}).exit, 0);
  set("[keep]\nversions = 2\n");

  EXPECT_EQ(answer({"purge", "--policy"})["versions"], 1);

  EXPECT_THAT(numbers(), ElementsAre(1, 3, 4));
}

TEST_F(PurgeCommand, IsWhatGcDoesFirstWhereItIsSet) {
  EXPECT_EQ(answer({"gc", "--grace", "0"})["objects"], 0) << "nothing is set";
  set("[keep]\nversions = 1\n");
  EXPECT_EQ(answer({"gc", "--grace", "0", "--dry-run"})["purged_versions"], 2);
  EXPECT_THAT(numbers(), SizeIs(3));

  const json done = answer({"gc", "--grace", "0"});

  EXPECT_EQ(done["purged_versions"], 2);
  EXPECT_EQ(done["objects"], 2);
  EXPECT_THAT(numbers(), ElementsAre(3));
}

TEST_F(PurgeCommand, StopsAtSettingsThatMakeNoSense) {
  set("[keep]\nversions = 1\ntrash = \"soon\"\n");

  for (const char* verb : {"gc", "purge"}) {
    const Ran ran = std::string(verb) == "gc" ? on_library({verb}) : on_library({verb, "--policy"});
    EXPECT_EQ(ran.exit, 2) << verb;
    EXPECT_THAT(ran.err, HasSubstr("lensfs.toml:3: [keep] trash")) << verb;
  }
  EXPECT_THAT(numbers(), SizeIs(3));
}

// --- info --space

TEST_F(PurgeCommand, SpaceIsAttributedOnceAndFreedAsSaid) {
  take("copy.mov", "one");  // the bytes of an old version are current here
  ASSERT_EQ(on_library({"label", "Projects/demo/cut@v2.mov", "approved"}).exit, 0);
  take("cut.mov", "the fourth");

  const json before = answer({"info", "--space"});

  EXPECT_EQ(before["current"]["bytes"], 3 + 10);
  EXPECT_EQ(before["labelled"]["bytes"], 6);
  EXPECT_EQ(before["older"]["bytes"], 9);
  EXPECT_EQ(before["trash"]["bytes"], 0);
  EXPECT_EQ(before["garbage"]["bytes"], 0);
  EXPECT_GT(before["catalog"]["on_disk"], 0);
  EXPECT_GT(before["free"], 0);
  EXPECT_EQ(before["missing_objects"], 0);
  std::int64_t sum = 0;
  for (const char* part :
       {"current", "labelled", "trash", "older", "garbage", "drafts", "staging", "catalog"}) {
    sum += before[part]["on_disk"].get<std::int64_t>();
  }
  EXPECT_EQ(before["sum"]["on_disk"], sum);

  EXPECT_EQ(answer({"purge", "--versions", kCut})["bytes"], before["older"]["bytes"]);

  const json after = answer({"info", "--space"});
  EXPECT_EQ(after["older"]["bytes"], 0);
  EXPECT_EQ(after["garbage"]["bytes"], 9);
  EXPECT_THAT(on_library({"info", "--space"}).out, HasSubstr("garbage"));
}

}  // namespace
}  // namespace lensfs::test
