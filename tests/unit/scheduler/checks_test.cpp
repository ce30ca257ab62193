// Which engine makes what, and what counts as made.
#include <fcntl.h>
#include <gmock/gmock.h>

#include "catalog/base/fd.h"
#include "tests/support/fake_engines.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"
#include "transcode/client/alike.h"
#include "transcode/client/attach.h"
#include "transcode/client/made_check.h"
#include "transcode/scheduler/engine_choice.h"

namespace lensfs::test {
namespace {

using Form = Recipe::Form;
using testing::HasSubstr;

const Recipe kStill{.width = 256, .height = 256};
const Recipe kMovie{.form = Form::video, .format = "mov"};
const Recipe kSound{.form = Form::audio, .format = "m4a"};

TEST(EngineChoice, IsByKindAndForm) {
  for (const char* kind : {"image", "document", "design"}) {
    EXPECT_EQ(must(engine_of(kind, kStill)), Engine::stills) << kind;
  }
  for (const char* kind : {"video", "audio", "other"}) {
    EXPECT_EQ(must(engine_of(kind, kStill)), Engine::timed) << kind;
    EXPECT_EQ(must(engine_of(kind, kSound)), Engine::timed) << kind;
    EXPECT_EQ(must(engine_of(kind, {.form = Form::waveform})), Engine::timed) << kind;
  }
  EXPECT_EQ(must(engine_of("video", kMovie)), Engine::timed);
}

TEST(EngineChoice, RefusesWhatAKindCannotHaveInWords) {
  const auto still_movie = engine_of("image", kMovie);
  const auto seen_sound = engine_of("audio", {.form = Form::filmstrip});

  EXPECT_EQ(error_code(still_movie), Errc::not_supported);
  EXPECT_THAT(still_movie.error().message(), HasSubstr("no video is made of kind image"));
  EXPECT_EQ(error_code(seen_sound), Errc::not_supported);
  EXPECT_THAT(seen_sound.error().message(), HasSubstr("no moving picture"));
}

class MadeCheck : public testing::Test {
 protected:
  Fd file(const std::string& bytes) {
    must(write_text(dir_ / "file", bytes));
    return must(open_path(dir_ / "file", O_RDONLY));
  }
  TempDir dir_;
};

TEST_F(MadeCheck, TakesWhatTheRecipeSays) {
  for (const Recipe& recipe : {kStill, kMovie, kSound, Recipe{.format = "webp"},
                               Recipe{.form = Form::video, .format = "mxf"},
                               Recipe{.form = Form::audio, .format = "wav"}}) {
    const Fd made = file(fake_rendition("clip", recipe));
    EXPECT_TRUE(check_made(recipe, {.extension = fake_extension(recipe)}, made.get(), 1 << 20))
        << recipe.text();
  }
}

TEST_F(MadeCheck, RefusesWhatItDoesNotSay) {
  const Fd picture = file(fake_rendition("clip", kStill));
  const auto refusal = [&](const Recipe& recipe, const Made& made, std::int64_t limit = 1 << 20) {
    return error_code(check_made(recipe, made, picture.get(), limit));
  };

  EXPECT_EQ(refusal(kStill, {.extension = "png"}), Errc::corrupt) << "it is a JPEG";
  EXPECT_EQ(refusal(kStill, {.extension = "exe"}), Errc::corrupt);
  EXPECT_EQ(refusal(kMovie, {.extension = "jpg"}), Errc::corrupt);
  EXPECT_EQ(refusal({.format = "png"}, {.extension = "jpg"}), Errc::corrupt);
  EXPECT_EQ(refusal(kStill, {.extension = "jpg", .width = -1}), Errc::corrupt);
  EXPECT_EQ(refusal(kStill, {.extension = "jpg"}, 10), Errc::too_big);
  EXPECT_EQ(error_code(check_made(kStill, {.extension = "jpg"}, file("").get(), 10)),
            Errc::corrupt);
}

TEST_F(MadeCheck, OfWhatSomebodyBringsSaysWhatIsWrong) {
  const Fd movie = file(fake_rendition("clip", kMovie));
  const auto check = [&](const char* name, AttachOnly only = AttachOnly::what_fits) {
    return check_attached(kMovie, movie.get(), name, only);
  };

  EXPECT_EQ(must(check("proxy.MOV")), "mov");
  EXPECT_EQ(must(check("proxy.qt")), "mov");
  EXPECT_EQ(error_code(check("proxy.mp4")), Errc::invalid) << "another format than clip.mov";
  EXPECT_EQ(must(check("proxy.mp4", AttachOnly::anything)), "mp4");
  EXPECT_EQ(error_code(check("proxy.png")), Errc::invalid);
  EXPECT_EQ(error_code(check("proxy.png", AttachOnly::anything)), Errc::corrupt);
  EXPECT_EQ(error_code(check("proxy.avi", AttachOnly::anything)), Errc::invalid);
}

// --- what somebody brings beside its source

// Ten seconds of 25 frames each with a stereo track.
MediaFacts a_clip() {
  return {.width = 1920,
          .height = 1080,
          .rate_numerator = 25,
          .rate_denominator = 1,
          .frames = 250,
          .picture_ns = 10'000'000'000,
          .sound_ns = 10'000'000'000,
          .channels = {2}};
}

std::string difference(const Recipe& recipe, const MediaFacts& brought) {
  const Status alike = check_alike(recipe, a_clip(), brought);
  if (alike) return "";
  EXPECT_EQ(alike.error().code(), Errc::invalid);
  return alike.error().message();
}

TEST(Alike, AreClipsOfOneRateLengthAndSoundOfAnySize) {
  MediaFacts smaller = a_clip();
  smaller.width = 640;
  smaller.height = 360;
  MediaFacts a_frame_more = smaller;
  a_frame_more.frames = 251;
  MediaFacts same_rate = smaller;
  same_rate.rate_numerator = 50;
  same_rate.rate_denominator = 2;

  EXPECT_EQ(difference(kMovie, smaller), "");
  EXPECT_EQ(difference(kMovie, a_frame_more), "");
  EXPECT_EQ(difference(kMovie, same_rate), "");
}

TEST(Alike, NamesBothValuesOfWhatDiffers) {
  MediaFacts longer = a_clip();
  longer.frames = 252;
  longer.picture_ns = 10'080'000'000;
  MediaFacts faster = a_clip();
  faster.rate_numerator = 30000;
  faster.rate_denominator = 1001;
  MediaFacts tracks = a_clip();
  tracks.channels = {1, 1};
  MediaFacts silent = a_clip();
  silent.channels = {};

  EXPECT_THAT(difference(kMovie, longer),
              HasSubstr("it has 10.080 s (252 frames), its source 10.000 s (250 frames)"));
  EXPECT_THAT(difference(kMovie, faster),
              HasSubstr("it has 29.97 frames per second, its source 25 frames per second"));
  EXPECT_THAT(difference(kMovie, tracks),
              HasSubstr("it has 2 tracks of sound (1 + 1 channels), its source 1 track of sound (2 "
                        "channels)"));
  EXPECT_THAT(difference(kMovie, silent), HasSubstr("it has no sound"));
}

TEST(Alike, OfSoundAloneCountsTheFirstTrack) {
  MediaFacts sound{.sound_ns = 10'021'000'000, .channels = {2}};
  EXPECT_EQ(difference(kSound, sound), "") << "the last block is padded";
  EXPECT_NE(difference(kMovie, sound), "") << "there is no picture";
  sound.sound_ns = 10'100'000'000;
  EXPECT_THAT(difference(kSound, sound), HasSubstr("it has 10.100 s, its source 10.000 s"));
  sound = {.sound_ns = 10'000'000'000, .channels = {6}};
  EXPECT_THAT(difference(kSound, sound), HasSubstr("it has 1 track of sound (6 channels)"));
}

}  // namespace
}  // namespace lensfs::test
