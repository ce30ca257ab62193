// Versions, labels and the trash on the command line, without a mount.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/files.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lensfs::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

class VersionCommands : public testing::Test {
 protected:
  // Three versions of Projects/demo/cut.mov.
  void SetUp() override {
    ASSERT_EQ(lensfs({"init", library()}).exit, 0);
    for (const char* bytes : {"one", "second", "the third"}) {
      write_file(directory_ / "in/cut.mov", bytes);
      ASSERT_EQ(
          on_library({"ingest", (directory_ / "in").string() + "/", "--project", "demo", "--quiet"})
              .exit,
          0);
    }
  }
  [[nodiscard]] std::string library() const { return (directory_ / "library").string(); }
  [[nodiscard]] Ran on_library(std::vector<std::string> words) const {
    words.insert(words.begin(), {lensfs_binary().string(), "-L", library()});
    return run(words);
  }
  [[nodiscard]] json history() const {
    return json::parse(on_library({"versions", "--json", kCut}).out, nullptr, false);
  }

  static constexpr const char* kCut = "Projects/demo/cut.mov";
  TempDir directory_;
};

TEST_F(VersionCommands, ListOldestFirst) {
  const json versions = history();

  ASSERT_TRUE(versions.is_array());
  ASSERT_EQ(versions.size(), 3U);
  EXPECT_EQ(versions[0]["number"], 1);
  EXPECT_EQ(versions[0]["size"], 3);
  EXPECT_EQ(versions[0]["reason"], "ingest");
  EXPECT_EQ(versions[0]["current"], false);
  EXPECT_EQ(versions[2]["number"], 3);
  EXPECT_EQ(versions[2]["current"], true);
  EXPECT_NE(versions[0]["hash"], versions[2]["hash"]);
  EXPECT_FALSE(versions[0]["author"].get<std::string>().empty());
  EXPECT_THAT(versions[0]["date"].get<std::string>(), testing::EndsWith("Z"));

  const Ran table = on_library({"versions", kCut});
  EXPECT_THAT(table.out, HasSubstr("v1"));
  EXPECT_THAT(table.out, HasSubstr("(current)"));
}

TEST_F(VersionCommands, RestoreMakesANewVersionOfTheOldBytes) {
  const Ran ran = on_library({"restore", "Projects/demo/cut@v1.mov"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  const json versions = history();
  ASSERT_EQ(versions.size(), 4U);
  EXPECT_EQ(versions[3]["hash"], versions[0]["hash"]);
  EXPECT_EQ(versions[3]["reason"], "restore");
  EXPECT_EQ(versions[3]["current"], true);
}

TEST_F(VersionCommands, RestoreTakesEverySpellingOfAVersion) {
  EXPECT_EQ(on_library({"restore", "Projects/demo/cut.mov@v2"}).exit, 0);
  EXPECT_EQ(on_library({"restore", kCut, "--version", "1"}).exit, 0);
  EXPECT_EQ(on_library({"restore", "Projects/demo/.versions/cut.mov/v003"}).exit, 0);

  const json versions = history();
  ASSERT_EQ(versions.size(), 6U);
  EXPECT_EQ(versions[3]["hash"], versions[1]["hash"]);
  EXPECT_EQ(versions[4]["hash"], versions[0]["hash"]);
  EXPECT_EQ(versions[5]["hash"], versions[2]["hash"]);
}

TEST_F(VersionCommands, RestoreOfTheCurrentBytesMakesNone) {
  EXPECT_EQ(on_library({"restore", "Projects/demo/cut@v3.mov"}).exit, 0);

  EXPECT_EQ(history().size(), 3U);
}

TEST_F(VersionCommands, SayWhatIsWrong) {
  EXPECT_EQ(on_library({"restore", kCut}).exit, 2) << "no version is named";
  EXPECT_EQ(on_library({"restore", "Projects/demo/cut@v9.mov"}).exit, 1);
  EXPECT_EQ(on_library({"restore", kCut, "--version", "9"}).exit, 1);
  EXPECT_EQ(on_library({"restore", "--trash", "cut.mov"}).exit, 1) << "the trash is empty";
  EXPECT_EQ(on_library({"versions", "Projects/demo/none.mov"}).exit, 1);
  EXPECT_NE(on_library({"label", kCut, "v3"}).exit, 0) << "a version is no label";
  EXPECT_EQ(on_library({"label", kCut}).exit, 2);
}

TEST_F(VersionCommands, LabelShowsInListsFoldersAndSearches) {
  ASSERT_EQ(on_library({"label", "Projects/demo/cut@v2.mov", "approved"}).exit, 0);

  EXPECT_EQ(history()[1]["labels"], json::array({"approved"}));
  EXPECT_EQ(on_library({"label"}).out, "approved  1\n");
  EXPECT_THAT(on_library({"ls", "Versions/approved/Projects/demo"}).out, HasSubstr("cut.mov"));
  EXPECT_THAT(on_library({"find", "label:approved"}).out, HasSubstr("cut.mov"));
  EXPECT_EQ(on_library({"label", "--remove", kCut, "approved"}).exit, 0);
  EXPECT_THAT(on_library({"find", "label:approved"}).out, IsEmpty());
  EXPECT_EQ(on_library({"label", "--remove", kCut, "approved"}).exit, 1) << "it had none";
}

}  // namespace
}  // namespace lensfs::test
