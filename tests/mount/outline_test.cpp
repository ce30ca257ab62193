// Clips for editing: there with their true size at once, rendered when they are read.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/fault/rounds.h"
#include "tests/mount/outlines.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(Outlines, AClipIsThereOnceItIsIngested) {
  add_clip("A001.mov");
  mount_and_work();

  const path folder = at("Resolutions/edit/Projects/demo");
  ASSERT_TRUE(wait_until([&] { return !names_in(folder).empty(); }, kLong));

  struct stat status {};
  ASSERT_EQ(::stat((folder / "A001.mov").c_str(), &status), 0);
  EXPECT_GT(status.st_size, 100 * 4096);
  EXPECT_EQ(state("A001.mov"), "virtual");
}

TEST_F(Outlines, HoldsTheBytesOfAFullRun) {
  add_clip("A001.mov");
  mount_and_work();
  const std::string whole = this->whole("A001.mov");
  ASSERT_EQ(state("A001.mov"), "virtual");

  EXPECT_TRUE(read_at_once(edit("A001.mov")).value_or("") == whole);
}

TEST_F(Outlines, IsWhatPlayersTakeForAClip) {
  add_clip("A001.mov");
  mount_and_work();
  const path clip = edit("A001.mov");

  const Ran probe = run({"ffprobe", "-v", "error", "-show_entries",
                         "stream=codec_name,nb_frames,r_frame_rate:stream_tags=timecode:format="
                         "duration",
                         "-of", "default=nk=0", clip.string()});
  EXPECT_EQ(probe.err, "");
  EXPECT_THAT(probe.out, HasSubstr("codec_name=dnxhd"));
  EXPECT_THAT(probe.out, HasSubstr("nb_frames=100"));
  EXPECT_THAT(probe.out, HasSubstr("codec_name=pcm_s16le"));
  EXPECT_THAT(probe.out, HasSubstr("TAG:timecode=01:00:00:00"));
  const Ran decode = run({"ffmpeg", "-v", "error", "-i", clip.string(), "-f", "null", "-"});
  EXPECT_EQ(decode.err, "");
}

TEST_F(Outlines, IsTheSameInWhateverOrderItIsRead) {
  add_clip("A001.mov");
  mount_and_work();
  const std::string whole = this->whole("A001.mov");
  const Fd file = *open_path(edit("A001.mov"), O_RDONLY);
  constexpr std::size_t kPiece = 100'000;
  std::vector<std::size_t> pieces;
  for (std::size_t at = 0; at < whole.size(); at += kPiece) pieces.push_back(at);
  std::shuffle(pieces.begin(), pieces.end(), std::mt19937(7));

  std::atomic<std::size_t> wrong = 0;
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 16; ++reader) {
    readers.emplace_back([&] {
      for (std::size_t i = next++; i < pieces.size(); i = next++) {
        const auto at = static_cast<std::int64_t>(pieces[i]);
        if (part_of(file.get(), at, kPiece) != whole.substr(pieces[i], kPiece)) ++wrong;
      }
    });
  }
  readers.clear();

  EXPECT_EQ(wrong, 0U) << "of " << pieces.size();
}

TEST_F(Outlines, CanBeMappedAndCopied) {
  add_clip("A001.mov");
  mount_and_work();
  const path clip = edit("A001.mov");
  const Fd file = *open_path(clip, O_RDONLY);
  const auto size = static_cast<std::size_t>(stat_of(file.get())->st_size);

  void* const map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  ASSERT_NE(map, MAP_FAILED);
  const std::string mapped(static_cast<const char*>(map), size);
  ::munmap(map, size);
  ASSERT_EQ(run({"cp", "--sparse=always", clip.string(), (scratch() / "copy.mov").string()}).exit,
            0);

  EXPECT_TRUE(mapped == read_at_once(scratch() / "copy.mov").value_or(""));
}

TEST_F(Outlines, BecomesARenditionOnceItIsWholeAndReadersGoOn) {
  add_clip("A001.mov");
  mount_and_work();
  const path clip = edit("A001.mov");
  const Fd before = *open_path(clip, O_RDONLY);
  const auto inode = stat_of(before.get())->st_ino;

  const std::string bytes = read_at_once(clip).value_or("");
  ASSERT_TRUE(wait_until([&] { return state("A001.mov") == "ready"; }, kLong));

  EXPECT_TRUE(wait_until([&] { return inode_of(clip) != inode; }, kLong))
      << "it is another file for the kernel";
  const Fd after = *open_path(clip, O_RDONLY);
  EXPECT_EQ(part_of(before.get(), 5000, 1000), bytes.substr(5000, 1000));
  EXPECT_EQ(part_of(after.get(), 5000, 1000), bytes.substr(5000, 1000));
  EXPECT_EQ(library_command("verify", {}).exit, 0);
}

TEST_F(Outlines, IsReadOnThoughTheServingWorkerDies) {
  add_clip("A001.mov");
  mount_and_work();
  const Fd file = *open_path(edit("A001.mov"), O_RDONLY);
  const std::int64_t middle = stat_of(file.get())->st_size / 2;
  const std::string before = part_of(file.get(), middle, 4096);

  const pid_t died = worker();
  ::kill(died, SIGKILL);
  const std::string beyond = part_of(file.get(), middle + 300'000, 200'000);

  EXPECT_EQ(beyond.size(), 200'000U);
  EXPECT_EQ(part_of(file.get(), middle, 4096), before);
}

TEST_F(Outlines, IsRightThoughDecodersAreKilledWhileItIsRead) {
  const int wanted = rounds("LENSFS_CLIP_READS", 300);
  add_clip("A001.mov", "1920x1080", std::to_string(std::max(1, wanted / 75)));
  mount_and_work();
  const std::string whole = this->whole("A001.mov");
  const Fd file = *open_path(edit("A001.mov"), O_RDONLY);
  std::atomic<int> reads = 0;
  int kills = 0;

  // One of them, whenever two more reads were answered.
  std::jthread killer([&] {
    std::mt19937 random(11);
    for (int seen = 0; seen < wanted; seen = reads) {
      const std::vector<pid_t> victims = decoders();
      if (victims.empty()) continue;
      if (::kill(victims[random() % victims.size()], SIGKILL) == 0) ++kills;
      for (int now = reads; now < std::min(seen + 2, wanted); now = reads) reads.wait(now);
    }
  });
  std::mt19937 random(5);
  int wrong = 0;
  int refused = 0;
  for (; reads < wanted; ++reads, reads.notify_one()) {
    const std::size_t at = random() % (whole.size() - 20'000);
    const std::string part = part_of(file.get(), static_cast<std::int64_t>(at), 20'000);
    if (part.empty()) {
      ++refused;
    } else if (part != whole.substr(at, part.size())) {
      ++wrong;
    }
  }
  killer.join();

  EXPECT_EQ(wrong, 0);
  EXPECT_GT(kills, 0);
  EXPECT_LT(refused, wanted / 10) << "each read is tried with a second decoder";
  std::cout << kills << " decoders killed, " << refused << " of " << wanted << " reads refused\n";
}

TEST_F(Outlines, ShowsAPartOfAClipByItsName) {
  add_clip("A001.mov");
  mount_and_work();

  const path part = at("Projects/demo/A001@01.00.01.00+00.00.02.00.mov");
  const Ran probe =
      run({"ffprobe", "-v", "error", "-show_entries", "stream=nb_frames:stream_tags=timecode",
           "-of", "default=nk=0", part.string()});

  EXPECT_EQ(probe.err, "");
  EXPECT_THAT(probe.out, HasSubstr("nb_frames=50"));
  EXPECT_THAT(probe.out, HasSubstr("TAG:timecode=01:00:01:00"));
}

TEST_F(Outlines, OfSoundIsAWaveFile) {
  const path made = scratch() / "tone.mp3";
  ASSERT_EQ(run({"ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=440:duration=3",
                 made.string()})
                .exit,
            0);
  ASSERT_TRUE(ingest(made.string()));
  mount_and_work();

  const Ran probe = run({"ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of",
                         "csv=p=0", edit("tone.wav").string()});

  EXPECT_EQ(probe.out, "pcm_s16le\n");
  EXPECT_EQ(probe.err, "");
}

}  // namespace
}  // namespace lensfs::test
