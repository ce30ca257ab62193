// Colour: whatever a picture is coded in comes out as the sRGB that it means.
#include <gtest/gtest.h>

#include "tests/media/image/made_media.h"
#include "tests/media/image/stills.h"
#include "tests/support/files.h"
#include "tests/support/process.h"

namespace lensfs::test {
namespace {

constexpr Colour kTeal{40, 150, 140};

// A plain teal, converted by `vips` with these words between the source and the result.
class Coded {
 public:
  Coded() { make_plain(plain_, 40, 150, 140); }

  [[nodiscard]] path by(const std::vector<std::string>& words, const std::string& name) {
    const path to = studio_.folder() / name;
    std::vector<std::string> command = {"vips", words.front(), plain_.string(), to.string()};
    command.insert(command.end(), words.begin() + 1, words.end());
    make_with(command);
    return to;
  }
  [[nodiscard]] std::string shown(const path& source, double tolerance) {
    const auto still = studio_.make(source, {.width = 32});
    if (!still) return still.error().message();
    if (header(still->file, "format").find("UCHAR") == std::string::npos) return "not 8 bits";
    return difference(colour_at(still->file, 16, 12), kTeal, tolerance);
  }

 private:
  Studio studio_;
  path plain_ = studio_.folder() / "plain.png";
};

TEST(StillColour, OfAnEmbeddedProfileIsConverted) {
  Coded coded;
  const path wide = coded.by({"icc_transform", "p3"}, "p3.png");

  EXPECT_NE(difference(colour_at(wide, 5, 5), kTeal, 8), "") << "P3 codes it otherwise";
  EXPECT_EQ(coded.shown(wide, 2), "");
  EXPECT_EQ(coded.shown(coded.by({"icc_transform", "p3"}, "p3.jpg"), 3), "");
}

TEST(StillColour, OfCmykIsConverted) {
  Coded coded;

  EXPECT_EQ(coded.shown(coded.by({"icc_transform", "cmyk"}, "cmyk.jpg"), 12), "");
  EXPECT_EQ(coded.shown(coded.by({"icc_transform", "cmyk"}, "cmyk.tif"), 12), "");
}

TEST(StillColour, OfCmykWithoutAProfileIsConverted) {
  Coded coded;
  const path source = coded.by({"icc_transform", "cmyk"}, "cmyk.tif");
  const path bare = source.parent_path() / "bare.tif";
  make_with({"vips", "tiffsave", source.string(), bare.string(), "--strip"});

  EXPECT_EQ(coded.shown(bare, 14), "");
}

TEST(StillColour, Of16BitsIsKept) {
  Coded coded;

  EXPECT_EQ(coded.shown(coded.by({"colourspace", "rgb16"}, "deep.png"), 1), "");
  EXPECT_EQ(coded.shown(coded.by({"colourspace", "rgb16"}, "deep.tif"), 1), "");
}

TEST(StillColour, OfLabIsConverted) {
  Coded coded;

  EXPECT_EQ(coded.shown(coded.by({"colourspace", "lab"}, "lab.tif"), 2), "");
}

TEST(StillColour, OfGreyStaysGrey) {
  Studio studio;
  const path source = studio.folder() / "grey.png";
  make_with({"convert", "-size", "64x48", "xc:gray(120)", "-colorspace", "gray", "-depth", "16",
             source.string()});

  const auto still = studio.make(source, {.width = 32, .format = "jpeg"});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(difference(colour_at(still->file, 16, 12), {120, 120, 120}, 2), "");
}

TEST(StillColour, OfABrokenProfileIsThatOfNone) {
  Coded coded;
  const path source = coded.by({"icc_transform", "srgb"}, "good.jpg");
  std::string content = content_of(source);
  const std::size_t profile = content.find("ICC_PROFILE");
  ASSERT_NE(profile, std::string::npos);
  content.replace(profile + 14, 300, 300, '\x7f');  // its header and list of tags
  const path broken = source.parent_path() / "broken.jpg";
  write_file(broken, content);

  EXPECT_EQ(coded.shown(broken, 3), "");
}

// A photograph, against what other programs make of it.
TEST(StillColour, OfAPhotographIsWhatVipsthumbnailMakes) {
  Studio studio;
  const path reference = studio.folder() / "reference.png";
  for (const char* name :
       {"iphone-IMG_2682.heic", "cmyk.jpg", "IMG_6297.jpg", "denali.webp", "8bit-sRGB.jxl"}) {
    const path source = shared_media() / "stills" / name;
    if (!exists(source)) GTEST_SKIP() << source;
    make_with({"vipsthumbnail", source.string(), "--size", "400x400", "--export-profile", "srgb",
               "-o", reference.string() + "[strip]"});

    const auto still = studio.make(source, {.width = 400, .height = 400});

    ASSERT_TRUE(still) << name << still.error().message();
    EXPECT_LT(rms(still->file, reference), 0.03) << name;
  }
}

}  // namespace
}  // namespace lensfs::test
