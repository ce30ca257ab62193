// Sources that lie, end early or are no media at all, and everything else that is at hand: each
// form either works or says why not.
#include <fcntl.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "catalog/base/fd.h"
#include "tests/media/making.h"
#include "tests/support/files.h"

namespace lensfs {
namespace {

using test::ffmpeg;
using test::make_all;
using test::make_one;
using test::probe;
using test::stream_of;
using test::TempDir;

const std::vector<std::string> kEveryForm = {"video.1 box=160x160 format=mov", "audio.1 format=wav",
                                             "still.1 box=160x160", "waveform.1 box=200x100",
                                             "filmstrip.1 box=64x64 tiles=7"};

std::string clip(const TempDir& folder) {
  const auto source = folder / "whole.ts";
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=4", "-f", "lavfi", "-i", "sine=d=4",
          "-c:v", "libx264", "-g", "10", "-c:a", "aac", source});
  return *read_text(source, 1 << 26);
}

TEST(Damaged, WhatIsCutIsMadeAsFarAsItGoes) {
  const TempDir folder;
  std::string bytes = clip(folder);
  bytes.resize(bytes.size() / 2);
  test::write_file(folder / "cut.ts", bytes);

  const auto made = make_one(folder / "cut.ts", "video.1 format=mov", folder.path());

  const std::string frames = stream_of(probe(made.path), "video")["nb_read_frames"];
  EXPECT_GT(std::stoi(frames), 25);
  EXPECT_LT(std::stoi(frames), 75);
}

TEST(Damaged, AHoleDoesNotShortenTheClip) {
  const TempDir folder;
  std::string bytes = clip(folder);
  const std::size_t begin = bytes.size() * 2 / 5 / 188 * 188;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), 188 * 40, '\0');
  test::write_file(folder / "hole.ts", bytes);

  const auto made = make_one(folder / "hole.ts", "video.1 format=mov", folder.path());

  EXPECT_NEAR(static_cast<double>(made.made->duration_ns) / 1e9, 4.0, 0.1);
}

TEST(Damaged, WhatEndsWithinItsHeadIsTheFaultOfTheSource) {
  const TempDir folder;
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1",
          "-c:v", "libx264", "-c:a", "flac", folder / "whole.mkv"});
  ffmpeg({"-f", "lavfi", "-i", "sine=d=1", folder / "whole.flac"});
  for (const char* const format : {"mkv", "flac"}) {
    const std::string whole = *read_text(folder / (std::string("whole.") + format), 1 << 26);
    for (std::size_t size = 8; size < 1200; size += 37) {
      const auto cut = folder / (std::string("cut.") + format);
      test::write_file(cut, whole.substr(0, size));

      const auto made = make_all(cut, {"audio.1 format=wav"}, folder.path());

      // An error of the disk would have it tried again and again.
      const Errc code = made[0].made ? Errc::corrupt : made[0].made.error().code();
      EXPECT_NE(code, Errc::io) << format << " " << size;
    }
  }
}

TEST(Damaged, SaysWhatTheDecoderSaid) {
  const TempDir folder;
  const auto source = folder / "clip.mp4";
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1", "-c:v", "libx264", source});
  std::string bytes = *read_text(source, 1 << 26);
  bytes.resize(bytes.find("moov") - 4);
  test::write_file(source, bytes);

  const auto made = make_all(source, kEveryForm, folder.path());

  for (const auto& one : made) {
    ASSERT_FALSE(one.made);
    EXPECT_EQ(one.made.error().code(), Errc::corrupt);
    EXPECT_THAT(one.made.error().message(), testing::HasSubstr("moov atom not found"));
  }
}

TEST(Damaged, NothingIsNoMedia) {
  const TempDir folder;
  test::write_file(folder / "empty.mov", "");
  test::write_file(folder / "words.mov", "These are words and no film.\n");
  test::write_file(folder / "list.m3u8", "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n");

  for (const std::string name : {"empty.mov", "words.mov", "list.m3u8"}) {
    for (const auto& one : make_all(folder / name, kEveryForm, folder.path())) {
      ASSERT_FALSE(one.made) << name;
      EXPECT_FALSE(one.made.error().message().empty());
    }
  }
}

TEST(Damaged, AFullDiskIsTheFaultOfTheOutput) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1", "-c:v", "mpeg4", source});
  const auto from = open_path(source, O_RDONLY);
  const auto full = open_path("/dev/full", O_RDWR);
  const auto good = open_path(folder / "good.mov", O_RDWR | O_CREAT);
  ASSERT_TRUE(from && full && good);
  const Recipe recipe = *Recipe::from_text("video.1 format=mov");
  const std::vector<Order> orders = {{recipe, full->get()}, {recipe, good->get()}};

  const Answers made =
      make_timed({from->get(), stat_of(from->get())->st_size, "mov"}, orders, Progress());

  ASSERT_FALSE(made[0]);
  EXPECT_EQ(made[0].error().code(), Errc::no_space);
  EXPECT_TRUE(made[1]);
}

TEST(Damaged, ProgressOnlyGrows) {
  const TempDir folder;
  const auto source = folder / "clip.mov";
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=8", "-c:v", "libx264", "-preset",
          "ultrafast", source});
  const auto from = open_path(source, O_RDONLY);
  const auto output = open_path(folder / "out.mov", O_RDWR | O_CREAT);
  ASSERT_TRUE(from && output);
  const std::vector<Order> orders = {{*Recipe::from_text("video.1 format=mov"), output->get()}};
  std::vector<double> shown = {0};

  const Answers made = make_timed({from->get(), stat_of(from->get())->st_size, "mov"}, orders,
                                  [&](double share) { shown.push_back(share); });

  EXPECT_TRUE(made[0]);
  EXPECT_TRUE(std::is_sorted(shown.begin(), shown.end()));
  EXPECT_LE(shown.back(), 1.0);
}

// The collection of real files, where it is at hand: $LENSFS_MEDIA, else beside the tree.
class Collection : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Folders, Collection, testing::Values("video", "audio", "malformed"));

TEST_P(Collection, EveryFileIsMadeOrRefused) {
  const char* said = std::getenv("LENSFS_MEDIA");
  const std::filesystem::path beside = std::filesystem::path(LENSFS_SOURCE) / "../shared/media";
  const std::filesystem::path all =
      (said != nullptr ? std::filesystem::path(said) : beside) / GetParam();
  if (!std::filesystem::exists(all)) GTEST_SKIP() << "not here: " << all;
  const TempDir folder;

  for (const auto& entry : std::filesystem::directory_iterator(all)) {
    for (const auto& one : make_all(entry.path(), kEveryForm, folder.path())) {
      if (one.made) {
        EXPECT_GT(std::filesystem::file_size(one.path), 0U) << entry.path();
      } else {
        EXPECT_FALSE(one.made.error().message().empty()) << entry.path();
        EXPECT_NE(one.made.error().code(), Errc::interrupted) << entry.path();
      }
    }
  }
}

}  // namespace
}  // namespace lensfs
