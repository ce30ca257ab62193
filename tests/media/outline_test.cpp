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
using test::expect_decodes;
using test::ffmpeg;
using test::make_all;
using test::make_one;
using test::Outlined;
using test::probe;
using test::seconds_of;
using test::stream_of;
using test::TempDir;
using test::test_picture;
using testing::HasSubstr;

// H.264 with B-frames and stereo AAC, two seconds.
void make_clip(const std::filesystem::path& path, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {
      "-f",       "lavfi",   "-i",      test_picture("640x360", "25", 2.4),
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
  EXPECT_NEAR(seconds_of(video), 2.4, 0.001);
  EXPECT_EQ(stream_of(probed, "audio")["codec_name"], "pcm_s16le");
  EXPECT_EQ(stream_of(probed, "audio")["channels"], 2);
  EXPECT_NEAR(seconds_of(stream_of(probed, "audio")), 2.4, 0.001);
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
  make_clip(folder / "clip.mp4", {"-colorspace", "bt709"});
  ffmpeg({"-i", folder / "clip.mp4", "-an", "-vf",
          "scale=320:180:flags=bicubic+accurate_rnd+bitexact", "-sws_flags",
          "bicubic+accurate_rnd+bitexact", "-pix_fmt", "yuv422p", "-c:v", "dnxhd", "-profile:v",
          "dnxhr_lb", folder / "cli.mov"});

  const auto made = make_one(folder / "clip.mp4", "edit.1 format=mov", folder.path());

  const auto frames = [](const std::string& text) { return text.substr(text.rfind("#")); };
  EXPECT_TRUE(frames(packets_of(made.path)) == frames(packets_of(folder / "cli.mov")));
}

TEST(Outline, IsReadByADemuxerThatIsNotOurs) {
  if (!test::has_program("mediainfo")) GTEST_SKIP() << "needs mediainfo";
  const TempDir folder;
  make_clip(folder / "clip.mov", {"-r", "30000/1001", "-timecode", "00:59:55;10"});
  const auto made = make_all(
      folder / "clip.mov",
      {"edit.1 format=mov", "edit.1 format=mxf", "edit.1 format=wav", "edit.1 format=aiff"},
      folder.path());
  const auto said = [&](std::size_t number, const std::string& what) {
    const auto answer = test::run({"mediainfo", "--Output=" + what, made[number].path});
    EXPECT_EQ(answer.exit, 0);
    return answer.out.substr(0, answer.out.find('\n'));
  };

  for (const auto& one : made) ASSERT_TRUE(one.made) << one.made.error().message();
  for (const std::size_t video : {0U, 1U}) {
    EXPECT_EQ(said(video, "Video;%Format% %Width%x%Height% %FrameRate% %FrameCount%"),
              "VC-3 320x180 29.970 " + std::to_string(made[video].made->frames));
    EXPECT_THAT(said(video, "Other;%TimeCode_FirstFrame% "), HasSubstr("00:59:55;10"));
    EXPECT_EQ(said(video, "Audio;%Format% %Channels% %SamplingRate%"), "PCM 2 48000");
  }
  for (const std::size_t sound : {2U, 3U}) {
    EXPECT_EQ(said(sound, "Audio;%Format% %Channels% %SamplingRate% %BitDepth%"), "PCM 2 48000 16");
    const double seconds = static_cast<double>(made[sound].made->duration_ns) / 1e9;
    EXPECT_NEAR(std::stod(said(sound, "General;%Duration%")), seconds * 1000, 1.0);
  }
}

TEST(Outline, KeepsTimecodeReelAndColourOfItsOriginal) {
  const TempDir folder;
  make_clip(folder / "clip.mov", {"-r", "30000/1001", "-timecode", "00:59:55;10", "-metadata:s:v:0",
                                  "reel_name=A001", "-color_primaries", "bt2020", "-color_trc",
                                  "arib-std-b67", "-colorspace", "bt2020nc"});

  const auto made = make_all(folder / "clip.mov",
                             {"edit.1 format=mov codec=hqx", "edit.1 format=mxf",
                              "edit.1 format=mov at=00.59.56.00+00.00.00.20"},
                             folder.path());

  for (const auto& one : made) ASSERT_TRUE(one.made) << one.made.error().message();
  const auto mov = probe(made[0].path);
  EXPECT_THAT(mov.dump(), HasSubstr("\"timecode\":\"00:59:55;10\""));
  EXPECT_THAT(mov.dump(), HasSubstr("\"reel_name\":\"A001\""));
  EXPECT_EQ(stream_of(mov, "video")["color_primaries"], "bt2020");
  EXPECT_EQ(stream_of(mov, "video")["color_transfer"], "arib-std-b67");
  EXPECT_EQ(stream_of(mov, "video")["color_space"], "bt2020nc");
  EXPECT_EQ(stream_of(mov, "video")["pix_fmt"], "yuv422p10le");
  EXPECT_THAT(probe(made[1].path).dump(), HasSubstr("\"timecode\":\"00:59:55;10\""));
}

TEST(Outline, LooksLikeItsOriginalWhateverTheMatrix) {
  const TempDir folder;
  for (const char* matrix : {"bt709", "smpte170m", "bt470bg", "bt2020nc", "untagged"}) {
    const auto source = folder / (std::string(matrix) + ".mp4");
    std::vector<std::string> words = {
        "-f", "lavfi",    "-i",     test_picture("640x360", "25", 0.2), "-c:v", "libx264", "-qp",
        "12", "-pix_fmt", "yuv420p"};
    if (matrix != std::string("untagged")) {
      words.insert(words.end(), {"-colorspace", matrix});
    }
    words.push_back(source);
    ffmpeg(words);

    const auto made = make_one(source, "edit.1 format=mov codec=hqx divisor=1", folder.path());

    EXPECT_LT(test::difference(test::frame_of(made.path, 2, 320, 180),
                               test::frame_of(source, 2, 320, 180)),
              2)
        << matrix;
  }
}

TEST(Outline, OfAPartIsTheSameRangeWithItsOwnTimecode) {
  const TempDir folder;
  make_clip(folder / "clip.mov", {"-r", "30000/1001", "-timecode", "00:59:58;20"});

  const auto whole = make_one(folder / "clip.mov", "edit.1 format=mov", folder.path());
  std::filesystem::rename(whole.path, folder / "whole.mov");
  const auto part = expect_all_ways_same(
      folder / "clip.mov", "edit.1 format=mov at=00.59.59.10+00.00.01.00", folder.path());

  const auto probed = probe(part);
  EXPECT_THAT(probed.dump(), HasSubstr("\"timecode\":\"00:59:59;10\""));
  EXPECT_EQ(stream_of(probed, "video")["nb_read_frames"], "30");
  const auto cut = [&](const std::filesystem::path& file, int from) {
    return test::run({"ffmpeg", "-v", "error", "-i", file, "-vf",
                      "trim=start_frame=" + std::to_string(from) +
                          ":end_frame=" + std::to_string(from + 30) + ",setpts=N",
                      "-an", "-f", "md5", "-"})
        .out;
  };
  EXPECT_EQ(cut(part, 0), cut(folder / "whole.mov", 20));
  const auto all = test::samples_of(folder / "whole.mov", 2);
  const auto some = test::samples_of(part, 2);
  const std::size_t from = 32032 * 2;  // 20 frames
  ASSERT_GE(all.size(), from + some.size());
  EXPECT_TRUE(
      std::equal(some.begin(), some.end(), all.begin() + static_cast<std::ptrdiff_t>(from)));
}

TEST(Outline, PassesATurnOnInAMovAndTurnsAnMxf) {
  const TempDir folder;
  make_clip(folder / "flat.mp4");
  ffmpeg({"-i", folder / "flat.mp4", "-c", "copy", "-metadata:s:v:0", "rotate=90",
          folder / "clip.mov"});

  const auto mov =
      expect_all_ways_same(folder / "clip.mov", "edit.1 format=mov codec=hqx", folder.path());
  EXPECT_EQ(stream_of(probe(mov), "video")["width"], 320);
  EXPECT_EQ(stream_of(probe(mov), "video")["side_data_list"],
            stream_of(probe(folder / "clip.mov"), "video")["side_data_list"]);
  const auto flat = test::frame_of(folder / "clip.mov", 3, 180, 320);
  EXPECT_LT(test::difference(test::frame_of(mov, 3, 180, 320), flat), 6);

  const auto mxf =
      expect_all_ways_same(folder / "clip.mov", "edit.1 format=mxf divisor=1", folder.path());
  EXPECT_EQ(stream_of(probe(mxf), "video")["width"], 360);
  EXPECT_EQ(stream_of(probe(mxf), "video")["height"], 640);
  EXPECT_LT(test::difference(test::frame_of(mxf, 3, 180, 320), flat), 6);
}

TEST(Outline, OfSmallAndOddPicturesIsAsLargeAsTheCodecNeeds) {
  const TempDir folder;
  const std::vector<std::tuple<const char*, int, int>> sizes = {
      {"64x48", 256, 192}, {"401x241", 402, 242}, {"720x576", 360, 288}, {"640x480", 320, 240}};
  for (const auto& [size, width, height] : sizes) {
    const auto source = folder / (std::string(size) + ".mkv");
    ffmpeg({"-f", "lavfi", "-i", test_picture("720x576", "25", 0.4), "-vf",
            "scale=" + std::string(size).replace(std::string(size).find('x'), 1, ":"), "-pix_fmt",
            "yuv444p", "-c:v", "ffv1", source});

    const auto whole = expect_all_ways_same(source, "edit.1 format=mov", folder.path());

    EXPECT_EQ(stream_of(probe(whole), "video")["width"], width) << size;
    EXPECT_EQ(stream_of(probe(whole), "video")["height"], height) << size;
    expect_decodes(whole);
  }
}

TEST(Outline, BeginsWhereAnEditListSays) {
  const TempDir folder;
  make_clip(folder / "whole.mp4");
  ffmpeg({"-ss", "0.6", "-i", folder / "whole.mp4", "-c", "copy", folder / "clip.mp4"});

  const auto made =
      expect_all_ways_same(folder / "clip.mp4", "edit.1 format=mov codec=hqx", folder.path());

  EXPECT_EQ(stream_of(probe(made), "video")["nb_read_frames"],
            stream_of(probe(folder / "clip.mp4"), "video")["nb_read_frames"]);
  EXPECT_LT(test::difference(test::frame_of(made, 0, 320, 180),
                             test::frame_of(folder / "clip.mp4", 0, 320, 180)),
            6);
}

TEST(Outline, OfALargeFileHasLargeOffsets) {
  const TempDir folder;
  ffmpeg({"-f", "lavfi", "-i", test_picture("640x360", "25", 2), "-c:v", "libx264", "-preset",
          "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", folder / "clip.mp4"});
  ffmpeg({"-stream_loop", "899", "-i", folder / "clip.mp4", "-c", "copy", folder / "long.mp4"});

  Outlined outlined(folder / "long.mp4", "edit.1 format=mov codec=hqx divisor=1", folder.path(),
                    "large");
  ASSERT_TRUE(outlined.made()) << outlined.made().error().message();
  const std::int64_t last = outlined.slots().count() - 1;
  outlined.render({0, last});

  EXPECT_GT(outlined.slots().file_size(), std::int64_t{4} << 30);
  EXPECT_EQ(outlined.slots().where(0).offset % 4096, 0);
  const auto decoded = test::run({"ffmpeg", "-v", "error", "-sseof", "-0.04", "-i",
                                  outlined.bytes_path(), "-f", "framemd5", "-"});
  EXPECT_EQ(decoded.err, "");
  EXPECT_LT(test::difference(test::frame_of(outlined.bytes_path(), 0, 320, 180),
                             test::frame_of(folder / "clip.mp4", 0, 320, 180)),
            6);
}

}  // namespace
}  // namespace lensfs
