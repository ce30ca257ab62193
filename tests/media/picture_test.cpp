// Stills, waveforms and filmstrips of what takes time, and sound alone.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/media/making.h"

namespace lensfs {
namespace {

using test::ffmpeg;
using test::frame_of;
using test::make_all;
using test::make_one;
using test::probe;
using test::stream_of;
using test::TempDir;
using testing::HasSubstr;

// Frame n is grey of 4 n + 16.
void make_numbered(const std::filesystem::path& at, const std::vector<std::string>& words) {
  std::vector<std::string> all = {
      "-f",       "lavfi",  "-i", "color=black:s=64x48:r=25:d=2,format=gray,geq=lum=4*N+16",
      "-pix_fmt", "yuv420p"};
  all.insert(all.end(), words.begin(), words.end());
  all.push_back(at);
  ffmpeg(all);
}

int grey_of(const std::filesystem::path& picture) {
  return frame_of(picture, 0, 64, 48).green(32, 24);
}

// What ffmpeg shows of the same frame.
int grey_in(const std::filesystem::path& clip, int number) {
  return frame_of(clip, number, 64, 48).green(32, 24);
}

TEST(StillOfVideo, IsExactlyTheFrame) {
  const TempDir folder;
  const auto mov = folder / "clip.mov";
  const auto ts = folder / "clip.ts";
  const auto mkv = folder / "clip.mkv";
  make_numbered(mov, {"-c:v", "libx264", "-g", "12", "-timecode", "01:00:00:00"});
  make_numbered(ts, {"-c:v", "libx264", "-g", "12"});
  make_numbered(mkv, {"-c:v", "libx264", "-g", "250", "-bf", "3"});

  for (const auto& source : {mov, ts, mkv}) {
    for (const int number : {0, 1, 11, 12, 13, 30, 49}) {
      const auto made =
          make_one(source, "still.1 format=png at=f" + std::to_string(number), folder.path());
      EXPECT_NEAR(grey_of(made.path), grey_in(source, number), 1) << source << " " << number;
    }
  }
}

TEST(StillOfVideo, CountsTimecodeFromTheClipsOwn) {
  const TempDir folder;
  const auto with = folder / "with.mov";
  const auto without = folder / "without.mov";
  make_numbered(with, {"-c:v", "libx264", "-timecode", "01:00:00:00"});
  make_numbered(without, {"-c:v", "libx264"});

  const auto one = make_one(with, "still.1 format=png at=01.00.01.05", folder.path());
  EXPECT_NEAR(grey_of(one.path), grey_in(with, 30), 1);
  const auto other = make_one(without, "still.1 format=png at=00.00.01.05", folder.path());
  EXPECT_NEAR(grey_of(other.path), grey_in(without, 30), 1);
  const auto early = make_all(with, {"still.1 at=00.59.59.00"}, folder.path());
  ASSERT_FALSE(early[0].made);
  EXPECT_EQ(early[0].made.error().code(), Errc::not_found);
}

TEST(StillOfVideo, SaysWhereAClipEnds) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  make_numbered(source, {"-c:v", "libx264"});

  for (const std::string at : {"f50", "f123456", "00.00.02.00"}) {
    const auto made = make_all(source, {"still.1 at=" + at}, folder.path());
    ASSERT_FALSE(made[0].made) << at;
    EXPECT_EQ(made[0].made.error().code(), Errc::not_found) << at;
    EXPECT_THAT(made[0].made.error().message(), HasSubstr("the last one is 49")) << at;
  }
  EXPECT_EQ(make_all(source, {"still.1 at=p2"}, folder.path())[0].made.error().code(),
            Errc::not_supported);
}

TEST(StillOfVideo, PosterIsNotBlack) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", "color=black:s=128x72:r=25:d=4", "-f", "lavfi", "-i",
          "testsrc2=s=128x72:r=25:d=6", "-filter_complex", "[0][1]concat", "-c:v", "libx264", "-g",
          "25", source});

  const auto made = make_one(source, "still.1 box=64x64", folder.path());

  EXPECT_EQ(made.made->extension, "jpg");
  EXPECT_EQ(made.made->width, 64);
  EXPECT_EQ(made.made->height, 36);
  const auto pixels = frame_of(made.path, 0, 64, 36);
  int most = 0;
  for (int x = 0; x < 64; ++x) most = std::max({most, pixels.red(x, 18), pixels.green(x, 18)});
  EXPECT_GT(most, 100);
}

TEST(StillOfVideo, KeepsColoursAndFormats) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1", "-vf",
          "scale=out_color_matrix=bt709,format=yuv420p", "-c:v", "libx264", "-crf", "4",
          "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", source});
  const auto reference = frame_of(source, 0, 320, 180);

  for (const std::string format : {"jpeg quality=95", "png", "webp quality=95"}) {
    const auto made = make_one(
        source,
        "still.1 format=" + format.substr(0, format.find(' ')) +
            (format.find(' ') != std::string::npos ? format.substr(format.find(' ')) : "") +
            " at=f0",
        folder.path());
    EXPECT_LT(test::difference(frame_of(made.path, 0, 320, 180), reference), 4) << format;
  }
}

TEST(StillOfVideo, JpegGrowsWithItsQuality) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1", "-c:v", "libx264", source});
  std::uintmax_t before = 0;

  for (const std::string quality : {"10", "40", "75", "95"}) {
    const auto made = make_one(source, "still.1 format=jpeg quality=" + quality, folder.path());
    EXPECT_GT(std::filesystem::file_size(made.path), before);
    before = std::filesystem::file_size(made.path);
  }
}

TEST(StillOfVideo, IsPngWhereThereIsTransparency) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg(
      {"-f", "lavfi", "-i", "color=red@0.0:s=64x64:r=25:d=1,format=rgba", "-c:v", "qtrle", source});

  const auto made = make_one(source, "still.1", folder.path());

  EXPECT_EQ(made.made->extension, "png");
  EXPECT_EQ(stream_of(probe(made.path), "video")["pix_fmt"], "rgba");
}

TEST(StillOfSound, IsItsCover) {
  const TempDir folder;
  const auto cover = folder / "cover.png";
  const auto source = folder / "song.mp3";
  ffmpeg({"-f", "lavfi", "-i", "color=red:s=200x100:d=1", "-frames:v", "1", cover});
  ffmpeg({"-f", "lavfi", "-i", "sine=d=1", "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy",
          "-disposition:v:0", "attached_pic", source});

  const auto made = make_one(source, "still.1 box=100x100", folder.path());

  EXPECT_EQ(made.made->width, 100);
  EXPECT_EQ(made.made->height, 50);
  EXPECT_GT(frame_of(made.path, 0, 100, 50).red(50, 25), 200);
}

TEST(StillOfSound, IsAWaveformWithoutACover) {
  const TempDir folder;
  const auto source = folder / "song.wav";
  ffmpeg({"-f", "lavfi", "-i", "sine=d=1", source});

  const auto made = make_one(source, "still.1 box=300x200", folder.path());

  EXPECT_EQ(made.made->extension, "png");
  EXPECT_EQ(made.made->width, 300);
  EXPECT_EQ(made.made->height, 200);
}

TEST(Waveform, ShowsWhereItIsLoudAndWhere) {
  const TempDir folder;
  const auto source = folder / "sound.wav";
  // The left channel is loud in its second half, the right one silent.
  ffmpeg({"-f", "lavfi", "-i", "aevalsrc=exprs=if(gt(t\\,1)\\,0.9*sin(2000*t)\\,0)|0:s=48000:d=2",
          source});

  const auto made = make_one(source, "waveform.1 box=200x100", folder.path());

  const auto pixels = frame_of(made.path, 0, 200, 100, "alphaextract");
  EXPECT_EQ(pixels.red(50, 10), 0);
  EXPECT_EQ(pixels.red(150, 10), 255);
  EXPECT_EQ(pixels.red(150, 40), 255);
  EXPECT_EQ(pixels.red(150, 60), 0);
  EXPECT_GT(pixels.red(150, 74), 0);
}

TEST(Waveform, HasItsDefaultSize) {
  const TempDir folder;
  const auto source = folder / "sound.wav";
  ffmpeg({"-f", "lavfi", "-i", "sine=d=1", source});

  const auto made = make_one(source, "waveform.1", folder.path());

  EXPECT_EQ(made.made->width, 1800);
  EXPECT_EQ(made.made->height, 280);
}

TEST(Filmstrip, ShowsTheClipInRowsOfTen) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  make_numbered(source, {"-c:v", "libx264", "-g", "5"});

  const auto made = make_one(source, "filmstrip.1 box=32x32 tiles=25", folder.path());

  EXPECT_EQ(made.made->width, 320);
  EXPECT_EQ(made.made->height, 72);
  const auto pixels = frame_of(made.path, 0, 320, 72);
  int before = -1;
  for (int tile = 0; tile < 25; ++tile) {
    const int grey = pixels.green(tile % 10 * 32 + 16, tile / 10 * 24 + 12);
    EXPECT_GT(grey, before) << tile;
    before = grey;
  }
  EXPECT_LT(pixels.green(9 * 32 + 16, 2 * 24 + 12), 16);
}

TEST(Filmstrip, HasNoMoreTilesThanTheClipHasFrames) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg(
      {"-f", "lavfi", "-i", "testsrc2=s=64x48:r=25", "-frames:v", "3", "-c:v", "libx264", source});

  const auto made = make_one(source, "filmstrip.1 box=32x32", folder.path());

  EXPECT_EQ(made.made->width, 96);
  EXPECT_EQ(made.made->height, 24);
}

TEST(Filmstrip, OfALongClipIsSpreadOverAllOfIt) {
  const TempDir folder;
  const auto source = folder / "clip.mp4";
  ffmpeg({"-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=100,format=gray,geq=lum=N/12+16",
          "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", source});

  const auto made = make_one(source, "filmstrip.1 box=32x32 tiles=10", folder.path());

  const auto pixels = frame_of(made.path, 0, 320, 24);
  for (int tile = 0; tile < 10; ++tile) {
    const double video = (tile + 0.5) * 250 / 12 + 16;
    EXPECT_NEAR(pixels.green(tile * 32 + 16, 12), video, 8) << tile;
  }
}

TEST(SoundAlone, IsTheSourcesOwnSamplesAsWav) {
  const TempDir folder;
  const auto source = folder / "sound.flac";
  ffmpeg({"-f", "lavfi", "-i", "sine=d=1:r=44100", "-ac", "2", "-metadata", "title=Song", source});

  const auto made = make_one(source, "audio.1 format=wav", folder.path());

  const auto probed = probe(made.path);
  EXPECT_EQ(stream_of(probed, "audio")["codec_name"], "pcm_s16le");
  EXPECT_EQ(stream_of(probed, "audio")["sample_rate"], "44100");
  EXPECT_EQ(probed["format"]["tags"]["title"], "Song");
  EXPECT_EQ(test::samples_of(made.path, 2, 44100), test::samples_of(source, 2, 44100));
}

TEST(SoundAlone, KeepsDepthAndTimeOfDayAsWav) {
  const TempDir folder;
  const auto source = folder / "sound.wav";
  ffmpeg({"-f", "lavfi", "-i", "sine=d=1:r=48000", "-c:a", "pcm_s24le", "-write_bext", "1",
          "-metadata", "time_reference=172800000", "-metadata", "originator=Recorder", source});

  const auto made = make_one(source, "audio.1 format=wav", folder.path());

  const auto probed = probe(made.path);
  EXPECT_EQ(stream_of(probed, "audio")["codec_name"], "pcm_s24le");
  EXPECT_EQ(probed["format"]["tags"]["time_reference"], "172800000");
  EXPECT_EQ(probed["format"]["tags"]["encoded_by"], "Recorder");
}

TEST(SoundAlone, TurnsTimecodeIntoTimeOfDay) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1:r=48000",
          "-c:v", "mpeg4", "-c:a", "pcm_s16le", "-timecode", "01:00:00:00", source});

  const auto made = make_one(source, "audio.1 format=wav", folder.path());

  EXPECT_EQ(probe(made.path)["format"]["tags"]["time_reference"], "172800000");
}

TEST(SoundAlone, KeepsSurroundAsAac) {
  const TempDir folder;
  const auto source = folder / "sound.wav";
  ffmpeg({"-f", "lavfi", "-i", "anullsrc=cl=5.1(side):r=48000:d=1", source});

  const auto made = make_one(source, "audio.1 format=m4a", folder.path());

  const auto sound = stream_of(probe(made.path), "audio");
  EXPECT_EQ(sound["codec_name"], "aac");
  EXPECT_EQ(sound["channels"], 6);
  EXPECT_NEAR(std::stod(std::string(sound["duration"])), 1.0, 0.01);
}

}  // namespace
}  // namespace lensfs
