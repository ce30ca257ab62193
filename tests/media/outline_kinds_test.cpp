// Edit renditions of every kind of video: containers, codecs, rates, groups, fields.
#include <gmock/gmock.h>

#include "tests/media/making.h"
#include "tests/media/outlining.h"

namespace lensfs {
namespace {

using test::expect_all_ways_same;
using test::expect_decodes;
using test::ffmpeg;
using test::probe;
using test::seconds_of;
using test::stream_of;
using test::TempDir;
using test::test_picture;

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
  const std::string size = "512x240";
  std::vector<Case> all;
  const auto add = [&](const char* name, const char* file, const char* rate,
                       std::vector<std::string> sounds, std::vector<std::string> words,
                       const char* recipe, int frames) {
    all.push_back({name, file, test_picture(size, rate, 2), rate, std::move(sounds),
                   std::move(words), recipe, frames});
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
      0);
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
    EXPECT_NEAR(seconds_of(sound), seconds_of(video), 0.001);
  }
  expect_decodes(whole);
}

}  // namespace
}  // namespace lensfs
