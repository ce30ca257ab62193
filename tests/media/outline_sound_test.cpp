// The sound of edit renditions.
#include <gmock/gmock.h>

#include <cstdlib>
#include <cstring>

#include "catalog/base/fd.h"
#include "tests/media/making.h"
#include "tests/media/outlining.h"
#include "tests/support/files.h"
#include "tests/support/process.h"

namespace lensfs {
namespace {

using test::expect_all_ways_same;
using test::expect_decodes;
using test::ffmpeg;
using test::make_one;
using test::probe;
using test::seconds_of;
using test::stream_of;
using test::TempDir;
using test::test_picture;

class OutlineSound : public testing::TestWithParam<std::vector<const char*>> {};
INSTANTIATE_TEST_SUITE_P(OfCodecs, OutlineSound,
                         testing::Values(std::vector{"clip.mov", "pcm_s16le"},
                                         std::vector{"clip.mkv", "flac"},
                                         std::vector{"clip.mov", "libmp3lame"},

                                         std::vector{"clip.mp4", "aac", "-aac_pns", "0"},
                                         std::vector{"clip.mkv", "aac", "-aac_pns", "0"},
                                         std::vector{"clip.ts", "mp2"}));

TEST_P(OutlineSound, IsWhatDecodingFromBeginningToEndGives) {
  const TempDir folder;
  const auto source = folder / GetParam()[0];
  std::vector<std::string> words = {
      "-f",   "lavfi",   "-i", test_picture("320x180", "25", 4),
      "-f",   "lavfi",   "-i", "aevalsrc=sin(440*t*t)/2|random(0)/4:s=48000:d=4",
      "-c:v", "libx264", "-g", "25",
      "-c:a"};
  words.insert(words.end(), GetParam().begin() + 1, GetParam().end());
  words.push_back(source);
  ffmpeg(words);

  const auto made = make_one(source, "edit.1 format=mov", folder.path());

  const auto straight = test::samples_of(source, 2);
  const auto blocks = test::samples_of(made.path, 2);
  ASSERT_EQ(blocks.size(), 4U * 48000 * 2);
  // Where the sound begins against the picture may be a little off in what ffmpeg is asked for
  // here.
  int best = -1;
  std::size_t least = SIZE_MAX;
  for (int shift = -3000; shift <= 3000 && least > 0; ++shift) {
    std::size_t different = 0;
    for (std::size_t at = 20000; at < 340000; at += 7) {
      const auto there = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(at) + 2 * shift);
      if (there >= straight.size() || std::abs(blocks[at] - straight[there]) > 1) ++different;
      if (different >= least) break;
    }
    if (different < least) {
      least = different;
      best = shift;
    }
  }
  EXPECT_EQ(least, 0U) << "at best when moved by " << best;
}

struct Sound {
  const char* file;
  std::vector<std::string> words;
  const char* recipe;
  const char* codec;
  int channels;
  const char* rate;
};

void PrintTo(const Sound& one, std::ostream* to) {
  *to << one.file << " to " << one.recipe;
}

class OutlineAlone : public testing::TestWithParam<Sound> {};
INSTANTIATE_TEST_SUITE_P(
    OfSound, OutlineAlone,
    testing::Values(
        Sound{"a.wav", {"-c:a", "pcm_s24le"}, "edit.1 format=wav", "pcm_s24le", 2, "44100"},
        Sound{"b.flac",
              {"-c:a", "flac", "-sample_fmt", "s16"},
              "edit.1 format=aiff",
              "pcm_s16be",
              2,
              "44100"},
        Sound{"c.m4a", {"-c:a", "aac"}, "edit.1 format=mov", "pcm_s16le", 2, "44100"},
        Sound{"d.mp3", {"-c:a", "libmp3lame"}, "edit.1 format=wav", "pcm_s16le", 2, "44100"},
        Sound{"e.ogg", {"-c:a", "libvorbis"}, "edit.1 format=wav", "pcm_s16le", 2, "44100"},
        Sound{"f.aiff",
              {"-c:a", "pcm_s24be", "-ar", "48000"},
              "edit.1 format=aiff",
              "pcm_s24be",
              2,
              "48000"}));

TEST_P(OutlineAlone, IsTheFileOnceAllIsRendered) {
  const Sound& one = GetParam();
  const TempDir folder;
  const auto source = folder / one.file;
  std::vector<std::string> words = {"-f", "lavfi", "-i",
                                    "aevalsrc=sin(440*t*2*PI)/2|sin(550*t*2*PI)/2:s=44100:d=3.3"};
  words.insert(words.end(), one.words.begin(), one.words.end());
  words.push_back(source);
  ffmpeg(words);

  const auto whole = expect_all_ways_same(source, one.recipe, folder.path());

  const auto sound = stream_of(probe(whole), "audio");
  EXPECT_EQ(sound["codec_name"], one.codec);
  EXPECT_EQ(sound["channels"], one.channels);
  EXPECT_EQ(sound["sample_rate"], one.rate);
  EXPECT_NEAR(seconds_of(sound), 3.3, 0.05);
  expect_decodes(whole);
}

TEST(Outline, OfSoundAloneHasAllTracksOfOneChannel) {
  const TempDir folder;
  ffmpeg({"-f",
          "lavfi",
          "-i",
          test_picture("256x120", "25", 2),
          "-f",
          "lavfi",
          "-i",
          "sine=f=300:r=48000:d=2",
          "-f",
          "lavfi",
          "-i",
          "sine=f=500:r=48000:d=2",
          "-map",
          "0",
          "-map",
          "1",
          "-map",
          "2",
          "-c:v",
          "mpeg2video",
          "-c:a",
          "pcm_s24le",
          "-timecode",
          "01:00:00:00",
          folder / "clip.mxf"});

  expect_all_ways_same(folder / "clip.mxf", "edit.1 format=wav", folder.path());
  const auto wav = folder / "whole.wav";
  std::filesystem::rename(folder / "clip.mxf.0.made", wav);
  const auto part = expect_all_ways_same(
      folder / "clip.mxf", "edit.1 format=wav at=01.00.01.00+00.00.00.10", folder.path());

  const auto sound = stream_of(probe(wav), "audio");
  EXPECT_EQ(sound["channels"], 2);
  EXPECT_EQ(sound["codec_name"], "pcm_s24le");
  EXPECT_EQ(probe(wav)["format"]["tags"]["time_reference"], std::to_string(48000LL * 3600));
  EXPECT_EQ(probe(part)["format"]["tags"]["time_reference"], std::to_string(48000LL * 3601));
  EXPECT_NEAR(seconds_of(stream_of(probe(part), "audio")), 0.4, 0.0001);
}

TEST(OutlineAlone, OfManyGigabytesIsRf64AndNoAiff) {
  const TempDir folder;
  const auto source = folder / "long.w64";
  ffmpeg({"-f", "lavfi", "-i", "anullsrc=cl=7.1:r=192000:d=0.1", "-c:a", "pcm_s16le", source});
  // The same head before 1500 seconds of nothing.
  std::string head = *read_text(source, 1 << 20);
  const std::size_t data = head.find("data\xF3\xAC\xD3\x11");
  ASSERT_NE(data, std::string::npos);
  const std::uint64_t samples = std::uint64_t{1500} * 192000 * 8 * 2;
  const std::uint64_t chunk = samples + 24;
  std::memcpy(&head[data + 16], &chunk, sizeof chunk);
  head.resize(data + 24);
  test::write_file(source, head);
  std::filesystem::resize_file(source, head.size() + samples);

  test::Outlined wav(source, "edit.1 format=wav", folder.path(), "wav");
  const test::Outlined aiff(source, "edit.1 format=aiff", folder.path(), "aiff");

  ASSERT_TRUE(wav.made()) << wav.made().error().message();
  wav.render({0, wav.slots().count() - 1});
  EXPECT_GT(wav.slots().file_size(), std::int64_t{4} << 30);
  const auto said = test::run({"ffprobe", "-v", "error", "-show_entries", "stream=duration", "-of",
                               "csv=p=0", wav.bytes_path()});
  EXPECT_EQ(said.out, "1500.000000\n");
  ASSERT_FALSE(aiff.made());
  EXPECT_EQ(aiff.made().error().code(), Errc::too_big);
}

}  // namespace
}  // namespace lensfs
