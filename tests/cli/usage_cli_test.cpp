// What `lensfs usage` and `lensfs log` print, without a mount: the uses are put into the catalog.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include <nlohmann/json.hpp>

#include "catalog/model/catalog.h"
#include "catalog/model/search.h"
#include "catalog/model/usage.h"
#include "tests/support/files.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lensfs::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class UsageCommand : public testing::Test {
 protected:
  // Projects/demo/a.mov and Projects/demo/b, c.mov.
  void SetUp() override {
    ASSERT_EQ(lensfs({"init", library()}).exit, 0);
    write_file(directory_ / "in/a.mov", "one");
    write_file(directory_ / "in/b, c.mov", "other");
    ASSERT_EQ(
        on_library({"ingest", (directory_ / "in/").string(), "--project", "demo", "--quiet"}).exit,
        0);
    use({.asset = AssetId{1}, .uid = 70001, .program = "mpv", .lens = "720p"}, "2026-05-01");
    use({.asset = AssetId{1}, .times = 3, .uid = 70002, .program = "smbd", .bytes = 1000},
        "2026-05-02");
    use({.asset = AssetId{2}, .act = UseAct::write, .uid = 70001, .program = "resolve"},
        "2026-06-01");
  }
  void use(Use use, const std::string& date) const {
    const auto catalog = Catalog::open(library());
    ASSERT_TRUE(catalog);
    use.at = use.last = moments_from(date)->from;
    use.door = door_of(use.program);
    use.open_for = 2 * kNanosecondsPerSecond;
    const auto added = (*catalog)->write([&](Transaction& txn) { return add_use(txn, use); });
    ASSERT_TRUE(added);
  }
  [[nodiscard]] std::string library() const { return (directory_ / "library").string(); }
  [[nodiscard]] Ran on_library(std::vector<std::string> words) const {
    words.insert(words.begin(), {lensfs_binary().string(), "-L", library()});
    return run(words);
  }
  [[nodiscard]] std::vector<json> answers(std::vector<std::string> words) const {
    words.emplace_back("--json");
    std::istringstream lines(on_library(std::move(words)).out);
    std::vector<json> all;
    for (std::string line; std::getline(lines, line);) {
      all.push_back(json::parse(line, nullptr, false));
    }
    return all;
  }
  static std::vector<std::string> values(const std::vector<json>& all, const char* key) {
    std::vector<std::string> found;
    for (const json& one : all) {
      found.push_back(one[key].is_string() ? one[key].get<std::string>() : one[key].dump());
    }
    return found;
  }

  TempDir directory_;
};

TEST_F(UsageCommand, SumsUpByAssetNewestFirst) {
  const auto all = answers({"usage", "--until", "2026-06"});

  EXPECT_THAT(values(all, "asset"), ElementsAre("Projects/demo/b, c.mov", "Projects/demo/a.mov"));
  EXPECT_THAT(values(all, "read"), ElementsAre("0", "4"));
  EXPECT_THAT(values(all, "written"), ElementsAre("1", "0"));
  EXPECT_THAT(values(all, "bytes"), ElementsAre("0", "1000"));
  EXPECT_THAT(values(all, "read_by_kernel"), ElementsAre("0", "1"));
  EXPECT_THAT(values(all, "people"), ElementsAre("1", "2"));
  EXPECT_THAT(values(all, "size"), ElementsAre("5", "3"));
}

TEST_F(UsageCommand, SumsUpByPersonProgramProjectAndDay) {
  const std::vector<std::string> until = {"--until", "2026-06", "--sort", "name", "--by"};
  const auto by = [&](const std::string& what) {
    std::vector<std::string> words = {"usage"};
    words.insert(words.end(), until.begin(), until.end());
    words.push_back(what);
    return values(answers(words), what.c_str());
  };

  EXPECT_THAT(by("person"), ElementsAre("70001", "70002"));
  EXPECT_THAT(by("program"), ElementsAre("mpv", "resolve", "smbd"));
  EXPECT_THAT(by("project"), ElementsAre("demo"));
  EXPECT_THAT(by("day"), ElementsAre("2026-05-01", "2026-05-02", "2026-06-01"));
}

TEST_F(UsageCommand, PrintsTables) {
  EXPECT_EQ(on_library({"usage", "--csv", "--until", "2026-06", "--person", "70001"}).out,
            "asset,read,written,copied,changes,bytes,read_by_kernel,open_seconds,people,first,last,"
            "size\n"
            "\"Projects/demo/b, c.mov\",0,1,0,0,0,0,2.000,1,2026-06-01T00:00:00Z,"
            "2026-06-01T00:00:00Z,5\n"
            "Projects/demo/a.mov,1,0,0,0,0,1,2.000,1,2026-05-01T00:00:00Z,2026-05-01T00:00:00Z,"
            "3\n");
  const Ran table = on_library({"usage"});
  EXPECT_THAT(table.out, HasSubstr("people"));
  EXPECT_THAT(table.out, HasSubstr("1.0 kB + ?"));
}

TEST_F(UsageCommand, IsOfAPathAProjectAPersonOrATime) {
  EXPECT_EQ(answers({"usage", "Projects/demo/a.mov"}).size(), 1U);
  EXPECT_EQ(answers({"usage", "Projects/demo"}).size(), 2U);
  EXPECT_EQ(answers({"usage", "name:b*"}).size(), 1U);
  EXPECT_EQ(answers({"usage", "--project", "demo", "--limit", "1"}).size(), 1U);
  EXPECT_THAT(values(answers({"usage", "--since", "2026-05-02", "--until", "2026-05"}), "read"),
              ElementsAre("3"));
  EXPECT_EQ(on_library({"usage", "--until", "2025"}).exit, 1) << "there was nothing";
}

TEST_F(UsageCommand, CountsChangesBesideUses) {
  ASSERT_EQ(on_library({"tag", "Projects/demo/a.mov", "+beach"}).exit, 0);

  const auto all = answers({"usage", "Projects/demo/a.mov", "--by", "program", "--sort", "name"});

  EXPECT_THAT(values(all, "program"), ElementsAre("-", "mpv", "smbd"));
  EXPECT_EQ(all.front()["changes"], 3) << "added, placed and tagged";
}

TEST_F(UsageCommand, SaysWhatIsWrong) {
  EXPECT_EQ(on_library({"usage", "--by", "colour"}).exit, 2);
  EXPECT_THAT(on_library({"usage", "--sort", "colour"}).err, HasSubstr("there are name, last"));
  EXPECT_THAT(on_library({"usage", "--since", "soon"}).err, HasSubstr("a date is written as"));
  EXPECT_THAT(on_library({"usage", "--person", "nobody-of-that-name"}).err, HasSubstr("no such"));
  EXPECT_EQ(on_library({"usage", "--project", "none"}).exit, 1);
  EXPECT_EQ(on_library({"usage", "Projects/none.mov"}).exit, 1);
}

TEST_F(UsageCommand, OfOthersIsForWhoManagesTheLibrary) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(run({"chmod", "-R", "a+rwX", library(), directory_.path().string()}).exit, 0);
  const auto as_guest = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"setpriv", "--reuid=70001", "--clear-groups",
                                 lensfs_binary().string(), "-L", library()});
    return run(words);
  };
  const Ran own = as_guest({"log", "--until", "2026-06", "--json"});

  EXPECT_THAT(own.out, HasSubstr("mpv"));
  EXPECT_THAT(own.out, Not(HasSubstr("smbd")));
  const Ran other = as_guest({"usage", "--person", "70002"});
  EXPECT_EQ(other.exit, 3);
  EXPECT_THAT(other.err, HasSubstr("may manage the library"));
}

using LogCommand = UsageCommand;
TEST_F(LogCommand, ShowsUsesAndChangesInTheOrderOfTime) {
  ASSERT_EQ(on_library({"tag", "Projects/demo/a.mov", "+beach"}).exit, 0);

  const auto all = answers({"log", "Projects/demo/a.mov"});

  EXPECT_THAT(values(all, "what"), ElementsAre("read", "read", "added", "placed", "tagged"));
  EXPECT_EQ(all[1]["door"], "samba");
  EXPECT_EQ(all[1]["times"], 3);
  EXPECT_EQ(all[0]["lens"], "720p");
  EXPECT_EQ(all[0]["read_by"], "kernel");
  EXPECT_EQ(all[4]["detail"], "beach");
  EXPECT_EQ(all[4]["door"], "command");
}

TEST_F(LogCommand, EndsWithTheNewest) {
  EXPECT_THAT(values(answers({"log", "--until", "2026-06", "-n", "2"}), "at"),
              ElementsAre("2026-05-02T00:00:00Z", "2026-06-01T00:00:00Z"));
  EXPECT_EQ(answers({"log", "--until", "2026-06", "-n", "0"}).size(), 3U);
}

TEST_F(LogCommand, IsALineForEach) {
  const Ran ran = on_library({"log", "--until", "2026-06", "--person", "70002"});

  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.out, HasSubstr("70002"));
  EXPECT_THAT(ran.out, HasSubstr("samba"));
  EXPECT_THAT(ran.out, HasSubstr("Projects/demo/a.mov  (3 times until"));
}

TEST_F(LogCommand, ForgetsWhatIsOlderThanTheLibrarySays) {
  write_file(path(library()) / "lensfs.toml", "[usage]\nkeep = \"1d\"\n");
  EXPECT_THAT(on_library({"gc", "--dry-run"}).out, HasSubstr("would forget 3 uses"));

  EXPECT_THAT(on_library({"gc"}).out, HasSubstr("forgot 3 uses"));

  EXPECT_THAT(answers({"log", "--until", "2026-06"}), IsEmpty());
}

}  // namespace
}  // namespace lensfs::test
