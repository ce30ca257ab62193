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

}  // namespace
}  // namespace lensfs
