// How a picture looks, found out by decoding hardly any of it.
#include "transcode/av/glimpse.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "catalog/base/fd.h"
#include "catalog/base/text.h"
#include "tests/media/making.h"
#include "tests/support/drive.h"
#include "transcode/engine.h"

namespace lensfs {
namespace {

using test::TempDir;

std::string text_of(const av::Look& look) {
  return fmt::format(
      "{}x{} square {}x{} turn {} treatment {} colour {}/{}/{} range {} peak {}"
      " interlaced {} alpha {}",
      look.stored.width, look.stored.height, look.square.width, look.square.height,
      look.turn.quarters, static_cast<int>(look.colour.treatment),
      static_cast<int>(look.colour.primaries), static_cast<int>(look.colour.transfer),
      static_cast<int>(look.colour.matrix), static_cast<int>(look.colour.range), look.colour.peak,
      look.fields == av::Look::Fields::interlaced, static_cast<int>(look.alpha));
}

std::string seen(const std::filesystem::path& file,
                 Result<av::Glimpse> (*glimpse)(av::Input&, int)) {
  const Fd source = *open_path(file, O_RDONLY);
  prepare_timed();
  const auto input = av::Input::open({.fd = source.get(),
                                      .size = stat_of(source.get())->st_size,
                                      .extension = lower_extension(file.native())});
  if (!input) return input.error().message();
  const auto clip = av::clip_of(**input);
  if (!clip || clip->video < 0) return "no picture";
  const auto look = glimpse(**input, clip->video);
  return look ? text_of(look->look) : look.error().message();
}

TEST(Glimpse, OfTheBeginningOfAKeyframeTellsWhatTheWholeTells) {
  const TempDir folder;
  const auto made = [&](const std::string& name, std::vector<std::string> words) {
    const auto path = folder.path() / name;
    std::vector<std::string> all = {"-f", "lavfi", "-i",
                                    "testsrc2=size=1280x720:rate=25:duration=0.4,noise=alls=40"};
    all.insert(all.end(), words.begin(), words.end());
    all.push_back(path.string());
    test::ffmpeg(all);
    return path;
  };
  const std::vector<std::filesystem::path> files = {
      made("plain.mov", {"-c:v", "libx264", "-pix_fmt", "yuv420p"}),
      made("one slice.mp4", {"-c:v", "libx264", "-slices", "1", "-bf", "2", "-flags", "+cgop"}),
      made("eight slices.mov", {"-c:v", "libx264", "-slices", "8"}),
      made("fields.mov", {"-vf", "setfield=tff", "-c:v", "libx264", "-flags", "+ildct+ilme"}),
      made("full.mp4", {"-c:v", "libx264", "-pix_fmt", "yuvj420p", "-color_range", "pc"}),
      made("ten bits.mov", {"-c:v", "libx264", "-pix_fmt", "yuv422p10le", "-color_primaries",
                            "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc"}),
      made("wide.mov", {"-vf", "setsar=4/3", "-c:v", "libx264"})};

  for (const auto& file : files) {
    const std::string whole = seen(file, av::glimpse);
    EXPECT_EQ(seen(file, av::glimpse_of_key), whole) << file;
    EXPECT_NE(whole.find("1280x720"), std::string::npos) << whole;
  }
}

TEST(Glimpse, OfRealFilesIsTheSame) {
  const auto folder = test::real_media() / "video";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no media";

  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(seen(entry.path(), av::glimpse_of_key), seen(entry.path(), av::glimpse))
        << entry.path();
  }
}

}  // namespace
}  // namespace lensfs
