// Edit renditions of sources that are damaged: no error, the frame before or black, and the same
// bytes whatever the order.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>

#include "catalog/base/fd.h"
#include "tests/media/making.h"
#include "tests/media/outlining.h"
#include "tests/support/files.h"

namespace lensfs {
namespace {

using test::expect_all_ways_same;
using test::ffmpeg;
using test::Outlined;
using test::probe;
using test::stream_of;
using test::TempDir;

struct Damage {
  const char* name;
  const char* file;
  std::vector<std::string> words;
  double from;  // share of the file
  double to;
  char with;
};

void PrintTo(const Damage& one, std::ostream* to) {
  *to << one.name;
}

const std::vector<std::string> kClosed = {"-c:v", "libx264", "-preset", "veryfast", "-g",
                                          "12",   "-bf",     "2",       "-c:a",     "aac"};
const std::vector<std::string> kOpen = {"-c:v",         "libx264",    "-preset", "veryfast",
                                        "-g",           "12",         "-bf",     "2",
                                        "-x264-params", "open-gop=1", "-c:a",    "mp2"};
const std::vector<std::string> kMpeg2 = {"-c:v", "mpeg2video", "-g", "12",   "-bf",
                                         "2",    "-b:v",       "2M", "-c:a", "mp2"};
const std::vector<std::string> kHevc = {"-c:v",         "libx265",
                                        "-preset",      "ultrafast",
                                        "-x265-params", "keyint=12:open-gop=1:log-level=none",
                                        "-c:a",         "ac3"};

class DamagedOutline : public testing::TestWithParam<Damage> {};
INSTANTIATE_TEST_SUITE_P(
    OfKinds, DamagedOutline,
    testing::Values(Damage{"HoleInTs", "c.ts", kClosed, 0.4, 0.6, '\0'},
                    Damage{"HoleInMov", "c.mov", kClosed, 0.3, 0.65, '\0'},
                    Damage{"RubbishInMov", "c.mov", kClosed, 0.5, 0.51, '\x5a'},
                    Damage{"RubbishInOpenGroups", "c.ts", kOpen, 0.45, 0.52, '\x77'},
                    Damage{"RubbishInMkv", "c.mkv", kOpen, 0.5, 0.53, '\x31'},
                    Damage{"RubbishInMpeg2", "c.mpg", kMpeg2, 0.5, 0.56, '\x2f'},
                    Damage{"RubbishInHevc", "c.ts", kHevc, 0.4, 0.45, '\x13'}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_P(DamagedOutline, IsTheSameFileInEveryOrderAndAsLongAsItsOriginal) {
  const Damage& one = GetParam();
  const TempDir folder;
  const auto source = folder / one.file;
  std::vector<std::string> words = {"-f", "lavfi", "-i", "testsrc2=s=512x240:r=25:d=4",
                                    "-f", "lavfi", "-i", "sine=d=4:r=48000"};
  words.insert(words.end(), one.words.begin(), one.words.end());
  words.push_back(source);
  ffmpeg(words);
  std::string bytes = *read_text(source, 1 << 26);
  const auto at = [&](double share) {
    return static_cast<std::ptrdiff_t>(share * static_cast<double>(bytes.size()));
  };
  std::fill(bytes.begin() + at(one.from), bytes.begin() + at(one.to), one.with);
  test::write_file(source, bytes);

  const auto whole = expect_all_ways_same(source, "edit.1 format=mov", folder.path());

  const auto frames = std::stoi(stream_of(probe(whole), "video").value("nb_read_frames", "0"));
  EXPECT_NEAR(frames, 100, 2);
}

TEST(DamagedOutline, TellsWhatIsReplaced) {
  const TempDir folder;
  const auto source = folder / "c.mov";
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=512x240:r=25:d=4", "-c:v", "mjpeg", source});
  std::string bytes = *read_text(source, 1 << 26);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2),
            bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() * 3 / 5), '\0');
  test::write_file(source, bytes);

  Outlined outlined(source, "edit.1 format=mov", folder.path(), "c");
  ASSERT_TRUE(outlined.made());
  outlined.render(outlined.all());

  EXPECT_GE(outlined.replaced().size(), 5U);
  EXPECT_LE(outlined.replaced().size(), 15U);
  EXPECT_GE(outlined.replaced().front(), 40);
  EXPECT_LE(outlined.replaced().back(), 65);
}

TEST(DamagedOutline, NeedsItsOwnLayout) {
  const TempDir folder;
  const auto source = folder / "c.mov";
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=512x240:r=25:d=1", "-c:v", "mjpeg", source});
  const Outlined outlined(source, "edit.1 format=mov", folder.path(), "c");
  ASSERT_TRUE(outlined.made());
  const auto fd = open_path(source, O_RDONLY);
  const MediaSource media{fd->get(), stat_of(fd->get())->st_size, "mov"};

  const auto other =
      open_slots(media, *Recipe::from_text("edit.1 format=mov codec=sq"), outlined.files());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), Errc::corrupt);

  ASSERT_EQ(::ftruncate(outlined.files().layout, 200), 0);
  const auto cut = open_slots(media, *Recipe::from_text("edit.1 format=mov"), outlined.files());
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code(), Errc::corrupt);
}

}  // namespace
}  // namespace lensfs
