// Video renditions of numbered pictures.
#include <fcntl.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "catalog/base/fd.h"
#include "tests/media/making.h"

namespace lensfs {
namespace {

using test::difference;
using test::ffmpeg;
using test::frame_of;
using test::probe;
using test::stream_of;
using test::TempDir;
using testing::HasSubstr;

// A folder of frames as a source: what the catalog's client does with objects.
class Frames {
 public:
  explicit Frames(const std::filesystem::path& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      files_.push_back(entry.path());
    }
    std::sort(files_.begin(), files_.end());
  }
  // The number of a frame is what stands before its extension.
  [[nodiscard]] MediaSource source() const {
    return {.fd = -1,
            .size = 0,
            .extension = files_.front().extension().string().substr(1),
            .frames = files_.size(),
            .frame = [this](std::size_t index) -> Result<SourceFrame> {
              LENSFS_TRY(Fd file, open_path(files_[index], O_RDONLY));
              LENSFS_TRY(const struct stat status, stat_of(file.get()));
              return SourceFrame{.file = std::move(file),
                                 .size = status.st_size,
                                 .slot = number(index) - number(0)};
            }};
  }

 private:
  [[nodiscard]] std::int64_t number(std::size_t index) const {
    const std::string stem = files_[index].stem().string();
    return std::stoll(stem.substr(stem.rfind('.') + 1));
  }
  std::vector<std::filesystem::path> files_;
};

class SequenceMedia : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder()); }
  [[nodiscard]] std::filesystem::path folder() const { return directory_ / "frames"; }
  void make_frames(int count, const std::string& size, const std::string& extension) const {
    ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=" + size + ":r=25", "-frames:v", std::to_string(count),
            "-start_number", "1001", (folder() / ("plate.%04d." + extension)).string()});
  }
  // Of all frames of the folder.
  [[nodiscard]] std::vector<Result<Made>> make(const std::vector<std::string>& recipes) const {
    std::vector<Fd> outputs;
    std::vector<Order> orders;
    for (const std::string& recipe : recipes) {
      outputs.emplace_back(::open(made(outputs.size()).c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644));
      orders.push_back({.recipe = *Recipe::from_text(recipe), .output = outputs.back().get()});
    }
    const Frames frames(folder());
    return make_timed(frames.source(), orders, {});
  }
  [[nodiscard]] std::filesystem::path made(std::size_t number) const {
    return directory_ / ("made" + std::to_string(number));
  }

  TempDir directory_;
};

TEST_F(SequenceMedia, HasAsManyFramesAsItsVideoInEverySize) {
  make_frames(48, "1920x1080", "png");

  const auto answers = make({"video.1 box=1280x720 format=mov", "video.1 box=320x180 format=mp4"});

  for (std::size_t rung = 0; rung < answers.size(); ++rung) {
    ASSERT_TRUE(answers[rung]) << answers[rung].error().message();
    EXPECT_EQ(answers[rung]->frames, 48);
    const auto video = stream_of(probe(made(rung)), "video");
    EXPECT_EQ(video["nb_read_frames"], "48");
    EXPECT_EQ(video["r_frame_rate"], "25/1");
    EXPECT_EQ(video["width"], rung == 0 ? 1280 : 320);
    EXPECT_EQ(video["codec_name"], "h264");
    EXPECT_LT(difference(frame_of(made(rung), 30, 128, 72),
                         frame_of(folder() / "plate.1031.png", 0, 128, 72)),
              8);
  }
}

TEST_F(SequenceMedia, RunsAtTheRateOfTheRecipe) {
  make_frames(6, "128x72", "png");

  const auto answers = make({"video.1 format=mov rate=23976", "video.1 format=mov rate=48000",
                             "video.1 format=mxf rate=24000"});

  for (const auto& answer : answers) ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(stream_of(probe(made(0)), "video")["r_frame_rate"], "24000/1001");
  EXPECT_EQ(stream_of(probe(made(1)), "video")["r_frame_rate"], "48/1");
  EXPECT_EQ(stream_of(probe(made(2)), "video")["codec_name"], "mpeg2video");
}

TEST_F(SequenceMedia, StandsStillWhereFramesAreMissing) {
  make_frames(10, "128x72", "png");
  for (const char* name : {"plate.1004.png", "plate.1005.png"}) {
    std::filesystem::remove(folder() / name);
  }

  const auto answers = make({"video.1 format=mov"});

  ASSERT_TRUE(answers[0]) << answers[0].error().message();
  EXPECT_EQ(answers[0]->frames, 10);
  EXPECT_LT(
      difference(frame_of(made(0), 4, 128, 72), frame_of(folder() / "plate.1003.png", 0, 128, 72)),
      8);
}

TEST_F(SequenceMedia, PassesOverADamagedFrameButNotOverMost) {
  make_frames(4, "128x72", "png");
  std::filesystem::resize_file(folder() / "plate.1002.png", 20);

  const auto one = make({"video.1 format=mov"});
  for (const char* name : {"plate.1001.png", "plate.1003.png"}) {
    std::filesystem::resize_file(folder() / name, 20);
  }
  const auto most = make({"video.1 format=mov"});

  ASSERT_TRUE(one[0]) << one[0].error().message();
  EXPECT_EQ(one[0]->frames, 4);
  ASSERT_FALSE(most[0]);
}

TEST_F(SequenceMedia, ShowsLinearLightAsAScreenDoes) {
  // Middle grey of a scene, 0.18, is 46 % of a screen's range; read as it is, it would be 18 %.
  ffmpeg({"-f", "lavfi", "-i", "color=c=0x2e2e2e:s=64x64:r=25,format=gbrp", "-frames:v", "3",
          "-start_number", "1001", "-pix_fmt", "gbrpf32le", "-c:v", "exr",
          (folder() / "grey.%04d.exr").string()});

  const auto answers = make({"video.1 format=mov"});

  ASSERT_TRUE(answers[0]) << answers[0].error().message();
  EXPECT_NEAR(frame_of(made(0), 1, 64, 64).green(32, 32), 118, 6);
}

TEST_F(SequenceMedia, BecomesAFilmstrip) {
  make_frames(12, "320x180", "png");

  const auto answers = make({"filmstrip.1 box=160x90", "filmstrip.1 box=160x90 tiles=4"});

  for (const auto& answer : answers) ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answers[0]->width, 1600);
  EXPECT_EQ(answers[0]->height, 180);
  EXPECT_EQ(answers[1]->width, 640);
}

TEST_F(SequenceMedia, HasNoSound) {
  make_frames(3, "64x64", "png");

  const auto answers = make({"audio.1 format=m4a", "waveform.1 box=100x50"});

  for (const auto& answer : answers) {
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message(), HasSubstr("no sound"));
  }
}

}  // namespace
}  // namespace lensfs
