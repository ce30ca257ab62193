// The command line on a library, without a mount.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/support/files.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lensfs::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

class CommandLine : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(lensfs({"init", library()}).exit, 0);
    write_file(directory_ / "in/a.mov", "a");
    write_file(directory_ / "in/sub/b.wav", "bb");
  }
  [[nodiscard]] std::string library() const { return (directory_ / "library").string(); }
  [[nodiscard]] std::string source() const { return (directory_ / "in").string() + "/"; }
  [[nodiscard]] Ran on_library(std::vector<std::string> words, std::string input = {}) const {
    words.insert(words.begin(), {lensfs_binary().string(), "-L", library()});
    return run(
        {.words = std::move(words), .input = std::move(input), .open_files = {}, .folder = {}});
  }
  void take_all() const {
    ASSERT_EQ(on_library({"ingest", source(), "--project", "demo", "--quiet"}).exit, 0);
  }
  [[nodiscard]] std::string found(const std::string& query) const {
    return on_library({"find", query}).out;
  }
  // Damages the only object of this size.
  void flip_a_bit_of_size(std::uintmax_t size) const {
    for (const path& file : files_below(directory_ / "library/objects")) {
      const path object = directory_ / "library/objects" / file;
      if (std::filesystem::file_size(object) != size) continue;
      std::filesystem::permissions(object, std::filesystem::perms::owner_all);
      std::fstream(object, std::ios::in | std::ios::out | std::ios::binary).put('~');
    }
  }

  TempDir directory_;
};

TEST_F(CommandLine, MakesALibraryOnlyWhereThereIsNothing) {
  EXPECT_NE(lensfs({"init", library()}).exit, 0);
  EXPECT_NE(lensfs({"init", (directory_ / "in").string()}).exit, 0);
}

TEST_F(CommandLine, SaysWhatBecameOfEachFileAsJson) {
  const Ran ran = on_library({"ingest", source(), "--project", "demo", "--json"});

  std::istringstream lines(ran.out);
  std::string line;
  std::getline(lines, line);
  const json first = json::parse(line);
  EXPECT_EQ(first["status"], "added");
  EXPECT_EQ(first["place"], "Projects/demo/a.mov");
  EXPECT_THAT(first["object"].get<std::string>(), EndsWith("-1"));
  json last;
  while (std::getline(lines, line)) last = json::parse(line);
  EXPECT_EQ(last["summary"]["added"], 2);
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.err, IsEmpty());
}

TEST_F(CommandLine, TellsByItsExitStatusThatAPartCouldNotBeDone) {
  const Ran ran = on_library({"ingest", source(), "/no/such", "--project", "demo"});

  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, HasSubstr("lensfs: ingest: /no/such"));
  EXPECT_THAT(found("ext:mov"), HasSubstr("a.mov"));
}

TEST_F(CommandLine, FindsTheLibraryFromTheEnvironmentAndFromTheFolderItRunsIn) {
  take_all();

  const std::string query = " find --count ext:mov";
  const std::string binary = lensfs_binary().string();
  EXPECT_EQ(run({"sh", "-c", "LENSFS_LIBRARY=" + library() + " " + binary + query}).out, "1\n");
  EXPECT_EQ(run({"sh", "-c", "cd " + library() + "/objects && " + binary + query}).out, "1\n");
}

TEST_F(CommandLine, FindsPathsAndSaysByItsExitStatusWhenThereAreNone) {
  take_all();

  EXPECT_EQ(found("name:*.wav"), "Projects/demo/sub/b.wav\n");
  EXPECT_EQ(on_library({"find", "-0", "ext:mov"}).out, std::string("Projects/demo/a.mov\0", 20));
  EXPECT_EQ(on_library({"find", "ext:jpg"}).exit, 1);
  EXPECT_EQ(on_library({"find", "(", "unclosed"}).exit, 2);
}

TEST_F(CommandLine, FindsAssetsAsJson) {
  take_all();
  ASSERT_EQ(on_library({"tag", "Projects/demo/a.mov", "+place/oslo"}).exit, 0);

  const json asset = json::parse(on_library({"find", "--json", "tag:place"}).out);

  EXPECT_EQ(asset["name"], "a.mov");
  EXPECT_EQ(asset["size"], 1);
  EXPECT_THAT(asset["tags"].get<std::vector<std::string>>(), ElementsAre("place/oslo"));
  EXPECT_THAT(asset["paths"].get<std::vector<std::string>>(), ElementsAre("Projects/demo/a.mov"));
}

TEST_F(CommandLine, TagsAndUntagsInOneGo) {
  take_all();
  ASSERT_EQ(on_library({"tag", "Projects/demo/a.mov", "+draft"}).exit, 0);

  const Ran ran = on_library(
      {"tag", "-draft", "Projects/demo/a.mov", "+final", "+sound", "/Projects/demo/sub/b.wav"});

  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(on_library({"find", "tag:draft"}).exit, 1);
  EXPECT_EQ(on_library({"find", "--count", "tag:final"}).out, "2\n");
}

TEST_F(CommandLine, TagsWhatItReadsFromStandardInput) {
  take_all();

  EXPECT_EQ(on_library({"tag", "-", "+x"}, "Projects/demo/a.mov\nProjects/demo/sub/b.wav\n").exit,
            0);
  EXPECT_EQ(on_library({"tag", "--from0", "+y"}, std::string("Projects/demo/a.mov\0", 20)).exit, 0);

  EXPECT_EQ(on_library({"find", "--count", "tag:x"}).out, "2\n");
  EXPECT_EQ(on_library({"find", "--count", "tag:y"}).out, "1\n");
}

TEST_F(CommandLine, TakesWordsAfterTwoDashesAsPaths) {
  write_file(directory_ / "in/+plus", "p");
  take_all();

  EXPECT_EQ(on_library({"tag", "+t", "--", "Projects/demo/+plus"}).exit, 0);
  EXPECT_NE(on_library({"tag", "+t", "--", "-t"}).exit, 0);

  EXPECT_EQ(found("tag:t"), "Projects/demo/+plus\n");
}

TEST_F(CommandLine, ReportsAPathThatIsNoFileAndTagsTheOthers) {
  take_all();

  const Ran ran = on_library({"tag", "Projects/demo/none", "Projects/demo/a.mov", "+t"});

  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("Projects/demo/none"));
  EXPECT_EQ(found("tag:t"), "Projects/demo/a.mov\n");
}

TEST_F(CommandLine, ListsFoldersOfTheDriveWithoutAMount) {
  take_all();
  ASSERT_EQ(on_library({"tag", "Projects/demo/a.mov", "+t"}).exit, 0);

  EXPECT_THAT(on_library({"ls"}).out, HasSubstr("Projects/\n"));
  EXPECT_EQ(on_library({"ls", "Projects/demo"}).out, "a.mov\nsub/\n");
  EXPECT_THAT(on_library({"ls", "Tags/t"}).out, HasSubstr("a.mov\n"));
  EXPECT_EQ(on_library({"ls", "Projects/none"}).exit, 1);
}

TEST_F(CommandLine, ShowsAnAssetAndTheLibrary) {
  take_all();

  const json asset = json::parse(on_library({"info", "--json", "Projects/demo/a.mov"}).out);
  const json totals = json::parse(on_library({"info", "--json"}).out);

  EXPECT_EQ(asset["kind"], "video");
  EXPECT_EQ(asset["versions"].size(), 1U);
  EXPECT_EQ(totals["assets"], 2);
  EXPECT_EQ(totals["object_bytes"], 3);
}

TEST_F(CommandLine, VerifiesALibraryThatIsWhole) {
  take_all();

  const Ran ran = on_library({"verify", "--json"});

  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(json::parse(ran.out)["whole"], true);
}

TEST_F(CommandLine, NamesTheAssetsThatDamageHurts) {
  take_all();
  flip_a_bit_of_size(2);

  const Ran ran = on_library({"verify"});

  EXPECT_EQ(ran.exit, 5);
  EXPECT_THAT(ran.out, HasSubstr("damaged"));
  EXPECT_THAT(ran.out, HasSubstr("demo/sub/b.wav"));
  EXPECT_THAT(ran.out, Not(HasSubstr("a.mov")));
}

TEST_F(CommandLine, CollectsNothingThatIsInUse) {
  take_all();

  const json report = json::parse(on_library({"gc", "--grace", "0", "--json"}).out);

  EXPECT_EQ(report["objects"], 0);
  EXPECT_EQ(on_library({"verify"}).exit, 0);
  EXPECT_EQ(on_library({"gc", "--grace", "soon"}).exit, 2);
}

TEST_F(CommandLine, CollectsAnObjectThatNothingNames) {
  take_all();
  const std::string name = "99aa06d3014798d86001c324468d497f-0";  // of no bytes
  write_file(directory_ / "library/objects/99/aa" / name, "");

  const json dry = json::parse(on_library({"gc", "--grace", "0", "--dry-run", "--json"}).out);
  const json done = json::parse(on_library({"gc", "--grace", "0", "--json"}).out);

  EXPECT_EQ(dry["objects"], 1);
  EXPECT_EQ(done["objects"], 1);
  EXPECT_FALSE(is_there(directory_ / "library/objects/99/aa" / name));
}

TEST_F(CommandLine, EndsQuietlyWhenTheReaderOfItsOutputLeaves) {
  for (int i = 0; i < 300; ++i) write_file(directory_ / "in" / (std::to_string(i) + ".txt"), "t");
  take_all();

  const Ran ran = run({"bash", "-c",
                       "set -o pipefail; " + lensfs_binary().string() + " -L " + library() +
                           " find --json ext:txt | head -1"});

  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.err, IsEmpty());
}

TEST_F(CommandLine, RefusesToUnmountWhereNothingIsMounted) {
  const Ran ran = lensfs({"umount", directory_.path().string()});

  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("no drive is mounted"));
}

}  // namespace
}  // namespace lensfs::test
