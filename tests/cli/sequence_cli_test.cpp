// Image sequences on the command line, without a mount.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/files.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lensfs::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SequenceCommand : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(lensfs({"init", library()}).exit, 0);
    for (const int number : {1001, 1002, 1004}) {
      write_file(directory_ / ("in/plate." + std::to_string(number) + ".exr"),
                 "frame " + std::to_string(number));
    }
  }
  [[nodiscard]] std::string library() const { return (directory_ / "library").string(); }
  [[nodiscard]] Ran on_library(std::vector<std::string> words) const {
    words.insert(words.begin(), {lensfs_binary().string(), "-L", library()});
    return run(words);
  }
  [[nodiscard]] Ran ingest(std::vector<std::string> options) const {
    std::vector<std::string> words = {"ingest", (directory_ / "in").string() + "/", "--project",
                                      "demo"};
    words.insert(words.end(), options.begin(), options.end());
    return on_library(std::move(words));
  }
  [[nodiscard]] std::string listing() const { return on_library({"ls", "Projects/demo"}).out; }

  TempDir directory_;
};

constexpr const char* kPath = "Projects/demo/plate.[1001-1004].exr";

TEST_F(SequenceCommand, IngestMakesOneAndNamesTheGap) {
  const Ran ran = ingest({"--sequences"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("plate.[1001-1004].exr: frames are missing: 1003"));
  EXPECT_THAT(listing(), HasSubstr("plate.[1001-1004].exr/"));
}

TEST_F(SequenceCommand, IngestTellsProgramsOfItsFrames) {
  const Ran ran = ingest({"--sequences", "--json"});

  const json line = json::parse(ran.out.substr(0, ran.out.find('\n')));
  EXPECT_EQ(line["place"], kPath);
  EXPECT_EQ(line["frames"], 3);
  EXPECT_EQ(line["missing"], "1003");
}

TEST_F(SequenceCommand, TheLibraryCanMakeItTheRule) {
  write_file(directory_ / "library/lensfs.toml", "[ingest]\nsequences = true\n");

  EXPECT_EQ(ingest({}).exit, 0);

  EXPECT_THAT(listing(), HasSubstr("plate.[1001-1004].exr"));
}

TEST_F(SequenceCommand, ASettingThatIsNoneIsRefused) {
  write_file(directory_ / "library/lensfs.toml", "[ingest]\nsequences = \"yes\"\n");

  const Ran ran = ingest({});

  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("give true or false"));
}

TEST_F(SequenceCommand, MakeTakesTheRunsOfAFolderAndSplitUndoesIt) {
  ASSERT_EQ(ingest({}).exit, 0);

  const Ran made = on_library({"sequence", "make", "Projects/demo"});

  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_THAT(made.out, AllOf(HasSubstr(kPath), HasSubstr("3 frames"), HasSubstr("missing: 1003")));
  EXPECT_THAT(listing(), Not(HasSubstr("plate.1001.exr")));
  const Ran split = on_library({"sequence", "split", kPath});
  EXPECT_EQ(split.exit, 0) << split.err;
  EXPECT_THAT(split.out, HasSubstr("3 files"));
  EXPECT_THAT(listing(), AllOf(HasSubstr("plate.1001.exr"), Not(HasSubstr("["))));
}

TEST_F(SequenceCommand, MakeTakesFilesThatAreNamed) {
  ASSERT_EQ(ingest({}).exit, 0);

  const Ran made = on_library({"sequence", "make", "Projects/demo/plate.1001.exr",
                               "Projects/demo/plate.1002.exr", "Projects/demo/plate.1004.exr"});

  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_THAT(listing(), HasSubstr("plate.[1001-1004].exr"));
}

TEST_F(SequenceCommand, MakeSaysWhereThereIsNoRun) {
  std::filesystem::remove(directory_ / "in/plate.1001.exr");
  ASSERT_EQ(ingest({}).exit, 0);

  const Ran made = on_library({"sequence", "make", "Projects/demo"});

  EXPECT_EQ(made.exit, 1);
  EXPECT_THAT(made.err, HasSubstr("no three files"));
}

TEST_F(SequenceCommand, ListShowsFramesBytesAndGaps) {
  EXPECT_EQ(on_library({"sequence", "list"}).exit, 1) << "there is none";
  ASSERT_EQ(ingest({"--sequences"}).exit, 0);

  const Ran ran = on_library({"sequence", "list", "--json"});

  const json line = json::parse(ran.out);
  EXPECT_EQ(line["frames"], 3);
  EXPECT_EQ(line["bytes"], 30);
  EXPECT_EQ(line["missing"], "1003");
  EXPECT_EQ(line["paths"][0], kPath);
}

TEST_F(SequenceCommand, SpaceCountsFramesAsCurrent) {
  ASSERT_EQ(ingest({"--sequences"}).exit, 0);

  const json space = json::parse(on_library({"info", "--space", "--json"}).out);

  EXPECT_EQ(space["current"]["files"], 4) << "three frames and the manifest";
  EXPECT_EQ(space["garbage"]["files"], 0);
}

TEST_F(SequenceCommand, VerifyNamesTheSequenceThatADamagedFrameHurts) {
  ASSERT_EQ(ingest({"--sequences"}).exit, 0);
  for (const path& object : files_below(directory_ / "library/objects")) {
    const path file = directory_ / "library/objects" / object;
    if (read_at_once(file).value_or("") != "frame 1002") continue;
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    write_file(file, "fra_e 1002");
  }

  const Ran ran = on_library({"verify"});

  EXPECT_EQ(ran.exit, 5);
  EXPECT_THAT(ran.out + ran.err, HasSubstr("demo/plate.[1001-1004].exr"));
}

TEST_F(SequenceCommand, FindKnowsTheKind) {
  ASSERT_EQ(ingest({"--sequences"}).exit, 0);

  EXPECT_THAT(on_library({"find", "kind:sequence"}).out, HasSubstr(kPath));
}

}  // namespace
}  // namespace lensfs::test
