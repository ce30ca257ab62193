// The drive through a profile: what is there, under which names, and what asking for more does. The
// renditions are made by real workers.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr auto kMade = std::chrono::seconds(60);

std::string contents_of(const path& file) {
  return read_at_once(file).value_or("");
}

// Pictures and a clip made by the programs that people use.
class Lens : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    LENSFS_NEEDS("ffmpeg");
    LENSFS_NEEDS("vips");
    settings("[renditions]\neager = []\nwait = \"30s\"\n");
  }
  void settings(const std::string& text) { write_file(library() / "lensfs.toml", text); }
  void add_picture(const std::string& name, const std::string& size, const Into& into = {}) {
    const path made = scratch() / "pictures" / name;
    std::filesystem::create_directories(made.parent_path());
    const Ran ran = run({"ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
                         "testsrc2=size=" + size + ":rate=1", "-frames:v", "1", "-pix_fmt",
                         name.ends_with("jpg") ? "yuvj420p" : "rgb24", made.string()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    ASSERT_TRUE(ingest(made.string(), into));
  }
  void add_clip(const std::string& name) {
    const path made = scratch() / name;
    const Ran ran = run({"ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
                         "testsrc2=size=1920x1080:rate=25:duration=1", "-f", "lavfi", "-i",
                         "sine=frequency=440:duration=1", "-c:v", "libx264", "-preset", "ultrafast",
                         "-c:a", "aac", made.string()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    ASSERT_TRUE(ingest(made.string()));
  }
  // "1280x720" of a picture or clip.
  static std::string size_of(const path& file) {
    const Ran ran = run({"ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
                         "stream=width,height", "-of", "csv=p=0:s=x", file.string()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran.out.substr(0, ran.out.find('\n'));
  }
  void make(const std::string& place, const std::string& profile) {
    const Ran ran =
        library_command("rendition", {"make", "Projects/" + place, "--profile", profile, "--wait"});
    ASSERT_EQ(ran.exit, 0) << ran.out << ran.err;
  }
  void mount_and_work() {
    ASSERT_TRUE(mount({.options = {}, .open_files = {}, .work = MountWith::Work::yes}));
  }
};

TEST_F(Lens, EveryProfileIsAFolderOfResolutions) {
  settings("[profile.web]\nimage = { box = \"800x800\", format = \"webp\" }\n");
  ASSERT_TRUE(mount());

  EXPECT_THAT(
      names_in(at("Resolutions")),
      UnorderedElementsAre("1080p", "2160p", "360p", "720p", "aiff", "edit", "edit-hq", "filmstrip",
                           "original", "poster", "thumb", "wav", "waveform", "web"));
}

TEST_F(Lens, OriginalShowsEverythingAsItIs) {
  ASSERT_TRUE(add("a/note.txt", "words"));
  ASSERT_TRUE(mount());

  EXPECT_THAT(names_in(at("Resolutions/original/Projects/demo/a")), ElementsAre("note.txt"));
  EXPECT_EQ(contents_of(at("Resolutions/original/Projects/demo/a/note.txt")), "words");
}

TEST_F(Lens, WhatTheProfileDoesNotApplyToFallsBackToTheOriginal) {
  ASSERT_TRUE(add("scene.blend1", noise(3000)));
  ASSERT_TRUE(mount());

  EXPECT_THAT(names_in(at("Resolutions/720p/Projects/demo")), ElementsAre("scene.blend1"));
  EXPECT_EQ(contents_of(at("Resolutions/720p/Projects/demo/scene.blend1")), noise(3000));
  EXPECT_THAT(names_in(at("Resolutions/filmstrip/Projects/demo")), IsEmpty());
}

TEST_F(Lens, NothingCanBeChangedThroughIt) {
  ASSERT_TRUE(add("note.txt", "words"));
  ASSERT_TRUE(mount());
  const path folder = at("Resolutions/original/Projects/demo");

  const int opened = ::open((folder / "note.txt").c_str(), O_WRONLY);
  EXPECT_EQ(opened, -1);
  EXPECT_EQ(errno, EROFS);
  EXPECT_EQ(::open((folder / "new.txt").c_str(), O_CREAT | O_WRONLY, 0644), -1);
  EXPECT_EQ(errno, EROFS);
  EXPECT_EQ(::unlink((folder / "note.txt").c_str()), -1);
  EXPECT_EQ(errno, EROFS);
  EXPECT_EQ(::mkdir((folder / "sub").c_str(), 0755), -1);
  EXPECT_EQ(errno, EROFS);
}

TEST_F(Lens, WhatIsStillToBeMadeIsNotListed) {
  add_picture("photo.jpg", "640x480");
  ASSERT_TRUE(mount());

  EXPECT_THAT(names_in(at("Resolutions/thumb/Projects/demo")), IsEmpty());
}

TEST_F(Lens, LookingForItByNameMakesIt) {
  add_picture("photo.jpg", "640x480");
  mount_and_work();

  const path thumb = at("Resolutions/thumb/Projects/demo/photo.jpg");
  EXPECT_TRUE(is_there(thumb));
  EXPECT_EQ(size_of(thumb), "256x192");
  EXPECT_THAT(names_in(at("Resolutions/thumb/Projects/demo")), ElementsAre("photo.jpg"));
}

TEST_F(Lens, LookingForItWithoutAWorkerIsAnsweredHonestlyInTime) {
  settings("[renditions]\neager = []\nwait = \"1s\"\n");
  add_picture("photo.jpg", "640x480");
  ASSERT_TRUE(mount());

  EXPECT_FALSE(is_there(at("Resolutions/thumb/Projects/demo/photo.jpg")));
  EXPECT_THAT(read_text(at(".lensfs/jobs")).value_or(""), HasSubstr("photo.jpg"));
  EXPECT_EQ(xattr_text(at("Projects/demo/photo.jpg"), "user.lensfs.state.thumb"), "pending");
}

TEST_F(Lens, EveryoneWhoLooksAtTheFolderSeesItWhenItIsReady) {
  add_picture("photo.jpg", "640x480", {.project = "demo", .tags = {"place/oslo"}});
  mount_and_work();
  ASSERT_THAT(names_in(at("Resolutions/thumb/Projects/demo")), IsEmpty());
  ASSERT_THAT(names_in(at("Resolutions/thumb/Tags/place")), Contains("oslo"));

  make("demo/photo.jpg", "thumb");

  const auto listed = [&](const std::string& folder) {
    const std::vector<std::string> names = names_in(at(folder));
    return std::find(names.begin(), names.end(), "photo.jpg") != names.end();
  };
  EXPECT_TRUE(wait_until([&] { return listed("Resolutions/thumb/Projects/demo"); }));
  EXPECT_TRUE(wait_until([&] { return listed("Resolutions/thumb/Tags/place/oslo"); }));
  EXPECT_EQ(xattr_text(at("Projects/demo/photo.jpg"), "user.lensfs.state.thumb"), "ready");
}

TEST_F(Lens, AProfileAsAPathSegmentIsTheSameView) {
  add_picture("day/photo.jpg", "640x480");
  mount_and_work();
  make("demo/photo.jpg", "thumb");

  struct stat by_segment {};
  struct stat by_tree {};
  ASSERT_EQ(::stat(at("Projects/demo/@thumb/photo.jpg").c_str(), &by_segment), 0);
  ASSERT_EQ(::stat(at("Resolutions/thumb/Projects/demo/photo.jpg").c_str(), &by_tree), 0);
  EXPECT_EQ(by_segment.st_ino, by_tree.st_ino);
  EXPECT_FALSE(is_there(at("Projects/demo/@nothing")));
}

TEST_F(Lens, AClipKeepsItsNameAndAPictureThatChangesItsFormatKeepsItsStem) {
  add_clip("A001.mov");
  add_picture("logo.png", "640x480");
  add_picture("scan.tiff", "640x480");
  mount_and_work();
  for (const char* name : {"A001.mov", "logo.png", "scan.tiff"}) {
    make("demo/" + std::string(name), "360p");
  }

  const path folder = at("Resolutions/360p/Projects/demo");
  EXPECT_TRUE(wait_until([&] { return names_in(folder).size() == 3; }));
  EXPECT_THAT(names_in(folder), UnorderedElementsAre("A001.mov", "logo.jpg", "scan.jpg"));
  EXPECT_EQ(size_of(folder / "A001.mov"), "640x360");
}

TEST_F(Lens, TwoOriginalsOfOneStemGetTwoNames) {
  add_picture("shot.jpg", "640x480");
  add_picture("shot.tiff", "320x240");
  mount_and_work();
  make("demo/shot.jpg", "thumb");
  make("demo/shot.tiff", "thumb");

  const path folder = at("Resolutions/thumb/Projects/demo");
  EXPECT_TRUE(wait_until([&] { return names_in(folder).size() == 2; }));
  EXPECT_THAT(names_in(folder), UnorderedElementsAre("shot.jpg", StartsWith("shot~")));
  for (const std::string& name : names_in(folder)) EXPECT_TRUE(is_there(folder / name));
}

TEST_F(Lens, ANewVersionShowsItsOwnRendition) {
  add_picture("photo.jpg", "640x480");
  mount_and_work();
  const path thumb = at("Resolutions/thumb/Projects/demo/photo.jpg");
  ASSERT_EQ(size_of(thumb), "256x192");

  add_picture("photo.jpg", "480x640");

  EXPECT_TRUE(wait_until([&] { return is_there(thumb) && size_of(thumb) == "192x256"; }, kMade));
}

TEST_F(Lens, ARenditionHasItsName) {
  add_picture("logo.png", "1600x900");
  mount_and_work();

  EXPECT_EQ(size_of(at("Projects/demo/logo@w800.webp")), "800x450");
  EXPECT_EQ(size_of(at("Projects/demo/logo@h90.jpg")), "160x90");
  EXPECT_THAT(names_in(at("Projects/demo")), ElementsAre("logo.png"));
}

TEST_F(Lens, AFrameOfAClipHasItsName) {
  add_clip("A001.mov");
  mount_and_work();

  EXPECT_EQ(size_of(at("Projects/demo/A001@f12.png")), "1920x1080");
  EXPECT_FALSE(is_there(at("Projects/demo/A001@f1200.png")));
}

TEST_F(Lens, AFrameThatTheClipDoesNotHaveIsLookedForOnce) {
  add_clip("A001.mov");
  mount_and_work();
  const path frame = at("Projects/demo/A001@f99999.png");

  EXPECT_FALSE(is_there(frame));
  EXPECT_FALSE(is_there(frame));

  const Ran jobs = library_command("jobs", {"--json"});
  EXPECT_THAT(jobs.out, HasSubstr("\"state\":\"failed\""));
  EXPECT_THAT(jobs.out, HasSubstr("\"attempts\":1"));
}

TEST_F(Lens, AFileOfTheNameWins) {
  add_picture("logo.png", "1600x900");
  ASSERT_TRUE(add("logo@w800.webp", "mine"));
  mount_and_work();

  EXPECT_EQ(contents_of(at("Projects/demo/logo@w800.webp")), "mine");
}

TEST_F(Lens, WhatCannotBeMadeFallsBackAndSaysWhy) {
  ASSERT_TRUE(add("broken.jpg", "\xff\xd8\xff" + noise(400)));
  mount_and_work();
  const path shown = at("Resolutions/thumb/Projects/demo/broken.jpg");

  EXPECT_TRUE(wait_until([&] { return is_there(shown); }, kMade));
  EXPECT_EQ(contents_of(shown), "\xff\xd8\xff" + noise(400));
  EXPECT_THAT(xattr_text(at("Projects/demo/broken.jpg"), "user.lensfs.state.thumb"),
              StartsWith("failed: "));
}

TEST_F(Lens, EagerProfilesAreMadeAtIngest) {
  settings("[renditions]\neager = [\"thumb\"]\n");
  mount_and_work();
  add_picture("photo.jpg", "640x480");

  EXPECT_TRUE(wait_until(
      [&] { return names_in(at("Resolutions/thumb/Projects/demo")).size() == 1; }, kMade));
}

TEST_F(Lens, AProjectWhereNothingIsMadeShowsOriginals) {
  settings("[renditions.projects.demo]\nmake = \"off\"\n");
  add_picture("photo.jpg", "640x480");
  mount_and_work();

  EXPECT_THAT(names_in(at("Resolutions/thumb/Projects/demo")), ElementsAre("photo.jpg"));
  EXPECT_EQ(size_of(at("Resolutions/thumb/Projects/demo/photo.jpg")), "640x480");
}

// --- a drive that is rooted at a profile

TEST_F(Lens, ADriveRootedAtAProfileHasTheSameNames) {
  add_clip("A001.mov");
  mount_and_work();
  make("demo/A001.mov", "360p");
  ASSERT_EQ(size_of(at("Projects/demo/A001.mov")), "1920x1080");

  ASSERT_EQ(lensfs({"lens", mountpoint().string(), "360p"}).exit, 0);

  EXPECT_THAT(names_in(at("Projects/demo")), ElementsAre("A001.mov"));
  EXPECT_EQ(size_of(at("Projects/demo/A001.mov")), "640x360");
  EXPECT_EQ(lensfs({"lens", mountpoint().string()}).out, "360p\n");
}

TEST_F(Lens, WhatIsOpenStaysWhatItWasWhenTheLensChanges) {
  ASSERT_TRUE(add("note.txt", "words"));
  ASSERT_TRUE(mount());
  const int file = ::open(at("Projects/demo/note.txt").c_str(), O_RDWR);
  ASSERT_GE(file, 0);

  ASSERT_EQ(lensfs({"lens", mountpoint().string(), "720p"}).exit, 0);

  EXPECT_EQ(::pwrite(file, "WORDS", 5, 0), 5);
  EXPECT_EQ(::close(file), 0);
  EXPECT_EQ(::open(at("Projects/demo/note.txt").c_str(), O_RDWR), -1);
  EXPECT_EQ(errno, EROFS);
  ASSERT_EQ(lensfs({"lens", mountpoint().string(), "original"}).exit, 0);
  EXPECT_EQ(contents_of(at("Projects/demo/note.txt")), "WORDS");
}

TEST_F(Lens, AMountCanBeginAtAProfile) {
  ASSERT_TRUE(add("note.txt", "words"));
  const Ran mounted = lensfs(
      {"mount", library().string(), mountpoint().string(), "--lens", "720p", "-o", "no_work"});
  ASSERT_EQ(mounted.exit, 0) << mounted.err;

  EXPECT_EQ(contents_of(at("Projects/demo/note.txt")), "words");
  EXPECT_THAT(names_in(mountpoint()), Not(Contains("Resolutions")));
}

TEST_F(Lens, AProfileThatIsNotThereIsRefused) {
  const Ran ran = lensfs({"mount", library().string(), mountpoint().string(), "--lens", "8000p"});

  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("no such profile"));
}

TEST_F(Lens, TheLensOutlivesTheWorker) {
  ASSERT_TRUE(add("note.txt", "words"));
  ASSERT_TRUE(mount());
  ASSERT_EQ(lensfs({"lens", mountpoint().string(), "720p"}).exit, 0);
  const pid_t before = worker();

  ASSERT_EQ(::kill(before, SIGKILL), 0);

  EXPECT_TRUE(wait_until([&] { return worker() != before && worker() > 0; }));
  EXPECT_EQ(lensfs({"lens", mountpoint().string()}).out, "720p\n");
  EXPECT_THAT(names_in(mountpoint()), Not(Contains("Trash")));
}

}  // namespace
}  // namespace lensfs::test
