// Pages of documents, frames of animations.
#include <gtest/gtest.h>

#include "tests/media/image/made_media.h"
#include "tests/media/image/stills.h"
#include "tests/support/files.h"

namespace lensfs::test {
namespace {

constexpr Colour kRed{255, 0, 0};
constexpr Colour kGreen{0, 255, 0};
constexpr Colour kBlue{0, 0, 255};

// Red, green and blue pictures in one file of the kind that `name` has.
path make_three(const path& folder, const std::string& name) {
  make_plain(folder / "1.png", 255, 0, 0);
  make_plain(folder / "2.png", 0, 255, 0);
  make_plain(folder / "3.png", 0, 0, 255);
  const path to = folder / name;
  make_with({"vips", "arrayjoin",
             (folder / "1.png").string() + " " + (folder / "2.png").string() + " " +
                 (folder / "3.png").string(),
             (folder / "all.v").string(), "--across", "1"});
  make_with({"vips", "copy", (folder / "all.v").string(), to.string() + "[page-height=48]"});
  return to;
}

class Paged : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Formats, Paged, testing::Values("pages.tif", "pages.pdf"));

path paged(const Studio& studio, const std::string& name) {
  if (name != "pages.pdf") return make_three(studio.folder().path(), name);
  const path to = studio.folder() / name;
  write_file(to, pdf_of({"1 0 0", "0 1 0", "0 0 1"}));
  return to;
}

TEST_P(Paged, DocumentsShowThePageThatIsAskedFor) {
  Studio studio;
  const path source = paged(studio, GetParam());

  const auto stills = studio.make_all(source, {{.width = 48},
                                               {.width = 40, .at = "p3"},
                                               {.width = 30, .at = "p2"},
                                               {.width = 24, .at = "p3"},
                                               {.width = 40, .at = "p1"}});

  ASSERT_TRUE(stills[0]) << stills[0].error().message();
  EXPECT_EQ(difference(colour_at(stills[0]->file, 9, 9), kRed, 2), "");
  EXPECT_EQ(difference(colour_at(stills[1]->file, 9, 9), kBlue, 2), "");
  EXPECT_EQ(difference(colour_at(stills[2]->file, 9, 9), kGreen, 2), "");
  EXPECT_EQ(difference(colour_at(stills[3]->file, 9, 9), kBlue, 2), "");
  EXPECT_EQ(stills[3]->made.width, 24);
  EXPECT_EQ(difference(colour_at(stills[4]->file, 9, 9), kRed, 2), "");
}

TEST_P(Paged, DocumentsHaveNoPageBeyondTheirLast) {
  Studio studio;
  const path source = paged(studio, GetParam());

  const auto stills = studio.make_all(source, {{.at = "p4"}, {.at = "f1"}, {.width = 9}});

  EXPECT_EQ(stills[0].error().code(), Errc::not_supported);
  EXPECT_EQ(stills[1].error().code(), Errc::not_supported);
  EXPECT_TRUE(stills[2]) << "the other orders are made all the same";
}

class Animated : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Formats, Animated, testing::Values("moving.gif", "moving.webp"));

TEST_P(Animated, PicturesShowTheirFirstFrameOrTheOneAskedFor) {
  Studio studio;
  const path source = make_three(studio.folder().path(), GetParam());

  const auto stills = studio.make_all(
      source, {{.width = 40}, {.width = 40, .at = "f2"}, {.width = 40, .at = "f0"}});

  ASSERT_TRUE(stills[0]) << stills[0].error().message();
  EXPECT_EQ(stills[0]->made.height, 30);
  EXPECT_EQ(difference(colour_at(stills[0]->file, 9, 9), kRed, 4), "");
  EXPECT_EQ(difference(colour_at(stills[1]->file, 9, 9), kBlue, 4), "");
  EXPECT_EQ(difference(colour_at(stills[2]->file, 9, 9), kRed, 4), "");
}

TEST_P(Animated, PicturesHaveNoFrameBeyondTheirLastAndNoTimecode) {
  Studio studio;
  const path source = make_three(studio.folder().path(), GetParam());

  const auto stills = studio.make_all(source, {{.at = "f3"}, {.at = "01.00.05.12"}});

  EXPECT_EQ(stills[0].error().code(), Errc::not_supported);
  EXPECT_EQ(stills[1].error().code(), Errc::not_supported);
}

TEST(Moment, OfAPictureIsThePicture) {
  Studio studio;
  const path source = studio.folder() / "one.png";
  make_plain(source, 255, 0, 0);

  const auto stills = studio.make_all(source, {{.at = "p1"}, {.at = "p2"}, {.at = "f0"}});

  EXPECT_TRUE(stills[0]);
  EXPECT_EQ(stills[1].error().code(), Errc::not_supported);
  EXPECT_EQ(stills[2].error().code(), Errc::not_supported);
}

}  // namespace
}  // namespace lensfs::test
