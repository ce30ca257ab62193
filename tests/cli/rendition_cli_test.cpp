// Renditions and jobs on the command line, without anybody who makes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/support/drive.h"
#include "tests/support/files.h"
#include "tests/support/media_factory.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class RenditionCommand : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(lensfs({"init", library()}).exit, 0);
    write_file(directory_ / "in/cut.mov", movie(5000));
    write_file(directory_ / "in/notes.bin", noise(100));
    write_file(directory_ / "proxy.mov", movie(700, 9));
    write_file(directory_ / "retouched.png", picture(300, 9));
    const std::string in = (directory_ / "in").string() + "/";
    ASSERT_EQ(on_library({"ingest", in, "--project", "demo", "--quiet"}).exit, 0);
  }
  [[nodiscard]] std::string library() const { return (directory_ / "library").string(); }
  [[nodiscard]] std::string file(const char* name) const { return (directory_ / name).string(); }
  [[nodiscard]] Ran on_library(std::vector<std::string> words) const {
    words.insert(words.begin(), {lensfs_binary().string(), "-L", library()});
    return run(words);
  }
  [[nodiscard]] std::vector<json> lines_of(std::vector<std::string> words) const {
    words.emplace_back("--json");
    std::vector<json> lines;
    std::istringstream text(on_library(std::move(words)).out);
    for (std::string line; std::getline(text, line);) {
      lines.push_back(json::parse(line, nullptr, false));
    }
    return lines;
  }
  // The state of the profile's rendition of the cut: "none", "waiting", "attached" …
  [[nodiscard]] std::string state(const std::string& profile) const {
    for (const json& line : lines_of({"rendition", "list", kCut})) {
      if (line["profile"] == profile) return line["state"];
    }
    return "not listed";
  }
  // A clip of so many frames, 25 a second, with these words for the sound of ffmpeg; 360 lines
  // high.
  [[nodiscard]] std::string clip(const char* name, int frames, int rate = 25,
                                 const std::vector<std::string>& sound = {"-ac", "2"}) const {
    const std::string length = std::to_string(static_cast<double>(frames) / rate);
    std::vector<std::string> words = {
        "ffmpeg",  "-v",        "error", "-y",
        "-f",      "lavfi",     "-i",    "testsrc2=size=640x360:rate=" + std::to_string(rate),
        "-f",      "lavfi",     "-i",    "sine=frequency=440",
        "-t",      length,      "-c:v",  "libx264",
        "-preset", "ultrafast", "-c:a",  "aac"};
    words.insert(words.end(), sound.begin(), sound.end());
    words.push_back(file(name));
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return file(name);
  }
  [[nodiscard]] json space(const char* what) const {
    return lines_of({"info", "--space"}).at(0)[what];
  }

  static constexpr const char* kCut = "Projects/demo/cut.mov";
  TempDir directory_;
};

TEST_F(RenditionCommand, ListsWhatTheProfilesMakeOfAFile) {
  const Ran cut = on_library({"rendition", "list", kCut});
  const Ran notes = on_library({"rendition", "list", "Projects/demo/notes.bin"});

  EXPECT_EQ(cut.exit, 0) << cut.err;
  EXPECT_THAT(cut.out, AllOf(HasSubstr("720p"), HasSubstr("thumb"), HasSubstr("waveform"),
                             Not(HasSubstr("original"))));
  EXPECT_EQ(notes.exit, 1) << "nothing is made of it";
  EXPECT_EQ(state("720p"), "none");
}

TEST_F(RenditionCommand, AsksForOneAndItWaits) {
  const Ran asked = on_library({"rendition", "make", kCut, "-p", "720p"});

  EXPECT_EQ(asked.exit, 0) << asked.err;
  EXPECT_THAT(asked.out, HasSubstr("waiting  Projects/demo/cut.mov"));
  EXPECT_EQ(state("720p"), "waiting");
  const std::vector<json> jobs = lines_of({"jobs"});
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0]["name"], "cut.mov");
  EXPECT_EQ(jobs[0]["profile"], "720p");
  EXPECT_EQ(jobs[0]["priority"], "asked");
  EXPECT_EQ(jobs[0]["state"], "waiting");
  EXPECT_EQ(jobs[0]["source_size"], 5000);
}

TEST_F(RenditionCommand, TakesWhatSomebodyBrings) {
  ASSERT_EQ(on_library({"rendition", "make", kCut, "-p", "720p"}).exit, 0);

  const Ran attached =
      on_library({"rendition", "attach", kCut, file("proxy.mov"), "-p", "720p", "--force"});

  EXPECT_EQ(attached.exit, 0) << attached.err;
  EXPECT_EQ(state("720p"), "attached");
  EXPECT_THAT(lines_of({"jobs"}), IsEmpty()) << "nothing is left to make";
  EXPECT_TRUE(is_there(file("proxy.mov")));
  EXPECT_EQ(on_library({"verify"}).exit, 0);
}

TEST_F(RenditionCommand, RefusesToAttachWhatDoesNotFit) {
  write_file(file("proxy.mp4"), movie(700, 9));
  write_file(file("fake.mov"), noise(700));
  const auto attach = [&](const char* name, const char* profile, bool force = false) {
    std::vector<std::string> words = {"rendition", "attach", kCut, file(name), "-p", profile};
    if (force) words.emplace_back("--force");
    return on_library(words);
  };

  const Ran container = attach("proxy.mp4", "720p");
  const Ran bytes = attach("fake.mov", "720p", true);

  EXPECT_EQ(container.exit, 2);
  EXPECT_THAT(container.err, AllOf(HasSubstr("proxy.mp4"), HasSubstr("not the format")));
  EXPECT_EQ(bytes.exit, 5) << "--force does not help what is no movie";
  EXPECT_EQ(attach("retouched.png", "720p").exit, 2);
  EXPECT_EQ(attach("retouched.png", "thumb").exit, 0) << "a picture of any format";
  EXPECT_EQ(attach("none.mov", "720p").exit, 1);
  EXPECT_EQ(attach("proxy.mp4", "720p", true).exit, 0);
  EXPECT_EQ(state("720p"), "attached");
}

TEST_F(RenditionCommand, ComparesAProxyWithItsSource) {
  LENSFS_NEEDS("ffmpeg");
  ASSERT_EQ(on_library({"ingest", clip("A001.mov", 50), "--project", "demo", "--quiet"}).exit, 0);
  const auto attach = [&](const std::string& proxy) {
    return on_library({"rendition", "attach", "Projects/demo/A001.mov", proxy, "-p", "720p"});
  };

  const Ran length = attach(clip("short.mov", 40));
  const Ran rate = attach(clip("fast.mov", 60, 30));
  const Ran channels = attach(clip("mono.mov", 50, 25, {"-ac", "1"}));
  const Ran tracks =
      attach(clip("two.mov", 50, 25, {"-map", "0", "-map", "1", "-map", "1", "-ac", "2"}));
  const Ran noise = attach(file("proxy.mov"));

  EXPECT_EQ(length.exit, 2);
  EXPECT_THAT(length.err, AllOf(HasSubstr("short.mov"), HasSubstr("40 frames"),
                                HasSubstr("50 frames"), HasSubstr("--force")));
  EXPECT_EQ(rate.exit, 2);
  EXPECT_THAT(rate.err, AllOf(HasSubstr("it has 30 frames"), HasSubstr("its source 25 frames")));
  EXPECT_EQ(channels.exit, 2);
  EXPECT_THAT(channels.err, AllOf(HasSubstr("(1 channel)"), HasSubstr("(2 channels)")));
  EXPECT_EQ(tracks.exit, 2);
  EXPECT_THAT(tracks.err, AllOf(HasSubstr("2 tracks"), HasSubstr("1 track ")));
  EXPECT_NE(noise.exit, 0);
  EXPECT_THAT(noise.err, HasSubstr("cannot be compared"));
  EXPECT_EQ(attach(clip("A001_Proxy.mov", 50)).exit, 0);
  EXPECT_EQ(attach(clip("longer.mov", 51)).exit, 0) << "a frame more";
  const std::vector<json> listed = lines_of({"rendition", "list", "Projects/demo/A001.mov"});
  EXPECT_TRUE(std::any_of(listed.begin(), listed.end(), [](const json& line) {
    return line["state"] == "attached" && line["width"] == 640 && line["duration_ns"] == 2040000000;
  }));
}

TEST_F(RenditionCommand, ForceTakesAProxyThatIsUnlikeItsSource) {
  LENSFS_NEEDS("ffmpeg");
  ASSERT_EQ(on_library({"ingest", clip("A001.mov", 50), "--project", "demo", "--quiet"}).exit, 0);

  const Ran ran = on_library({"rendition", "attach", "Projects/demo/A001.mov",
                              clip("short.mov", 40), "-p", "720p", "--force"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
}

TEST_F(RenditionCommand, RemovesOne) {
  ASSERT_EQ(
      on_library({"rendition", "attach", kCut, file("proxy.mov"), "-p", "720p", "--force"}).exit,
      0);

  EXPECT_EQ(on_library({"rendition", "remove", kCut, "-p", "720p"}).exit, 0);

  EXPECT_EQ(state("720p"), "none");
  EXPECT_EQ(on_library({"rendition", "remove", kCut, "-p", "720p"}).exit, 1);
}

TEST_F(RenditionCommand, SaysWhatIsWrongWithTheCommandLine) {
  EXPECT_EQ(on_library({"rendition"}).exit, 2);
  EXPECT_EQ(on_library({"rendition", "show", kCut}).exit, 2);
  EXPECT_EQ(on_library({"rendition", "make", kCut}).exit, 2) << "no profile";
  const Ran unknown = on_library({"rendition", "make", kCut, "-p", "8k"});
  EXPECT_EQ(unknown.exit, 2);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("8k"), HasSubstr("2160p")));
  const Ran never = on_library({"rendition", "make", "Projects/demo/notes.bin", "-p", "720p"});
  EXPECT_EQ(never.exit, 6);
  EXPECT_THAT(never.err, HasSubstr("makes nothing of such a file"));
  EXPECT_EQ(on_library({"rendition", "attach", kCut, "-p", "720p"}).exit, 2);
  EXPECT_EQ(on_library({"rendition", "list", "Projects/demo/none.mov"}).exit, 1);
}

TEST_F(RenditionCommand, OfAnOldVersionIsItsOwn) {
  write_file(directory_ / "in/cut.mov", movie(6000, 4));
  const std::string in = (directory_ / "in").string() + "/";
  ASSERT_EQ(on_library({"ingest", in, "--project", "demo", "--quiet"}).exit, 0);

  const std::vector<std::string> words = {"rendition",       "attach", "Projects/demo/cut@v1.mov",
                                          file("proxy.mov"), "-p",     "720p",
                                          "--force"};
  ASSERT_EQ(on_library(words).exit, 0);

  EXPECT_EQ(state("720p"), "none");
  EXPECT_EQ(lines_of({"rendition", "list", "Projects/demo/cut@v1.mov"})[4]["state"], "attached");
}

TEST_F(RenditionCommand, CountsWhatRenditionsTake) {
  ASSERT_EQ(
      on_library({"rendition", "attach", kCut, file("proxy.mov"), "-p", "720p", "--force"}).exit,
      0);

  EXPECT_EQ(space("renditions")["files"], 1);
  EXPECT_EQ(space("renditions")["bytes"], 700);
  EXPECT_EQ(space("garbage")["files"], 0);
}

TEST_F(RenditionCommand, ThatARenditionIsAlsoAnAssetIsCountedThere) {
  ASSERT_EQ(
      on_library({"rendition", "attach", kCut, file("proxy.mov"), "-p", "720p", "--force"}).exit,
      0);
  ASSERT_EQ(on_library({"ingest", file("proxy.mov"), "--project", "demo", "--quiet"}).exit, 0);

  EXPECT_EQ(space("renditions")["files"], 0);
  EXPECT_EQ(space("current")["bytes"], 5800);
}

TEST_F(RenditionCommand, GoesWithItsSource) {
  ASSERT_EQ(
      on_library({"rendition", "attach", kCut, file("proxy.mov"), "-p", "720p", "--force"}).exit,
      0);
  ASSERT_EQ(on_library({"gc", "--grace", "0"}).exit, 0);
  EXPECT_EQ(space("renditions")["files"], 1) << "its source is there";

  write_file(directory_ / "in/cut.mov", movie(6000, 4));
  const std::string in = (directory_ / "in").string() + "/";
  ASSERT_EQ(on_library({"ingest", in, "--project", "demo", "--quiet"}).exit, 0);
  ASSERT_EQ(on_library({"gc", "--grace", "0"}).exit, 0);
  EXPECT_EQ(space("renditions")["files"], 1) << "an old version is its source";
  ASSERT_EQ(on_library({"purge", "--versions", kCut}).exit, 0);
  EXPECT_EQ(space("renditions")["files"], 0);
  EXPECT_EQ(space("garbage")["files"], 2) << "the old version and what was made of it";

  ASSERT_EQ(on_library({"gc", "--grace", "0"}).exit, 0);

  EXPECT_EQ(space("garbage")["files"], 0);
  EXPECT_EQ(on_library({"verify"}).exit, 0);
}

TEST_F(RenditionCommand, ShowsJobsOfAllOrOfAFile) {
  ASSERT_EQ(on_library({"rendition", "make", kCut, "-p", "thumb"}).exit, 0);

  const Ran all = on_library({"jobs"});
  const Ran mine = on_library({"jobs", kCut});
  const Ran other = on_library({"jobs", "Projects/demo/notes.bin"});

  EXPECT_THAT(all.out, AllOf(HasSubstr("running 0\n"), HasSubstr("waiting 1\n"),
                             HasSubstr("thumb      cut.mov  asked"), HasSubstr("failed 0\n")));
  EXPECT_EQ(mine.out, all.out);
  EXPECT_THAT(other.out, HasSubstr("waiting 0\n"));
  EXPECT_EQ(on_library({"jobs", "--retry"}).exit, 1) << "none failed";
  EXPECT_EQ(on_library({"jobs", "--watch"}).exit, 2) << "this is no terminal";
}

TEST_F(RenditionCommand, ShowsSomeJobsAndSaysHowManyMoreThereAre) {
  for (const char* profile : {"thumb", "360p", "720p"}) {
    ASSERT_EQ(on_library({"rendition", "make", kCut, "-p", profile}).exit, 0);
  }

  const Ran two = on_library({"jobs", "--limit", "2"});
  const Ran failed = on_library({"jobs", "--state", "failed"});

  EXPECT_THAT(two.out,
              AllOf(HasSubstr("waiting 3\n"), HasSubstr("and 1 more\n"), Not(HasSubstr("720p"))));
  EXPECT_EQ(failed.out, "failed 0\n");
  EXPECT_EQ(lines_of({"jobs"}).size(), 3U);
  EXPECT_EQ(lines_of({"jobs", "--limit", "1", kCut}).size(), 1U);
  EXPECT_EQ(lines_of({"jobs", "--state", "waiting"}).size(), 3U);
  EXPECT_THAT(lines_of({"jobs", "--state", "running"}), IsEmpty());
  EXPECT_EQ(on_library({"jobs", "--state", "done"}).exit, 2);
}

TEST_F(RenditionCommand, AsksForAProfileOfEverythingThatHasNone) {
  write_file(directory_ / "more/a.mov", movie(3000, 5));
  write_file(directory_ / "more/b.png", picture(3000, 6));
  const std::string more = (directory_ / "more").string() + "/";
  ASSERT_EQ(on_library({"ingest", more, "--project", "demo", "--quiet"}).exit, 0);
  ASSERT_EQ(
      on_library({"rendition", "attach", kCut, file("proxy.mov"), "-p", "720p", "--force"}).exit,
      0);

  const Ran asked = on_library({"rendition", "make", "--all", "-p", "720p"});
  const Ran again = on_library({"rendition", "make", "--all", "-p", "720p"});

  EXPECT_EQ(asked.exit, 0) << asked.err;
  EXPECT_EQ(asked.out, "2 asked for\n") << "of the clip and the picture that are new";
  EXPECT_EQ(again.out, "0 asked for\n");
  for (const json& job : lines_of({"jobs"})) EXPECT_EQ(job["priority"], "due");
  EXPECT_EQ(on_library({"rendition", "make", "--all"}).exit, 2) << "no profile";
  EXPECT_EQ(on_library({"rendition", "make", "-p", "720p"}).exit, 2) << "neither paths nor --all";
}

TEST_F(RenditionCommand, DropsAJob) {
  ASSERT_EQ(on_library({"rendition", "make", kCut, "-p", "thumb"}).exit, 0);
  const std::string id = std::to_string(lines_of({"jobs"})[0]["id"].get<int>());

  EXPECT_EQ(on_library({"jobs", "--drop", id}).exit, 0);

  EXPECT_THAT(lines_of({"jobs"}), IsEmpty());
  EXPECT_EQ(on_library({"jobs", "--drop", id}).exit, 1);
  EXPECT_EQ(on_library({"jobs", "--drop", "x"}).exit, 2);
}

TEST_F(RenditionCommand, WaitsUntilItIsThereOrSomebodyHasEnough) {
  std::vector<std::string> words = {lensfs_binary().string(),
                                    "-L",
                                    library(),
                                    "rendition",
                                    "make",
                                    kCut,
                                    "-p",
                                    "thumb",
                                    "--wait"};
  Child waiting(Command{.words = words, .input = {}, .open_files = {}, .folder = {}});

  ASSERT_TRUE(wait_until([&] { return !lines_of({"jobs"}).empty(); }));
  waiting.send(SIGINT);

  const Ran ran = waiting.wait();
  EXPECT_EQ(ran.exit, 130);
  EXPECT_EQ(lines_of({"jobs"})[0]["priority"], "waited");
}

}  // namespace
}  // namespace lensfs::test
