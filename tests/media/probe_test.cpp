// What a source is, as probe_timed says it, and as other programs do.
#include <fcntl.h>
#include <gmock/gmock.h>

#include "catalog/base/fd.h"
#include "tests/media/making.h"
#include "tests/support/drive.h"
#include "tests/support/temp_dir.h"
#include "transcode/client/alike.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;

class Probing : public testing::Test {
 protected:
  void SetUp() override { LENSFS_NEEDS("ffmpeg"); }
  // A test picture and two tones of different length, of this many seconds; ffmpeg's words for it.
  std::filesystem::path clip(const std::string& name, const std::string& rate, double seconds,
                             std::vector<std::string> encoding) {
    std::vector<std::string> words = {
        "-f", "lavfi",
        "-i", "testsrc2=size=320x180:rate=" + rate + ":duration=" + std::to_string(seconds),
        "-f", "lavfi",
        "-i", "sine=frequency=300:duration=" + std::to_string(seconds + 0.3)};
    words.insert(words.end(), encoding.begin(), encoding.end());
    words.push_back((folder_ / name).string());
    ffmpeg(words);
    return folder_ / name;
  }
  static Result<MediaFacts> facts_of(const std::filesystem::path& file) {
    const auto open = open_path(file, O_RDONLY);
    return probe_timed({.fd = open->get(),
                        .size = stat_of(open->get())->st_size,
                        .extension = file.extension().string().substr(1)},
                       Progress());
  }
  TempDir folder_;
};

TEST_F(Probing, SaysHowLongHowFastAndHowLoud) {
  const std::vector<std::string> h264 = {"-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"};
  std::vector<std::string> bframes = h264;
  bframes.insert(bframes.end(), {"-bf", "2", "-ac", "2"});
  for (const char* name : {"a.mov", "a.mp4", "a.mkv", "a.ts", "a.avi"}) {
    const auto facts = facts_of(clip(name, "25", 2, bframes));
    ASSERT_TRUE(facts) << name << ": " << facts.error().message();
    EXPECT_EQ(facts->frames, 50) << name;
    EXPECT_EQ(facts->rate_numerator, 25 * facts->rate_denominator) << name;
    EXPECT_EQ(facts->width, 320) << name;
    EXPECT_THAT(facts->channels, ElementsAre(2)) << name;
    EXPECT_NEAR(static_cast<double>(facts->sound_ns), 2.3e9, 0.06e9) << name;
  }
}

TEST_F(Probing, KnowsTheRatesOfFilmAndTelevision) {
  const auto facts = facts_of(clip("a.mxf", "30000/1001", 2,
                                   {"-c:v", "mpeg2video", "-b:v", "5M", "-map", "0", "-map", "1",
                                    "-map", "1", "-c:a", "pcm_s16le", "-ar", "48000"}));

  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->rate_numerator, 30000);
  EXPECT_EQ(facts->rate_denominator, 1001);
  EXPECT_EQ(facts->frames, 60);
  EXPECT_THAT(facts->channels, ElementsAre(1, 1));
}

TEST_F(Probing, OfSoundAloneSaysHowLongItIs) {
  for (const char* name : {"a.wav", "a.m4a", "a.mp3"}) {
    const auto facts = facts_of(clip(name, "25", 2, {"-map", "1", "-ac", "2"}));
    ASSERT_TRUE(facts) << name << ": " << facts.error().message();
    EXPECT_EQ(facts->frames, 0) << name;
    EXPECT_EQ(facts->width, 0) << name;
    EXPECT_NEAR(static_cast<double>(facts->sound_ns), 2.3e9, 0.06e9) << name;
  }
}

TEST_F(Probing, TurnsThePictureAsItIsShown) {
  const auto flat = clip("flat.mov", "25", 1, {"-c:v", "libx264", "-an"});
  const auto turned = folder_ / "turned.mov";
  ffmpeg({"-i", flat.string(), "-c", "copy", "-metadata:s:v:0", "rotate=90", turned.string()});

  const auto facts = facts_of(turned);

  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->width, 180);
  EXPECT_EQ(facts->height, 320);
}

TEST_F(Probing, RefusesWhatTakesNoTime) {
  ASSERT_TRUE(write_text(folder_ / "a.mov", "words and more words"));

  EXPECT_FALSE(facts_of(folder_ / "a.mov"));
}

// Whatever is made here would be taken, had somebody brought it.
TEST_F(Probing, FindsWhatIsMadeHereAlikeItsSource) {
  const std::vector<std::string> h264 = {"-c:v", "libx264", "-preset", "ultrafast",
                                         "-c:a", "aac",     "-ac",     "2"};
  for (const auto& [name, rate] : {std::pair{"a.mov", "24000/1001"}, std::pair{"b.mkv", "30"}}) {
    const auto source = clip(name, rate, 1.5, h264);
    for (const char* recipe :
         {"video.1 box=160x90 format=mov", "video.1 box=160x90 format=mp4",
          "video.1 box=160x90 format=mxf", "audio.1 format=m4a", "audio.1 format=wav"}) {
      const Rendition made = make_one(source, recipe, folder_.path());
      const auto ours = facts_of(source);
      const auto its = facts_of(made.path);
      ASSERT_TRUE(ours && its) << name << " " << recipe;
      const Status alike = check_alike(*Recipe::from_text(recipe), *ours, *its);
      EXPECT_TRUE(alike) << name << " " << recipe << ": " << alike.error().message();
    }
  }
}

}  // namespace
}  // namespace lensfs::test
