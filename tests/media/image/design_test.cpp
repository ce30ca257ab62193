// Photoshop, SVG, PostScript, icons, camera files, bitmaps.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/media/image/made_media.h"
#include "tests/media/image/stills.h"
#include "tests/support/files.h"
#include "tests/support/process.h"

namespace lensfs::test {
namespace {

TEST(Photoshop, MergedPictureIsShown) {
  Studio studio;
  const path source = studio.folder() / "design.psd";
  write_file(source, psd_of({.channels = {200, 100, 50}}));

  const auto still = studio.make(source, {.format = "auto"});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.extension, "jpg");
  EXPECT_EQ(difference(colour_at(still->file, 4, 4), {200, 100, 50}, 3), "");
}

TEST(Photoshop, TransparencyIsKeptAndTheWhiteBehindItTakenOff) {
  Studio studio;
  const path source = studio.folder() / "clear.psd";
  // Half a red over white.
  write_file(source, psd_of({.channels = {255, 127, 127, 128}, .transparent = true}));

  const auto still = studio.make(source, {.format = "auto"});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.extension, "png");
  EXPECT_EQ(difference(colour_at(still->file, 4, 4), {255, 0, 0, 128}, 3), "");
}

TEST(Photoshop, AMaskChannelIsNoTransparency) {
  Studio studio;
  const path source = studio.folder() / "mask.psd";
  write_file(source, psd_of({.channels = {10, 20, 30, 0}}));

  const auto still = studio.make(source, {.format = "auto"});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.extension, "jpg");
}

TEST(Photoshop, CmykIsStoredAsWhatIsLeftOfTheLight) {
  Studio studio;
  const path source = studio.folder() / "ink.psd";
  write_file(source, psd_of({.mode = 4, .channels = {255, 255, 255, 255}}));

  const auto still = studio.make(source, {});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(difference(colour_at(still->file, 4, 4), {255, 255, 255}, 4), "") << "no ink is white";
}

class Sample : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Photoshop, Sample,
                         testing::Values("design/BlueSquare.psd", "design/layer_effects.psd",
                                         "design/psd_rgb_16.psd"));

TEST_P(Sample, LooksAsImageMagickShowsIt) {
  const path source = shared_media() / GetParam();
  if (!exists(source)) GTEST_SKIP() << source;
  Studio studio;
  const path reference = studio.folder() / "reference.png";
  make_with({"convert", source.string() + "[0]", "-depth", "8", reference.string()});

  const auto still = studio.make(source, {});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_LT(rms(still->file, reference), 0.02);
}

TEST(Photoshop, CutBeforeThePictureShowsItsThumbnail) {
  const path source = shared_media() / "malformed/psd-cut.psd";
  if (!exists(source)) GTEST_SKIP() << source;
  Studio studio;

  const auto still = studio.make(source, {});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.width, 100);
}

std::string svg(const std::string& content) {
  return "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' "
         "xmlns:xlink='http://www.w3.org/1999/xlink' width='20' height='10'>" +
         content + "</svg>";
}

TEST(Svg, IsDrawnAtTheSizeOfTheBox) {
  Studio studio;
  const path source = studio.folder() / "drawing.svg";
  write_file(source, svg("<rect width='10' height='10' fill='#00f'/>"));

  const auto stills = studio.make_all(source, {{.width = 1000, .height = 1000}, {.width = 100}});

  ASSERT_TRUE(stills[0]) << stills[0].error().message();
  EXPECT_EQ(stills[0]->made.width, 1000);
  EXPECT_EQ(stills[0]->made.height, 500);
  // An edge that was drawn is sharp; one that was scaled up is not.
  EXPECT_EQ(difference(colour_at(stills[0]->file, 498, 250), {0, 0, 255, 255}, 2), "");
  EXPECT_EQ(colour_at(stills[0]->file, 502, 250).alpha, 0);
  EXPECT_EQ(stills[1]->made.width, 100);
}

TEST(Svg, ReadsNoLocalFile) {
  Studio studio;
  const path secret = studio.folder() / "secret.png";
  make_plain(secret, 255, 0, 0);
  const path source = studio.folder() / "thief.svg";
  for (const std::string& reference :
       {"file://" + secret.string(), secret.string(), std::string("secret.png")}) {
    write_file(source, svg("<rect width='20' height='10' fill='#00f'/><image width='20' "
                           "height='10' xlink:href='" +
                           reference + "'/>"));

    const auto still = studio.make(source, {.width = 100});

    ASSERT_TRUE(still) << still.error().message();
    EXPECT_EQ(difference(colour_at(still->file, 50, 25), {0, 0, 255}, 2), "") << reference;
  }
}

TEST(Svg, ReadsNoEntityFromAFile) {
  Studio studio;
  const path secret = studio.folder() / "secret.txt";
  write_file(secret,
             "<rect xmlns='http://www.w3.org/2000/svg' width='20' height='10' fill='red'/>");
  const path source = studio.folder() / "thief.svg";
  write_file(source, "<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file://" +
                         secret.string() +
                         "'>]><svg xmlns='http://www.w3.org/2000/svg' "
                         "width='20' height='10'>&x;</svg>");

  const auto still = studio.make(source, {.width = 100, .format = "png"});

  EXPECT_TRUE(!still || colour_at(still->file, 50, 25).red == 0);
}

TEST(Svg, WithAPictureInItShowsThat) {
  Studio studio;
  const path picture = studio.folder() / "inside.png";
  make_plain(picture, 0, 200, 0);
  const Ran coded = run({"base64", "-w0", picture.string()});
  const path source = studio.folder() / "drawing.svg";
  write_file(source, svg("<image width='20' height='20' xlink:href='data:image/png;base64," +
                         coded.out + "'/>"));

  const auto still = studio.make(source, {.width = 100});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(difference(colour_at(still->file, 50, 25), {0, 200, 0}, 2), "");
}

std::string eps(const std::string& content) {
  return "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 100 200 300 300\n%%EndComments\n" + content;
}

TEST(Postscript, IsDrawnWithinItsBoundingBox) {
  Studio studio;
  const path source = studio.folder() / "drawing.eps";
  write_file(source, eps("0 0 1 setrgbcolor 100 200 100 100 rectfill showpage\n"));

  const auto stills = studio.make_all(source, {{.width = 400}, {.width = 40}});

  ASSERT_TRUE(stills[0]) << stills[0].error().message();
  EXPECT_EQ(stills[0]->made.height, 200);
  EXPECT_EQ(difference(colour_at(stills[0]->file, 190, 5), {0, 0, 255}, 2), "");
  EXPECT_EQ(difference(colour_at(stills[0]->file, 210, 5), {255, 255, 255}, 2), "");
  EXPECT_EQ(stills[1]->made.width, 40);
}

TEST(Postscript, WithoutShowpageIsDrawn) {
  Studio studio;
  const path source = studio.folder() / "drawing.eps";
  write_file(source, eps("1 0 0 setrgbcolor 100 200 200 100 rectfill\n"));

  const auto still = studio.make(source, {.width = 40});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(difference(colour_at(still->file, 20, 10), {255, 0, 0}, 2), "");
}

TEST(Postscript, ReadsAndWritesNoFile) {
  Studio studio;
  const path source = studio.folder() / "thief.eps";
  const path secret = studio.folder() / "secret.txt";
  const path written = studio.folder() / "written.txt";
  write_file(secret, "x");
  write_file(source, eps("1 0 0 setrgbcolor 100 200 200 100 rectfill\n"
                         "{ (" +
                         secret.string() +
                         ") (r) file pop 0 1 0 setrgbcolor } stopped pop\n"
                         "{ (" +
                         written.string() +
                         ") (w) file closefile 0 1 0 setrgbcolor } "
                         "stopped pop\n"
                         "{ (%pipe%id) (r) file pop 0 1 0 setrgbcolor } stopped pop\n"
                         "100 200 200 100 rectfill showpage\n"));

  const auto still = studio.make(source, {.width = 40});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(difference(colour_at(still->file, 20, 10), {255, 0, 0}, 2), "") << "green: it could";
  EXPECT_FALSE(exists(written));
}

TEST(Postscript, ThatFailsSaysWhatTheInterpreterSaid) {
  Studio studio;
  const path source = studio.folder() / "broken.eps";
  write_file(source, eps("no-such-operator\n"));

  const auto still = studio.make(source, {});

  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code(), Errc::corrupt);
  EXPECT_NE(still.error().message().find("no-such-operator"), std::string::npos)
      << still.error().message();
}

TEST(Icon, OfMacOsShowsItsLargestPicture) {
  Studio studio;
  const path picture = studio.folder() / "large.png";
  make_plain(picture, 10, 20, 30);
  const std::string png = content_of(picture);
  const std::size_t size = png.size() + 8;
  const auto length = [](std::size_t number) {
    return std::string{static_cast<char>(number >> 24U), static_cast<char>(number >> 16U),
                       static_cast<char>(number >> 8U), static_cast<char>(number)};
  };
  const std::string small = "is32" + length(8 + 6) + std::string("\xff\0\xff\0\xff\0", 6);
  const path source = studio.folder() / "icon.icns";
  write_file(source,
             "icns" + length(8 + small.size() + size) + small + "ic07" + length(size) + png);

  const auto still = studio.make(source, {});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.width, 64);
  EXPECT_EQ(difference(colour_at(still->file, 9, 9), {10, 20, 30}, 1), "");
}

TEST(CameraFile, IsDeveloped) {
  Studio studio;
  const path source = studio.folder() / "camera.dng";
  write_file(source, dng());

  const auto still = studio.make(source, {});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.width, 32) << "half of the sensor";
  const Colour grey = colour_at(still->file, 16, 12);
  EXPECT_LT(std::abs(grey.red - grey.green), 8) << "a neutral grey";
}

class Bitmap : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Formats, Bitmap,
                         testing::Values("a.bmp", "a.tga", "a.ico", "a.pcx", "a.sgi", "a.dds",
                                         "a.ppm", "a.jp2", "a.png", "a.tif", "a.webp"));

TEST_P(Bitmap, IsShown) {
  Studio studio;
  const path plain = studio.folder() / "plain.png";
  const path source = studio.folder() / GetParam();
  make_plain(plain, 200, 120, 40);
  make_with({"convert", plain.string(), source.string()});

  const auto still = studio.make(source, {.width = 32});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.width, 32);
  EXPECT_EQ(difference(colour_at(still->file, 16, 12), {200, 120, 40}, 8), "");
}

}  // namespace
}  // namespace lensfs::test
