// Who opened what through a mount: what is noted of it, when it is written, and who is told.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/mount/access_people.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/versions.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr std::size_t kSize = 300'000;

class Usage : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("clip.mov", movie(kSize)));
    ASSERT_TRUE(add("other.mov", movie(kSize, 2)));
  }
  [[nodiscard]] path clip() const { return at("Projects/demo/clip.mov"); }

  // What `lensfs log` says of a file, uses only unless another word is wanted.
  [[nodiscard]] std::vector<json> log_of(const std::string& name,
                                         const std::string& what = "read") {
    std::istringstream lines(
        library_command("log", {"--json", "-n0", "Projects/demo/" + name}).out);
    std::vector<json> found;
    for (std::string line; std::getline(lines, line);) {
      json one = json::parse(line, nullptr, false);
      if (one.value("what", "") == what) found.push_back(std::move(one));
    }
    return found;
  }
  // The same once something is written of it.
  [[nodiscard]] std::vector<json> noted(const std::string& name, const std::string& what = "read") {
    std::vector<json> found;
    EXPECT_TRUE(wait_until([&] { return !(found = log_of(name, what)).empty(); }));
    return found;
  }
  static std::vector<std::string> values(const std::vector<json>& all, const char* key) {
    std::vector<std::string> found;
    for (const json& one : all) {
      found.push_back(one.contains(key) && one[key].is_string() ? one[key].get<std::string>()
                                                                : one.value(key, json()).dump());
    }
    return found;
  }
  void settings(const std::string& text) const { write_file(library() / "lensfs.toml", text); }
};

TEST_F(Usage, SaysWhoOpenedItWithWhichProgram) {
  ASSERT_TRUE(mount());
  ASSERT_EQ(run({"cat", clip().string()}).exit, 0);
  EXPECT_EQ(error_for({70001, {}}, [&] { return open_error(clip(), O_RDONLY); }), 0);
  ASSERT_TRUE(unmount());

  const auto all = log_of("clip.mov");

  EXPECT_THAT(values(all, "uid"), testing::UnorderedElementsAre("0", "70001"));
  EXPECT_THAT(values(all, "program"), testing::UnorderedElementsAre("cat", "test_mount"));
  EXPECT_THAT(values(all, "door"), ElementsAre("mount", "mount"));
  EXPECT_THAT(values(all, "version"), ElementsAre("1", "1"));
  EXPECT_GT(all.front().value("open_seconds", 0.0), 0.0);
}

TEST_F(Usage, OfAScriptHasTheNameOfTheScript) {
  ASSERT_TRUE(mount());
  const path script = scratch() / "conform";
  write_file(script, "#!/bin/bash\nread -n 1 < \"$1\"\n");
  ASSERT_EQ(::chmod(script.c_str(), 0755), 0);

  ASSERT_EQ(run({script.string(), clip().string()}).exit, 0);
  ASSERT_TRUE(unmount());

  EXPECT_THAT(values(log_of("clip.mov"), "program"), ElementsAre("conform"));
}

TEST_F(Usage, ThatGoesOnIsOneLineThatCounts) {
  ASSERT_TRUE(mount());
  for (int round = 0; round < 50; ++round) ASSERT_EQ(open_error(clip(), O_RDONLY), 0);
  ASSERT_FALSE(noted("clip.mov").empty());
  for (int round = 0; round < 50; ++round) ASSERT_EQ(open_error(clip(), O_RDONLY), 0);
  ASSERT_TRUE(unmount());

  const auto all = log_of("clip.mov");

  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front()["times"], 100);
}

TEST_F(Usage, SaysByWhichLensItWasOpened) {
  ASSERT_TRUE(mount());
  write_file(clip(), "a second version");
  ASSERT_TRUE(wait_until([&] { return is_there(at("Projects/demo/clip@v2.mov")); }));

  ASSERT_EQ(open_error(at("Projects/demo/clip@v1.mov"), O_RDONLY), 0);
  ASSERT_TRUE(unmount());

  const auto all = log_of("clip.mov");
  EXPECT_THAT(values(all, "lens"), ElementsAre("version"));
  EXPECT_THAT(values(all, "version"), ElementsAre("1"));
  EXPECT_THAT(values(log_of("clip.mov", "write"), "program"), ElementsAre("test_mount"));
  EXPECT_THAT(values(log_of("clip.mov", "saved"), "program"), ElementsAre("test_mount"));
}

TEST_F(Usage, SaysThatTheKernelReadWhatItReadByItself) {
  ASSERT_TRUE(mount());
  if (status("passthrough") != "on") GTEST_SKIP() << "needs passthrough";
  ASSERT_TRUE(same_bytes(read_at_once(clip()), movie(kSize)));
  ASSERT_TRUE(unmount());

  const auto all = log_of("clip.mov");

  EXPECT_THAT(values(all, "read_by"), ElementsAre("kernel"));
  EXPECT_FALSE(all.front().contains("bytes"));
}

TEST_F(Usage, CountsTheBytesThatTheMountHandedOut) {
  ASSERT_TRUE(mount({.options = {"no_passthrough"}, .open_files = {}}));
  ASSERT_TRUE(same_bytes(read_direct(clip()), movie(kSize)));
  ASSERT_TRUE(unmount());

  const auto all = log_of("clip.mov");

  EXPECT_THAT(values(all, "read_by"), ElementsAre("mount"));
  EXPECT_THAT(values(all, "bytes"), ElementsAre(std::to_string(kSize)));
}

TEST_F(Usage, KnowsWhatWasMadeAndCopied) {
  ASSERT_TRUE(mount());
  ASSERT_EQ(run({"cp", clip().string(), at("Projects/demo/copy.mov").string()}).exit, 0);
  ASSERT_TRUE(unmount());

  EXPECT_THAT(values(log_of("copy.mov", "make"), "program"), ElementsAre("cp"));
  const auto copies = log_of("clip.mov", "copy");
  EXPECT_THAT(values(copies, "bytes"), ElementsAre(std::to_string(kSize)));
  EXPECT_THAT(values(copies, "times"), ElementsAre("1"));
  EXPECT_THAT(values(log_of("clip.mov"), "program"), ElementsAre("cp"));
}

TEST_F(Usage, IsNotedOfNoScratchFile) {
  ASSERT_TRUE(mount());
  write_file(at("Projects/demo/clip.tmp"), "x");
  ASSERT_TRUE(unmount());

  EXPECT_THAT(library_command("log", {"--json", "-n0"}).out, Not(testing::HasSubstr("make")));
}

TEST_F(Usage, GoesOnWhenTheWorkerDies) {
  ASSERT_TRUE(mount());
  const Fd held(::open(clip().c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(held);
  ASSERT_FALSE(noted("clip.mov").empty());

  const pid_t served = worker();
  ::kill(served, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return worker() != served && worker() > 0; }));
  ASSERT_EQ(open_error(at("Projects/demo/other.mov"), O_RDONLY), 0);

  EXPECT_EQ(noted("other.mov").size(), 1U);
  EXPECT_EQ(log_of("clip.mov").size(), 1U);
}

TEST_F(Usage, SaysWithWhichProgramAFileWasTagged) {
  ASSERT_TRUE(mount());
  ASSERT_EQ(set_xattr(clip(), "user.lensfs.tag.beach", ""), 0);
  ASSERT_EQ(library_command("tag", {"Projects/demo/clip.mov", "+sea"}).exit, 0);

  const auto all = log_of("clip.mov", "tagged");

  EXPECT_THAT(values(all, "detail"), ElementsAre("beach", "sea"));
  EXPECT_THAT(values(all, "program"), ElementsAre("test_mount", ""));
  EXPECT_THAT(values(all, "door"), ElementsAre("mount", "command"));
}

TEST_F(Usage, IsNotRecordedWhereThatIsSet) {
  settings("[usage]\nrecord = false\n");
  ASSERT_TRUE(mount());
  ASSERT_EQ(open_error(clip(), O_RDONLY), 0);
  ASSERT_EQ(set_xattr(clip(), "user.lensfs.tag.beach", ""), 0);
  ASSERT_TRUE(unmount());

  EXPECT_THAT(log_of("clip.mov"), IsEmpty());
  EXPECT_THAT(values(log_of("clip.mov", "tagged"), "program"), ElementsAre(""));
}

TEST_F(Usage, OfProgramsThatOpenEverythingCountsForNoSearch) {
  settings("[usage]\nignore = [\"cat\"]\n");
  ASSERT_TRUE(mount());
  ASSERT_EQ(run({"cat", clip().string()}).exit, 0);
  ASSERT_EQ(open_error(at("Projects/demo/other.mov"), O_RDONLY), 0);
  ASSERT_TRUE(unmount());

  EXPECT_EQ(log_of("clip.mov").size(), 1U);
  EXPECT_EQ(library_command("find", {"is:used"}).out, "Projects/demo/other.mov\n");
}

TEST_F(Usage, IsFollowedByFoldersOfSearches) {
  ASSERT_TRUE(mount());
  const path unused = at("Search/is:unused");
  EXPECT_THAT(names_in(unused), ElementsAre("+", "clip.mov", "other.mov"));
  ASSERT_TRUE(is_there(unused / "clip.mov"));

  ASSERT_EQ(open_error(clip(), O_RDONLY), 0);

  EXPECT_TRUE(wait_until([&] { return names_in(unused).size() == 2; }));
  EXPECT_TRUE(wait_until([&] { return !is_there(unused / "clip.mov"); }));
  EXPECT_TRUE(is_there(unused / "other.mov"));
  EXPECT_THAT(names_in(at("Search/lastused:today")), Contains("clip.mov"));
  EXPECT_THAT(names_in(at("Search/lastused:today or is:unused")),
              ElementsAre("+", "clip.mov", "other.mov"));
}

TEST_F(Usage, SaysOnceThatAFileWasMade) {
  ASSERT_TRUE(mount());
  const path folder = at("Projects/demo");
  write_file(folder / "made.txt", "first");
  ASSERT_TRUE(gets_versions(folder / "made.txt", 1));
  write_file(folder / "made.txt", "second");
  ASSERT_TRUE(gets_versions(folder / "made.txt", 2));
  // As many programs save: by a scratch file that gets the name.
  write_file(folder / "saved.tmp", "first");
  std::filesystem::rename(folder / "saved.tmp", folder / "saved.txt");
  ASSERT_TRUE(gets_versions(folder / "saved.txt", 1));
  std::filesystem::remove(folder / "made.txt");
  ASSERT_EQ(library_command("restore", {"--trash", "made.txt"}).exit, 0);

  for (const char* name : {"made.txt", "saved.txt"}) {
    EXPECT_EQ(log_of(name, "added").size(), 1U) << name;
  }
  EXPECT_EQ(log_of("made.txt", "saved").size(), 1U);
  EXPECT_EQ(log_of("made.txt", "restored").size(), 1U);
  EXPECT_THAT(log_of("saved.txt", "restored"), IsEmpty());
}

}  // namespace
}  // namespace lensfs::test
