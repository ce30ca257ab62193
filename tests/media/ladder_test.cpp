// Video renditions.
#include <gmock/gmock.h>

#include <cmath>

#include "catalog/base/fd.h"
#include "tests/media/making.h"

namespace lensfs {
namespace {

using test::difference;
using test::ffmpeg;
using test::frame_of;
using test::make_all;
using test::make_one;
using test::probe;
using test::stream_of;
using test::TempDir;
using testing::HasSubstr;

std::string picture(const std::string& size, const std::string& rate, int seconds) {
  return "testsrc2=s=" + size + ":r=" + rate + ":d=" + std::to_string(seconds);
}

double seconds(const nlohmann::json& of) {
  return std::stod(of.value("duration", "-1"));
}

TEST(Ladder, KeepsFramesRateAndDurationInEverySize) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("640x360", "30000/1001", 2), "-f", "lavfi", "-i",
          "sine=d=2:r=48000", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
          "-c:a", "aac", source});

  const auto made = make_all(
      source,
      {"video.1 format=mov", "video.1 box=320x320 format=mov", "video.1 box=128x128 format=mp4"},
      folder.path());

  const std::vector<std::pair<int, int>> sizes = {{640, 360}, {320, 180}, {128, 72}};
  for (std::size_t rung = 0; rung < made.size(); ++rung) {
    ASSERT_TRUE(made[rung].made) << made[rung].made.error().message();
    EXPECT_EQ(made[rung].made->frames, 60);
    EXPECT_EQ(made[rung].made->width, sizes[rung].first);
    const auto probed = probe(made[rung].path);
    const auto video = stream_of(probed, "video");
    EXPECT_EQ(video["nb_read_frames"], "60");
    EXPECT_EQ(video["r_frame_rate"], "30000/1001");
    EXPECT_EQ(video["width"], sizes[rung].first);
    EXPECT_EQ(video["height"], sizes[rung].second);
    EXPECT_EQ(video["codec_name"], "h264");
    EXPECT_EQ(video["profile"], "High");
    EXPECT_EQ(video["pix_fmt"], "yuv420p");
    EXPECT_EQ(video["start_time"], "0.000000");
    EXPECT_NEAR(seconds(video), 2.002, 0.001);
    EXPECT_NEAR(seconds(stream_of(probed, "audio")), 2.0, 0.01);
    EXPECT_LT(difference(frame_of(made[rung].path, 40, 128, 72), frame_of(source, 40, 128, 72)), 8);
  }
}

TEST(Ladder, PutsTheIndexInFront) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("128x72", "25", 1), "-c:v", "mpeg4", source});

  const auto made = make_one(source, "video.1 format=mp4", folder.path());

  const std::string bytes = *read_text(made.path, 1 << 26);
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

TEST(Ladder, NeverEnlargesAndHasEvenSides) {
  const TempDir folder;
  const auto source = folder / "clip.mkv";
  ffmpeg({"-f", "lavfi", "-i", picture("101x57", "25", 1), "-pix_fmt", "yuv444p", "-c:v", "ffv1",
          source});

  const auto made = make_one(source, "video.1 box=1920x1080 format=mov", folder.path());

  EXPECT_EQ(made.made->width, 102 - 2 * (made.made->width == 100));
  EXPECT_EQ(made.made->width % 2, 0);
  EXPECT_EQ(made.made->height % 2, 0);
  EXPECT_LE(std::abs(made.made->height - 57), 1);
}

TEST(Ladder, MakesPixelsSquare) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("720x576", "25", 1), "-vf", "setsar=64/45", "-c:v", "mpeg4",
          source});

  const auto made = make_one(source, "video.1 format=mov", folder.path());

  EXPECT_EQ(made.made->width, 1024);
  EXPECT_EQ(made.made->height, 576);
  EXPECT_EQ(stream_of(probe(made.path), "video")["sample_aspect_ratio"], "1:1");
}

class TurnedLadder : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(ByQuarters, TurnedLadder, testing::Values(90, 180, 270));

TEST_P(TurnedLadder, BakesTheTurnIn) {
  const TempDir folder;
  const auto flat = folder / "flat.mov";
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("320x180", "25", 1), "-c:v", "mpeg4", "-q:v", "2", flat});
  ffmpeg({"-i", flat, "-c", "copy", "-metadata:s:v:0", "rotate=" + std::to_string(GetParam()),
          source});

  const auto made = make_one(source, "video.1 format=mov quality=12", folder.path());

  const bool upright = GetParam() != 180;
  EXPECT_EQ(made.made->width, upright ? 180 : 320);
  const auto video = stream_of(probe(made.path), "video");
  EXPECT_FALSE(video.contains("side_data_list")) << video.dump();
  const int width = made.made->width;
  const int height = made.made->height;
  EXPECT_LT(difference(frame_of(made.path, 3, width, height), frame_of(source, 3, width, height)),
            4);
}

TEST(Ladder, KeepsTheTimecodeAndItsDroppedFrames) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("128x72", "30000/1001", 1), "-c:v", "mpeg4", "-timecode",
          "00:59:55;10", "-metadata:s:v:0", "reel_name=A001", source});

  const auto made = make_all(
      source, {"video.1 format=mov", "video.1 format=mp4", "video.1 format=mxf"}, folder.path());

  for (const auto& one : made) {
    ASSERT_TRUE(one.made) << one.made.error().message();
    const auto probed = probe(one.path);
    EXPECT_THAT(probed.dump(), HasSubstr("\"timecode\":\"00:59:55;10\""));
  }
  EXPECT_THAT(probe(made[0].path).dump(), HasSubstr("\"reel_name\":\"A001\""));
}

TEST(Ladder, KeepsWhatATimecodeTrackCounts) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("128x72", "50", 1), "-c:v", "mpeg4", "-timecode",
          "10:00:00:24", source});

  const auto made = make_one(source, "video.1 format=mov", folder.path());

  const auto track = stream_of(probe(made.path), "data");
  EXPECT_EQ(track["tags"]["timecode"], "10:00:00:24");
  EXPECT_EQ(track["avg_frame_rate"], stream_of(probe(source), "data")["avg_frame_rate"]);
}

TEST(Ladder, KeepsEveryTrackOfSoundWithItsChannels) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f",
          "lavfi",
          "-i",
          picture("128x72", "25", 1),
          "-f",
          "lavfi",
          "-i",
          "sine=d=1:r=48000",
          "-f",
          "lavfi",
          "-i",
          "anullsrc=cl=5.1:r=44100:d=1",
          "-f",
          "lavfi",
          "-i",
          "anullsrc=cl=stereo:r=22050:d=1",
          "-map",
          "0",
          "-map",
          "1",
          "-map",
          "2",
          "-map",
          "3",
          "-c:v",
          "mpeg4",
          "-c:a",
          "pcm_s24le",
          "-metadata:s:a:1",
          "language=nor",
          source});

  const auto made = make_all(
      source, {"video.1 format=mov", "video.1 format=mp4", "video.1 format=mxf"}, folder.path());

  const std::vector<int> channels = {1, 6, 2};
  const std::vector<std::string> rates = {"48000", "44100", "22050"};
  for (std::size_t file = 0; file < made.size(); ++file) {
    ASSERT_TRUE(made[file].made) << made[file].made.error().message();
    const auto probed = probe(made[file].path);
    for (std::size_t track = 0; track < channels.size(); ++track) {
      const auto sound = stream_of(probed, "audio", track);
      EXPECT_EQ(sound["channels"], channels[track]);
      EXPECT_EQ(sound["sample_rate"], file == 2 ? "48000" : rates[track]);
      EXPECT_EQ(sound["codec_name"], file == 2 ? "pcm_s24le" : "aac");
      EXPECT_NEAR(seconds(sound), 1.0, 0.04);
    }
  }
  EXPECT_EQ(stream_of(probe(made[0].path), "audio", 1)["tags"]["language"], "nor");
}

TEST(Ladder, LeavesChannelsWithoutALayoutUncompressed) {
  const TempDir folder;
  const auto sound = folder / "poly.wav";
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", "aevalsrc=0|0|0|0|0|0|0|0|0|0:s=48000:d=1", "-c:a", "pcm_s16le",
          sound});
  ffmpeg({"-f", "lavfi", "-i", picture("128x72", "25", 1), "-i", sound, "-c:v", "mpeg4", "-c:a",
          "copy", source});

  const auto made = make_all(source, {"video.1 format=mov", "video.1 format=mp4"}, folder.path());

  ASSERT_TRUE(made[0].made) << made[0].made.error().message();
  const auto track = stream_of(probe(made[0].path), "audio");
  EXPECT_EQ(track["channels"], 10);
  EXPECT_EQ(track["codec_name"], "pcm_s16le");
  ASSERT_FALSE(made[1].made);
  EXPECT_EQ(made[1].made.error().code(), Errc::not_supported);
}

TEST(Ladder, RemovesInterlacing) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  // Fields of different times: a comb, wherever something moves.
  ffmpeg({"-f", "lavfi", "-i", picture("320x240", "50", 1), "-vf",
          "interlace=lowpass=0,fieldorder=tff", "-c:v", "mpeg2video", "-flags", "+ildct+ilme",
          "-q:v", "2", "-top", "1", source});

  const auto made = make_one(source, "video.1 format=mov quality=8", folder.path());

  const auto video = stream_of(probe(made.path), "video");
  EXPECT_EQ(video["nb_read_frames"], "25");
  EXPECT_EQ(video["field_order"], "progressive");
  const auto reference = frame_of(source, 10, 320, 240, "bwdif=mode=send_frame");
  const auto combed = frame_of(source, 10, 320, 240);
  const auto ours = frame_of(made.path, 10, 320, 240);
  EXPECT_LT(difference(ours, reference), 4);
  EXPECT_LT(difference(ours, reference), difference(ours, combed));
}

TEST(Ladder, GivesUnevenFramesAStandardRate) {
  const TempDir folder;
  const auto source = folder / "clip.mp4";
  // Three of four frames stay, at times that jump by one or two slots.
  ffmpeg({"-f", "lavfi", "-i", picture("128x72", "40", 4), "-vf", "select=mod(n\\,4)", "-vsync",
          "vfr", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", source});

  const auto made = make_one(source, "video.1 format=mov", folder.path());

  const auto video = stream_of(probe(made.path), "video");
  EXPECT_EQ(video["r_frame_rate"], "30/1");
  EXPECT_NEAR(seconds(video), seconds(stream_of(probe(source), "video")), 1.0 / 30);
}

TEST(Ladder, KeepsSoundWhereItWas) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("128x72", "25", 2), "-itsoffset", "0.5", "-f", "lavfi", "-i",
          "sine=f=1000:d=1:r=48000", "-c:v", "mpeg4", "-c:a", "pcm_s16le", source});

  const auto made = make_one(source, "video.1 format=mov", folder.path());

  const auto samples = test::samples_of(made.path);
  const auto loud = [&](double from, double to) {
    int most = 0;
    for (auto at = static_cast<std::size_t>(from * 48000);
         at < std::min(samples.size(), static_cast<std::size_t>(to * 48000)); ++at) {
      most = std::max(most, std::abs(samples[at]));
    }
    return most;
  };
  EXPECT_LT(loud(0.05, 0.47), 100);
  EXPECT_GT(loud(0.52, 1.45), 2000);
  EXPECT_NEAR(static_cast<double>(samples.size()) / 48000, 1.5, 0.03);
}

TEST(Ladder, KeepsALateVideoLate) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f",         "lavfi",
          "-i",         "sine=d=2:r=48000",
          "-itsoffset", "0.48",
          "-f",         "lavfi",
          "-i",         picture("128x72", "25", 1),
          "-map",       "1",
          "-map",       "0",
          "-c:v",       "mpeg4",
          "-c:a",       "pcm_s16le",
          "-vsync",     "vfr",
          source});

  const auto made = make_all(source, {"video.1 format=mov", "video.1 format=mxf"}, folder.path());

  ASSERT_TRUE(made[0].made && made[1].made);
  const auto probed = probe(made[0].path);
  EXPECT_EQ(stream_of(probed, "video")["start_time"], "0.480000");
  EXPECT_EQ(stream_of(probed, "video")["nb_read_frames"], "25");
  EXPECT_EQ(stream_of(probed, "audio")["start_time"], "0.000000");
  EXPECT_NEAR(std::stod(std::string(probed["format"]["duration"])), 2.0, 0.04);
  EXPECT_NEAR(seconds(stream_of(probe(made[1].path), "audio")), 1.0, 0.04);
}

TEST(Ladder, MakesFullRangeLimited) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("320x180", "25", 1), "-pix_fmt", "yuvj420p", "-c:v", "mjpeg",
          "-q:v", "2", source});

  const auto made = make_one(source, "video.1 format=mov quality=8", folder.path());

  EXPECT_EQ(stream_of(probe(made.path), "video")["color_range"], "tv");
  EXPECT_LT(difference(frame_of(made.path, 5, 320, 180), frame_of(source, 5, 320, 180)), 4);
}

TEST(Ladder, TagsRgbAs709) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("320x180", "25", 1), "-pix_fmt", "rgb24", "-c:v", "qtrle",
          source});

  const auto made = make_one(source, "video.1 format=mov quality=8", folder.path());

  const auto video = stream_of(probe(made.path), "video");
  EXPECT_EQ(video["color_space"], "bt709");
  EXPECT_EQ(video["color_range"], "tv");
  EXPECT_LT(difference(frame_of(made.path, 5, 320, 180), frame_of(source, 5, 320, 180)), 4);
}

TEST(Ladder, MapsHighDynamicRangeToStandard) {
  const TempDir folder;
  for (const std::string transfer : {"smpte2084", "arib-std-b67"}) {
    const auto source = folder / (transfer + ".mkv");
    ffmpeg({"-f", "lavfi", "-i", picture("320x180", "25", 1), "-pix_fmt", "yuv420p10le", "-c:v",
            "ffv1", "-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc",
            "-color_range", "tv", source});

    const auto made = make_one(source, "video.1 format=mov quality=8", folder.path());

    const auto video = stream_of(probe(made.path), "video");
    EXPECT_EQ(video["color_transfer"], "bt709");
    EXPECT_EQ(video["color_primaries"], "bt709");
    EXPECT_EQ(video["color_space"], "bt709");
    const auto reference = frame_of(
        source, 5, 320, 180,
        "zscale=tin=" + transfer +
            ":pin=bt2020:min=bt2020nc:rin=tv:t=linear:npl=203:p=bt709:m=gbr,format=gbrpf32le,"
            "tonemap=mobius:param=0.3:peak=4.926,zscale=t=bt709:m=bt709:r=tv,format=yuv420p");
    EXPECT_LT(difference(frame_of(made.path, 5, 320, 180), reference), 4) << transfer;
    EXPECT_GT(difference(frame_of(source, 5, 320, 180), reference), 4) << transfer;
  }
}

TEST(Ladder, LaysTransparencyOverBlack) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg(
      {"-f", "lavfi", "-i",
       "color=white:s=64x64:r=25:d=1,format=rgba,geq=r=255:g=255:b=255:a=if(lt(X\\,32)\\,255\\,0)",
       "-c:v", "qtrle", source});

  const auto made = make_one(source, "video.1 format=mov quality=8", folder.path());

  const auto pixels = frame_of(made.path, 3, 64, 64);
  EXPECT_GT(pixels.red(8, 32), 240);
  EXPECT_LT(pixels.red(56, 32), 15);
}

TEST(Ladder, MakesMxfThatBeginsWithTheVideo) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("320x180", "25", 2), "-f", "lavfi", "-i", "sine=d=1:r=44100",
          "-c:v", "mpeg4", "-c:a", "aac", source});

  const auto made = make_one(source, "video.1 format=mxf quality=18", folder.path());

  EXPECT_EQ(made.made->extension, "mxf");
  const auto probed = probe(made.path);
  EXPECT_EQ(stream_of(probed, "video")["codec_name"], "mpeg2video");
  EXPECT_EQ(stream_of(probed, "video")["nb_read_frames"], "50");
  EXPECT_EQ(stream_of(probed, "audio")["codec_name"], "pcm_s16le");
  EXPECT_NEAR(seconds(stream_of(probed, "audio")), 2.0, 0.001);
  EXPECT_LT(difference(frame_of(made.path, 5, 320, 180), frame_of(source, 5, 320, 180)), 6);
}

TEST(Ladder, SaysThatSoundHasNoVideo) {
  const TempDir folder;
  const auto source = folder / "sound.wav";
  ffmpeg({"-f", "lavfi", "-i", "sine=d=1", source});

  const auto made = make_all(source, {"video.1 format=mov", "audio.1 format=m4a"}, folder.path());

  ASSERT_FALSE(made[0].made);
  EXPECT_EQ(made[0].made.error().code(), Errc::not_supported);
  EXPECT_THAT(made[0].made.error().message(), HasSubstr("no video"));
  EXPECT_TRUE(made[1].made);
}

TEST(Ladder, MakesTheSameBytesTwice) {
  const TempDir folder;
  const TempDir again;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", picture("128x72", "25", 1), "-f", "lavfi", "-i", "sine=d=1", "-c:v",
          "mpeg4", "-c:a", "aac", source});
  const std::vector<std::string> recipes = {"video.1 format=mov", "video.1 format=mxf",
                                            "audio.1 format=wav", "waveform.1"};

  const auto first = make_all(source, recipes, folder.path());
  const auto second = make_all(source, recipes, again.path());

  for (std::size_t index = 0; index < recipes.size(); ++index) {
    EXPECT_EQ(*read_text(first[index].path, 1 << 26), *read_text(second[index].path, 1 << 26))
        << recipes[index];
  }
}

}  // namespace
}  // namespace lensfs
