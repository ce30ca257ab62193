// Edit renditions: what is rendered slot by slot, in any order, is to the byte the file that is
// made in one go, and says of itself what its original does.
#include <gmock/gmock.h>

#include "catalog/base/fd.h"
#include "tests/media/making.h"
#include "tests/media/outlining.h"
#include "tests/support/files.h"
#include "tests/support/process.h"

namespace lensfs {
namespace {

using test::compared;
using test::expect_all_ways_same;
using test::ffmpeg;
using test::make_all;
using test::make_one;
using test::Outlined;
using test::probe;
using test::stream_of;
using test::TempDir;
using testing::HasSubstr;

std::string picture(const std::string& size, const std::string& rate, double seconds) {
  return "testsrc2=s=" + size + ":r=" + rate + ":d=" + std::to_string(seconds);
}

double seconds(const nlohmann::json& of) {
  return std::stod(of.value("duration", "-1"));
}

void expect_decodes(const std::filesystem::path& file) {
  const auto ran =
      test::run({"ffmpeg", "-v", "warning", "-nostdin", "-i", file, "-f", "null", "-"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.err, "");
}

// H.264 with B-frames and stereo AAC, two seconds.
void make_clip(const std::filesystem::path& path, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {
      "-f",       "lavfi",   "-i",      picture("640x360", "25", 2.4),
      "-f",       "lavfi",   "-i",      "aevalsrc=sin(440*t*2*PI)|random(0):s=48000:d=2.4",
      "-c:v",     "libx264", "-preset", "veryfast",
      "-g",       "25",      "-bf",     "2",
      "-pix_fmt", "yuv420p", "-c:a",    "aac"};
  words.insert(words.end(), more.begin(), more.end());
  words.push_back(path);
  ffmpeg(words);
}

// A kind of source, and what the rendition of it must be.
struct Case {
  const char* name;
  const char* file;  // its name; the ending says the container
  std::string video;
  const char* rate;
  std::vector<std::string> sounds;  // of lavfi
  std::vector<std::string> words;   // for ffmpeg
  const char* recipe;
  int frames;
};

void PrintTo(const Case& one, std::ostream* to) {
  *to << one.name;
}

const std::string kTone = "aevalsrc=sin(440*t*2*PI)/2|sin(550*t*2*PI)/2:s=48000:d=2";
const std::string kTone44 = "aevalsrc=sin(440*t*2*PI)/2|sin(550*t*2*PI)/2:s=44100:d=2";
const std::string kMono = "sine=f=300:r=48000:d=2";

std::vector<std::string> h264(const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"-c:v", "libx264", "-preset",  "veryfast", "-g",   "20",
                                    "-bf",  "2",       "-pix_fmt", "yuv420p",  "-c:a", "aac"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<Case> cases() {
  const std::string size = "640x360";
  std::vector<Case> all;
  const auto add = [&](const char* name, const char* file, const char* rate,
                       std::vector<std::string> sounds, std::vector<std::string> words,
                       const char* recipe, int frames) {
    all.push_back({name, file, picture(size, rate, 2), rate, std::move(sounds), std::move(words),
                   recipe, frames});
  };
  add("H264Mov", "c.mp4", "25", {kTone}, h264(), "edit.1 format=mov", 50);
  add("H264Mxf", "c.mp4", "25", {kTone}, h264(), "edit.1 format=mxf", 50);
  add("Rate23976", "c.mov", "24000/1001", {kTone44}, h264({"-timecode", "01:00:00:00"}),
      "edit.1 format=mov codec=sq", 48);
  add("Rate2997DropFrame", "c.mov", "30000/1001", {kTone},
      h264({"-timecode", "00:59:59;20", "-metadata:s:v:0", "reel_name=A001"}), "edit.1 format=mov",
      60);
  add("Rate2997Mxf", "c.mov", "30000/1001", {kTone, kTone44}, h264({"-timecode", "00:59:59;20"}),
      "edit.1 format=mxf", 60);
  add("Rate5994", "c.mov", "60000/1001", {kTone}, h264(), "edit.1 format=mov", 120);
  add("Rate50WithB", "c.mkv", "50", {kTone}, h264({"-bf", "3"}), "edit.1 format=mov", 100);
  add("Rate50Mxf", "c.mkv", "50", {kTone44}, h264(), "edit.1 format=mxf", 100);
  add("OpenGopH264", "c.mp4", "25", {kTone},
      h264({"-x264-params", "open-gop=1:b-pyramid=normal:bframes=3"}), "edit.1 format=mov", 50);
  add("OpenGopHevc10", "c.mkv", "25", {kTone},
      {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
       "open-gop=1:keyint=15:bframes=3:log-level=none", "-pix_fmt", "yuv420p10le", "-c:a", "flac"},
      "edit.1 format=mov codec=hqx", 50);
  add("HevcMp4", "c.mp4", "25", {kTone},
      {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "keyint=100:log-level=none",
       "-tag:v", "hvc1", "-pix_fmt", "yuv420p", "-c:a", "aac"},
      "edit.1 format=mov", 50);
  add("Ts", "c.ts", "25", {kTone}, h264({"-g", "12"}), "edit.1 format=mov", 50);
  add("TsMpeg2", "c.ts", "25", {kTone},
      {"-c:v", "mpeg2video", "-b:v", "4M", "-g", "12", "-bf", "2", "-c:a", "mp2"},
      "edit.1 format=mov", 50);
  add("TsAc3Mxf", "c.m2ts", "30000/1001", {kTone}, h264({"-c:a", "ac3"}), "edit.1 format=mxf", 60);
  add("ProgramStream", "c.mpg", "25", {kTone},
      {"-c:v", "mpeg2video", "-b:v", "4M", "-bf", "2", "-c:a", "mp2"}, "edit.1 format=mov", 50);
  add("Avi", "c.avi", "25", {kTone}, {"-c:v", "mpeg4", "-c:a", "libmp3lame"}, "edit.1 format=mov",
      50);
  add("WebmOpus", "c.mkv", "25", {kTone}, h264({"-c:a", "libopus"}), "edit.1 format=mov", 50);
  add("Mp3InMov", "c.mov", "25", {kTone}, h264({"-c:a", "libmp3lame"}), "edit.1 format=mov", 50);
  add("FragmentedMp4", "c.mp4", "25", {kTone}, h264({"-movflags", "+frag_keyframe+empty_moov"}),
      "edit.1 format=mov", 50);
  add("Vfr", "c.mp4", "30", {kTone},
      h264({"-vf", "select='not(eq(mod(n,7),3))*not(between(n,20,27))'", "-vsync", "vfr"}),
      "edit.1 format=mov", 0);
  add("VfrMkvToMxf", "c.mkv", "30", {kTone},
      h264({"-vf", "select='gt(random(0),0.4)'", "-vsync", "vfr"}), "edit.1 format=mxf", 0);
  add("InterlacedH264", "c.mov", "50", {kTone},
      h264({"-vf", "tinterlace=interleave_top,setfield=tff", "-flags", "+ildct+ilme"}),
      "edit.1 format=mov", 50);
  add("InterlacedMpeg2Mxf", "c.mxf", "50", {kTone},
      {"-vf", "scale=720:576,tinterlace=interleave_top,setfield=tff", "-c:v", "mpeg2video", "-b:v",
       "8M", "-flags", "+ildct+ilme", "-g", "12", "-bf", "2", "-c:a", "pcm_s16le", "-pix_fmt",
       "yuv422p"},
      "edit.1 format=mxf", 50);
  add("ProRes", "c.mov", "25", {kTone},
      {"-c:v", "prores_ks", "-profile:v", "2", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s24le"},
      "edit.1 format=mov codec=hqx divisor=1", 50);
  add("FullRange", "c.mov", "25", {}, {"-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"},
      "edit.1 format=mov", 50);
  add("Rgb", "c.mkv", "25", {}, {"-c:v", "ffv1", "-pix_fmt", "gbrp"}, "edit.1 format=mov", 50);
  add("NoSoundMxf", "c.mp4", "25", {}, h264(), "edit.1 format=mxf", 50);
  add("EightMono", "c.mxf", "25", {kMono, kMono, kMono, kMono},
      {"-c:v", "mpeg2video", "-b:v", "8M", "-c:a", "pcm_s24le"}, "edit.1 format=mxf", 50);
  add("MonoTracksToMov", "c.mov", "25", {kMono, kTone44, kMono},
      h264({"-c:a", "pcm_s16le", "-metadata:s:a:1", "language=nor"}), "edit.1 format=mov", 50);
  add("LaterVideo", "c.mp4", "25", {kTone}, h264({"-vf", "setpts=PTS+0.3/TB"}), "edit.1 format=mov",
      50);
  add("Part", "c.mov", "25", {kTone}, h264({"-timecode", "10:00:00:00"}),
      "edit.1 format=mov at=10.00.00.13+00.00.00.20", 20);
  return all;
}

class OutlineOf : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(EveryKind, OutlineOf, testing::ValuesIn(cases()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(OutlineOf, IsTheFileOnceAllIsRendered) {
  const Case& one = GetParam();
  const TempDir folder;
  const auto source = folder / one.file;
  std::vector<std::string> words = {"-f", "lavfi", "-i", one.video};
  for (const std::string& sound : one.sounds) {
    words.insert(words.end(), {"-f", "lavfi", "-i", sound});
  }
  for (std::size_t input = 0; input <= one.sounds.size(); ++input) {
    words.insert(words.end(), {"-map", std::to_string(input)});
  }
  words.insert(words.end(), one.words.begin(), one.words.end());
  words.push_back(source);
  ffmpeg(words);

  const auto whole = expect_all_ways_same(source, one.recipe, folder.path());

  const auto original = probe(source);
  const auto probed = probe(whole);
  const auto video = stream_of(probed, "video");
  if (one.frames > 0) {
    EXPECT_EQ(video["nb_read_frames"], std::to_string(one.frames));
    EXPECT_EQ(video["r_frame_rate"], stream_of(original, "video")["r_frame_rate"]);
  }
  for (std::size_t track = 0; track < one.sounds.size(); ++track) {
    const auto sound = stream_of(probed, "audio", track);
    EXPECT_EQ(sound["channels"], stream_of(original, "audio", track)["channels"]);
    EXPECT_NEAR(seconds(sound), seconds(video), 0.001);
  }
  expect_decodes(whole);
}

TEST(Outline, OfAMovIsTheFileOnceAllIsRendered) {
  const TempDir folder;
  make_clip(folder / "clip.mp4");

  const auto whole = expect_all_ways_same(folder / "clip.mp4", "edit.1 format=mov", folder.path());

  const auto probed = probe(whole);
  const auto video = stream_of(probed, "video");
  EXPECT_EQ(video["codec_name"], "dnxhd");
  EXPECT_EQ(video["profile"], "DNXHR LB");
  EXPECT_EQ(video["width"], 320);
  EXPECT_EQ(video["height"], 180);
  EXPECT_EQ(video["nb_read_frames"], "60");
  EXPECT_EQ(video["r_frame_rate"], "25/1");
  EXPECT_NEAR(seconds(video), 2.4, 0.001);
  EXPECT_EQ(stream_of(probed, "audio")["codec_name"], "pcm_s16le");
  EXPECT_EQ(stream_of(probed, "audio")["channels"], 2);
  EXPECT_NEAR(seconds(stream_of(probed, "audio")), 2.4, 0.001);
  expect_decodes(whole);
}

// The checksum of every packet of video, in order.
std::string packets_of(const std::filesystem::path& file) {
  return test::run({"ffmpeg", "-v", "error", "-i", file, "-map", "0:v:0", "-c", "copy", "-f",
                    "framemd5", "-"})
      .out;
}

TEST(Outline, HasTheFramesThatTheFfmpegProgramMakes) {
  const TempDir folder;
  make_clip(folder / "clip.mp4");
  ffmpeg({"-i", folder / "clip.mp4", "-an", "-vf",
          "scale=320:180:flags=bicubic+accurate_rnd+bitexact", "-sws_flags",
          "bicubic+accurate_rnd+bitexact", "-pix_fmt", "yuv422p", "-c:v", "dnxhd", "-profile:v",
          "dnxhr_lb", folder / "cli.mov"});

  const auto made = make_one(folder / "clip.mp4", "edit.1 format=mov", folder.path());

  const auto frames = [](const std::string& text) { return text.substr(text.rfind("#")); };
  EXPECT_EQ(frames(packets_of(made.path)), frames(packets_of(folder / "cli.mov")));
}

class OutlineSound : public testing::TestWithParam<std::vector<const char*>> {};
INSTANTIATE_TEST_SUITE_P(OfCodecs, OutlineSound,
                         testing::Values(std::vector{"clip.mov", "pcm_s16le"},
                                         std::vector{"clip.mkv", "flac"},
                                         std::vector{"clip.mov", "libmp3lame"},
                                         std::vector{"clip.ts", "ac3"},
                                         std::vector{"clip.mp4", "aac", "-aac_pns", "0"},
                                         std::vector{"clip.mkv", "aac", "-aac_pns", "0"},
                                         std::vector{"clip.ts", "mp2"}));

TEST_P(OutlineSound, IsWhatDecodingFromBeginningToEndGives) {
  const TempDir folder;
  const auto source = folder / GetParam()[0];
  std::vector<std::string> words = {
      "-f",   "lavfi",   "-i", picture("320x180", "25", 4),
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

}  // namespace
}  // namespace lensfs
