// Image sequences through profiles, made by real workers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/drive.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;

constexpr int kFrames = 12;

class SequenceLens : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    LENSFS_NEEDS("ffmpeg");
    LENSFS_NEEDS("vipsheader");
    write_file(library() / "lensfs.toml", "[renditions]\neager = []\nwait = \"60s\"\n");
    const path frames = scratch() / "frames";
    std::filesystem::create_directories(frames);
    const Ran made = run({"ffmpeg", "-v", "error", "-f", "lavfi", "-i",
                          "testsrc2=size=1920x1080:rate=25", "-frames:v", std::to_string(kFrames),
                          "-start_number", "1001", (frames / "plate.%04d.png").string()});
    ASSERT_EQ(made.exit, 0) << made.err;
    const Ran ingested =
        library_command("ingest", {frames.string() + "/", "--project", "demo", "--sequences"});
    ASSERT_EQ(ingested.exit, 0) << ingested.err;
    ASSERT_TRUE(mount({.options = {}, .open_files = {}, .work = MountWith::Work::yes}));
  }
  [[nodiscard]] path sequence() const { return at("Projects/demo/plate.[1001-1012].png"); }
  static std::string entries(const path& video, const std::string& wanted) {
    const Ran ran = run({"ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0",
                         "-show_entries", "stream=" + wanted, "-of", "csv=p=0", video.string()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran.out.substr(0, ran.out.find('\n'));
  }
};

TEST_F(SequenceLens, ShowsAVideoUnderTheNameWithoutTheFrames) {
  const path video = at("Resolutions/720p/Projects/demo/plate.mov");

  ASSERT_TRUE(is_there(video)) << "made when it is looked for";

  EXPECT_EQ(entries(video, "width,height,r_frame_rate,nb_read_frames"), "1280,720,25/1,12");
  EXPECT_THAT(names_in(at("Resolutions/720p/Projects/demo")), ElementsAre("plate.mov"));
  EXPECT_EQ(xattr_text(sequence(), "user.lensfs.state.720p"), "ready");
}

TEST_F(SequenceLens, ShowsTheFrameInTheMiddleAsAStill) {
  const path thumb = at("Resolutions/thumb/Projects/demo/plate.jpg");

  ASSERT_TRUE(is_there(thumb));

  const Ran ran = run({"vipsheader", thumb.string()});
  EXPECT_THAT(ran.out, testing::HasSubstr("256x144"));
}

TEST_F(SequenceLens, MakesAFilmstripOfItsFrames) {
  const path strip = at("Resolutions/filmstrip/Projects/demo/plate.jpg");

  ASSERT_TRUE(is_there(strip));

  const Ran ran = run({"vipsheader", strip.string()});
  EXPECT_THAT(ran.out, testing::HasSubstr("1600x180")) << "twelve tiles in rows of ten";
}

TEST_F(SequenceLens, RunsAtTheRateOfItsField) {
  ASSERT_EQ(set_xattr(sequence(), "user.lensfs.field.fps", "23.976"), 0);
  const path video = at("Resolutions/360p/Projects/demo/plate.mov");

  ASSERT_TRUE(is_there(video));

  EXPECT_EQ(entries(video, "r_frame_rate,nb_read_frames"), "24000/1001,12");
}

TEST_F(SequenceLens, TakesAProxyThatIsAsLongAndAsFastAsItsFrames) {
  const auto proxy = [&](const char* name, int frames) {
    const path made = scratch() / name;
    const Ran ran = run({"ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25",
                         "-frames:v", std::to_string(frames), "-c:v", "mpeg4", made.string()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return made.string();
  };
  const std::string place = "Projects/demo/plate.[1001-1012].png";

  const Ran wrong =
      library_command("rendition", {"attach", place, proxy("short.mov", 9), "-p", "360p"});
  const Ran right =
      library_command("rendition", {"attach", place, proxy("proxy.mov", kFrames), "-p", "360p"});

  EXPECT_NE(wrong.exit, 0);
  EXPECT_THAT(wrong.err, testing::HasSubstr("another length"));
  EXPECT_EQ(right.exit, 0) << right.err;
  EXPECT_TRUE(same_bytes(read_at_once(at("Resolutions/360p/Projects/demo/plate.mov")),
                         read_at_once(scratch() / "proxy.mov").value_or("")));
}

TEST_F(SequenceLens, ShowsTheFramesThemselvesWhereTheProfileDoesNotApply) {
  write_file(library() / "lensfs.toml", "[profile.sound]\naudio = { form = \"audio\" }\n");
  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount());
  const path folder = at("Resolutions/sound/Projects/demo/plate.[1001-1012].png");

  EXPECT_THAT(names_in(folder), Contains("plate.1012.png"));
  EXPECT_TRUE(same_bytes(read_at_once(folder / "plate.1005.png"),
                         read_at_once(scratch() / "frames/plate.1005.png").value_or("")));
}

}  // namespace
}  // namespace lensfs::test
