// How numbered pictures and their sequences are called.
#include "catalog/model/frame_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/model/profile.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string head_of(std::string_view name) {
  const auto frame = frame_name(name);
  return frame ? std::string(frame->head) : "none";
}

TEST(FrameName, IsANumberBeforeTheExtensionOfAPicture) {
  EXPECT_EQ(head_of("plate.1001.exr"), "plate.");
  EXPECT_EQ(head_of("plate_1001.DPX"), "plate_");
  EXPECT_EQ(head_of("plate1001.tif"), "plate");
  EXPECT_EQ(head_of("0001.png"), "");
  EXPECT_EQ(number(frame_name("plate.0042.exr")->number), 42);
}

TEST(FrameName, NeedsThreeDigitsOrASeparator) {
  EXPECT_EQ(head_of("plate.1.exr"), "plate.");
  EXPECT_EQ(head_of("plate12.exr"), "none");
  EXPECT_EQ(head_of("plate123.exr"), "plate");
  EXPECT_EQ(head_of("12.exr"), "none");
}

TEST(FrameName, IsNoVersionNoOtherFormatAndNoHugeNumber) {
  EXPECT_EQ(head_of("comp_v001.exr"), "none");
  EXPECT_EQ(head_of("v001.exr"), "none");
  EXPECT_EQ(head_of("rev001.exr"), "rev") << "v is the end of a word";
  EXPECT_EQ(head_of("clip.1001.mov"), "none");
  EXPECT_EQ(head_of("plate.exr"), "none");
  EXPECT_EQ(head_of("plate.268435455.exr"), "plate.");
  EXPECT_EQ(head_of("plate.268435456.exr"), "none");
  EXPECT_EQ(head_of("plate.99999999999999999999.exr"), "none");
}

TEST(SequenceName, SaysFromWhereToWhere) {
  const auto first = frame_name("plate.0998.exr");
  const auto last = frame_name("plate.1240.exr");

  EXPECT_EQ(name_of_sequence(*first, *last), "plate.[0998-1240].exr");
  EXPECT_EQ(sequence_name("plate.[0998-1240].exr")->head, "plate.");
  EXPECT_FALSE(sequence_name("plate.[0998].exr"));
  EXPECT_FALSE(sequence_name("plate.[a-b].exr"));
  EXPECT_FALSE(sequence_name("plate.[1-2].mov"));
}

TEST(SequenceName, GivesItsRenditionsAStemWithoutTheFrames) {
  EXPECT_EQ(rendered_name("plate.[1001-1240].exr", "mov"), "plate.mov");
  EXPECT_EQ(rendered_name("plate_[1001-1240].jpg", "jpg"), "plate.jpg");
  EXPECT_EQ(rendered_name("[0001-0240].png", "jpg"), "sequence.jpg");
  EXPECT_EQ(rendered_name("A001.mov", "mov"), "A001.mov") << "others are called as ever";
}

TEST(FrameRuns, AreThreeOrMoreOfOneHeadAndExtension) {
  const auto runs = frame_runs(
      {"a.1.exr", "a.2.exr", "a.4.exr", "b.1.exr", "b.2.exr", "a.1.dpx", "notes.txt", "a.10.exr"});

  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_THAT(runs[0].names, ElementsAre("a.1.exr", "a.2.exr", "a.4.exr", "a.10.exr"));
  EXPECT_THAT(frame_runs({"b.1.exr", "b.2.exr"}), IsEmpty());
}

TEST(FrameRuns, TakeTheLongerOfTwoNamesOfOneNumber) {
  const auto runs = frame_runs({"a.01.exr", "a.001.exr", "a.002.exr", "a.003.exr"});

  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_THAT(runs[0].names, ElementsAre("a.001.exr", "a.002.exr", "a.003.exr"));
}

TEST(MissingFrames, AreNamedAsRanges) {
  const auto at = [](std::int64_t n) { return static_cast<FrameNumber>(n); };

  EXPECT_EQ(missing_frames({at(1), at(2), at(3)}), "");
  EXPECT_EQ(missing_frames({at(1), at(3), at(7)}), "2, 4-6");
}

}  // namespace
}  // namespace lensfs::test
