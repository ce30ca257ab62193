// Proxies that somebody brings by writing them where the drive shows renditions.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kProxies = "Resolutions/720p/Projects/demo";

std::string contents_of(const path& file) {
  return read_at_once(file).value_or("");
}

// Nobody makes renditions here, so what is there was brought.
class Brought : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    LENSFS_NEEDS("ffmpeg");
    write_file(library() / "lensfs.toml", "[renditions]\neager = []\nwait = \"0\"\n");
    ASSERT_TRUE(ingest(clip("A001.mov", 50, "1280x720").string()));
    ASSERT_TRUE(mount());
  }
  // So many frames, 25 a second, and a stereo track.
  [[nodiscard]] path clip(const std::string& name, int frames,
                          const std::string& size = "640x360") const {
    const path made = scratch() / name;
    std::filesystem::create_directories(made.parent_path());
    const std::string length = std::to_string(frames / 25.0);
    const Ran ran = run({"ffmpeg",  "-v",        "error",      "-y",
                         "-f",      "lavfi",     "-i",         "testsrc2=rate=25:size=" + size,
                         "-f",      "lavfi",     "-i",         "sine",
                         "-t",      length,      "-c:v",       "libx264",
                         "-preset", "ultrafast", "-c:a",       "aac",
                         "-ac",     "2",         made.string()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return made;
  }
  [[nodiscard]] path proxy(const std::string& name = "A001.mov") const {
    return at(kProxies) / name;
  }
  [[nodiscard]] std::string state() const {
    return xattr_text(at("Projects/demo/A001.mov"), "user.lensfs.state.720p");
  }
  // Whether it comes to be what the drive shows there.
  [[nodiscard]] static bool becomes(const path& shown, const path& brought) {
    const std::string bytes = contents_of(brought);
    return !bytes.empty() && wait_until([&] { return contents_of(shown) == bytes; });
  }
  [[nodiscard]] static int open_error(const path& file, int flags) {
    const Fd opened(::open(file.c_str(), flags, 0644));
    return opened ? 0 : errno;
  }
};

TEST_F(Brought, AProxyThatIsCopiedThereIsTheRendition) {
  const path made = clip("A001_Proxy.mov", 50);

  const Ran copied = run({"cp", "-p", made.string(), proxy().string()});

  EXPECT_EQ(copied.exit, 0) << copied.err;
  EXPECT_TRUE(becomes(proxy(), made));
  EXPECT_EQ(state(), "ready");
  EXPECT_THAT(names_in(at(kProxies)), ElementsAre("A001.mov"));
  const Ran listed = library_command("rendition", {"list", "Projects/demo/A001.mov"});
  EXPECT_THAT(listed.out, HasSubstr("attached"));
  EXPECT_EQ(library_command("verify", {}).exit, 0);
}

TEST_F(Brought, ItMayBeWrittenInPiecesByAnyProgramAndBelowAProfileFolder) {
  const path folder = at("Projects/demo/@360p");
  const Ran written = run({"ffmpeg", "-v", "error", "-y", "-i", (scratch() / "A001.mov").string(),
                           "-c", "copy", (folder / "A001.mov").string()});

  EXPECT_EQ(written.exit, 0) << written.err;
  EXPECT_TRUE(wait_until([&] {
    return xattr_text(at("Projects/demo/A001.mov"), "user.lensfs.state.360p") == "ready";
  }));
}

TEST_F(Brought, OneThatIsUnlikeItsSourceIsRefusedAtCloseAndVanishes) {
  const path made = clip("A001_Proxy.mov", 40);

  const Ran copied = run({"cp", made.string(), proxy().string()});

  EXPECT_EQ(copied.exit, 1);
  EXPECT_THAT(copied.err, HasSubstr("Invalid argument"));
  EXPECT_TRUE(wait_until([&] { return state().find("refused") != std::string::npos; }));
  EXPECT_THAT(state(),
              AllOf(StartsWith("pending"), HasSubstr("40 frames"), HasSubstr("50 frames")));
  EXPECT_FALSE(is_there(proxy()));
  EXPECT_THAT(names_in(at(kProxies)), IsEmpty());
}

TEST_F(Brought, ABetterOneTakesTheRefusalBack) {
  static_cast<void>(run({"cp", clip("short.mov", 40).string(), proxy().string()}));
  const path made = clip("A001_Proxy.mov", 50);

  EXPECT_EQ(run({"cp", made.string(), proxy().string()}).exit, 0);

  EXPECT_TRUE(becomes(proxy(), made));
  EXPECT_TRUE(wait_until([&] { return state() == "ready"; }));
}

TEST_F(Brought, WhatCannotBeDecodedIsRefused) {
  write_file(scratch() / "noise.mov", movie(100'000));

  const Ran copied = run({"cp", (scratch() / "noise.mov").string(), proxy().string()});

  EXPECT_EQ(copied.exit, 1);
  EXPECT_THAT(copied.err, HasSubstr("Invalid argument"));
  EXPECT_THAT(state(), HasSubstr("refused"));
  EXPECT_FALSE(is_there(proxy()));
}

TEST_F(Brought, OnlyNamesOfRenditionsCanBeWritten) {
  const int make = O_CREAT | O_EXCL | O_WRONLY;

  EXPECT_EQ(open_error(proxy("A002.mov"), make), EROFS);
  EXPECT_EQ(open_error(proxy("A001.mp4"), make), EROFS) << "its rendition is called A001.mov";
  EXPECT_EQ(open_error(proxy(".A001.mov.x7d"), make), EROFS);
  EXPECT_EQ(open_error(at("Resolutions/original/Projects/demo/A003.mov"), make), EROFS);
  EXPECT_EQ(open_error(at("Resolutions/A001.mov"), make), EROFS);
  EXPECT_EQ(::mkdir(proxy("folder").c_str(), 0755), -1);
  EXPECT_EQ(errno, EROFS);
}

TEST_F(Brought, NothingInThePastCanBeWritten) {
  const path moment = at("Versions/2099-01-01/Projects/demo");

  EXPECT_EQ(open_error(moment / "@720p/A001.mov", O_CREAT | O_EXCL | O_WRONLY), EROFS);
  EXPECT_EQ(open_error(moment / "A001.mov", O_WRONLY | O_TRUNC), EROFS);
  EXPECT_EQ(open_error(at("Projects/demo/A001@v1.mov"), O_WRONLY | O_TRUNC), EROFS);
  EXPECT_EQ(open_error(at("Resolutions/original/Projects/demo/A001.mov"), O_WRONLY | O_TRUNC),
            EROFS);
}

TEST_F(Brought, ReplacesARenditionAndWhoeverReadsTheOldOneKeepsIt) {
  const path first = clip("first.mov", 50);
  const path second = clip("second.mov", 50, "320x180");
  ASSERT_EQ(run({"cp", first.string(), proxy().string()}).exit, 0);
  ASSERT_TRUE(becomes(proxy(), first));
  const Fd reader(::open(proxy().c_str(), O_RDONLY));
  ASSERT_TRUE(reader);

  const Ran copied = run({"cp", second.string(), proxy().string()});

  EXPECT_EQ(copied.exit, 0) << copied.err;
  EXPECT_TRUE(becomes(proxy(), second));
  const auto status = stat_of(reader.get());
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(static_cast<std::uintmax_t>(status->st_size), std::filesystem::file_size(first));
  std::string old(contents_of(first).size() + 1, '\0');
  const auto got = read_full(reader.get(), std::as_writable_bytes(std::span(old)), 0);
  ASSERT_TRUE(got) << got.error().message();
  old.resize(*got);
  EXPECT_TRUE(old == contents_of(first)) << *got << " bytes";
}

TEST_F(Brought, OneThatIsRefusedLeavesTheRenditionThatIsThere) {
  const path first = clip("first.mov", 50);
  ASSERT_EQ(run({"cp", first.string(), proxy().string()}).exit, 0);
  ASSERT_TRUE(becomes(proxy(), first));

  EXPECT_EQ(run({"cp", clip("short.mov", 40).string(), proxy().string()}).exit, 1);

  EXPECT_TRUE(wait_until([&] { return state().find("refused") != std::string::npos; }));
  EXPECT_THAT(state(), StartsWith("ready; "));
  EXPECT_TRUE(contents_of(proxy()) == contents_of(first));
}

TEST_F(Brought, WritingIntoARenditionInPlaceIsRefused) {
  ASSERT_EQ(run({"cp", clip("first.mov", 50).string(), proxy().string()}).exit, 0);
  ASSERT_TRUE(wait_until([&] { return state() == "ready"; }));

  EXPECT_EQ(open_error(proxy(), O_WRONLY), EROFS);
  EXPECT_EQ(open_error(proxy(), O_RDWR), EROFS);
}

TEST_F(Brought, ADescriptorThatIsClosedEarlyIsNoEnd) {
  const path made = clip("A001_Proxy.mov", 50);
  const std::string script =
      "exec 3>'" + proxy().string() + "'; (exec 4>&3); cat '" + made.string() + "' >&3; exec 3>&-";

  EXPECT_EQ(run({"sh", "-c", script}).exit, 0);

  EXPECT_TRUE(becomes(proxy(), made));
}

TEST_F(Brought, ADriveThatIsRootedAtAProfileTakesItUnderTheNameOfTheFile) {
  ASSERT_EQ(lensfs({"lens", mountpoint().string(), "720p"}).exit, 0);
  const path made = clip("A001_Proxy.mov", 50);

  const Ran copied = run({"cp", made.string(), at("Projects/demo/A001.mov").string()});

  EXPECT_EQ(copied.exit, 0) << copied.err;
  EXPECT_TRUE(becomes(at("Projects/demo/A001.mov"), made));
}

TEST_F(Brought, APictureIsTakenWhateverItShows) {
  write_file(scratch() / "mine.png", picture(3000, 5));

  const Ran copied = run({"cp", (scratch() / "mine.png").string(),
                          at("Resolutions/thumb/Projects/demo/A001.png").string()});

  EXPECT_EQ(copied.exit, 0) << copied.err;
  EXPECT_TRUE(becomes(at("Resolutions/thumb/Projects/demo/A001.png"), scratch() / "mine.png"));
}

TEST_F(Brought, WhatAWorkerThatDiedWasGivenIsGoneAndSaysSo) {
  const Fd file(::open(proxy().c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644));
  ASSERT_TRUE(file);
  ASSERT_EQ(::pwrite(file.get(), "bytes", 5, 0), 5);
  const pid_t before = worker();

  ASSERT_EQ(::kill(before, SIGKILL), 0);
  ASSERT_TRUE(wait_until([&] { return worker() != before && worker() > 0; }));

  EXPECT_EQ(::pwrite(file.get(), "bytes", 5, 5), -1);
  EXPECT_EQ(errno, ESTALE);
  EXPECT_FALSE(is_there(proxy()));
}

}  // namespace
}  // namespace lensfs::test
