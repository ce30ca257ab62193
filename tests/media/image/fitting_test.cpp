// Size, orientation, format, and several orders at once.
#include <fcntl.h>
#include <gtest/gtest.h>

#include "catalog/base/text.h"
#include "tests/media/image/made_media.h"
#include "tests/media/image/stills.h"
#include "tests/support/files.h"
#include "tests/support/process.h"

namespace lensfs::test {
namespace {

TEST(Still, FitsIntoTheBoxWithItsAspect) {
  Studio studio;
  const path source = studio.folder() / "wide.jpg";
  make_quarters(source, 1200, 900);

  const auto still = studio.make(source, {.width = 320, .height = 320, .format = "jpeg"});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.width, 320);
  EXPECT_EQ(still->made.height, 240);
  EXPECT_EQ(header(still->file, "width"), "320");
  EXPECT_EQ(header(still->file, "height"), "240");
  EXPECT_EQ(difference(colour_at(still->file, 40, 40), {255, 0, 0}, 6), "");
  EXPECT_EQ(difference(colour_at(still->file, 280, 200), {255, 255, 0}, 6), "");
}

TEST(Still, IsNeverEnlarged) {
  Studio studio;
  const path source = studio.folder() / "small.png";
  make_quarters(source, 60, 40);

  const auto still = studio.make(source, {.width = 2000, .height = 2000});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(header(still->file, "width"), "60");
  EXPECT_EQ(header(still->file, "height"), "40");
}

TEST(Still, OfABoxOpenOnOneSideIsLimitedByTheOther) {
  Studio studio;
  const path source = studio.folder() / "wide.png";
  make_quarters(source, 600, 400);

  const auto stills = studio.make_all(source, {{.width = 150}, {.height = 100}, {}});

  EXPECT_EQ(stills[0]->made.height, 100);
  EXPECT_EQ(stills[1]->made.width, 150);
  EXPECT_EQ(stills[2]->made.width, 600);
}

class Turned : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Orientations, Turned, testing::Range(1, 9));

TEST_P(Turned, StillIsTurnedAsExifSays) {
  Studio studio;
  const path source = studio.folder() / "turned.jpg";
  const path upright = studio.folder() / "upright.png";
  make_quarters(source, 1200, 800);
  make_with({"exiftool", "-q", "-n", "-overwrite_original",
             "-Orientation=" + std::to_string(GetParam()), source.string()});
  make_with({"vips", "autorot", source.string(), upright.string()});

  const auto stills =
      studio.make_all(source, {{.width = 300, .height = 300}, {.width = 120, .height = 120}, {}});

  const std::string swapped = GetParam() > 4 ? "200" : "300";
  ASSERT_TRUE(stills[0]) << stills[0].error().message();
  EXPECT_EQ(header(stills[0]->file, "width"), swapped);
  EXPECT_EQ(difference(colour_at(stills[0]->file, 20, 20), colour_at(upright, 80, 80), 6), "");
  EXPECT_EQ(difference(colour_at(stills[1]->file, 70, 10), colour_at(upright, 700, 100), 6), "");
  EXPECT_LT(rms(stills[2]->file, upright), 0.02);
  EXPECT_EQ(run({"exiftool", "-s3", "-Orientation", stills[0]->file.string()}).out, "");
}

TEST(Still, HasNoMetadata) {
  Studio studio;
  const path source = studio.folder() / "tagged.jpg";
  make_quarters(source, 200, 100);
  make_with({"exiftool", "-q", "-overwrite_original", "-Artist=somebody", "-GPSLatitude=59",
             "-XMP:Title=secret", "-IPTC:Keywords=secret", source.string()});

  for (const char* format : {"jpeg", "png", "webp"}) {
    const auto still = studio.make(source, {.width = 100, .format = format});
    ASSERT_TRUE(still);
    const Ran ran = run({"exiftool", "-a", "-G1", "-EXIF:all", "-XMP:all", "-IPTC:all",
                         "-ICC_Profile:all", still->file.string()});
    EXPECT_EQ(ran.out, "") << format;
  }
}

TEST(Still, OfUsedTransparencyIsPngWhenTheFormatIsLeftOpen) {
  Studio studio;
  const path clear = studio.folder() / "clear.png";
  make_with(
      {"convert", "-size", "80x60", "gradient:rgba(255,0,0,1)-rgba(255,0,0,0)", clear.string()});

  const auto stills = studio.make_all(
      clear, {{.format = "auto"}, {.format = "jpeg"}, {.format = "webp"}, {.width = 40}});

  ASSERT_TRUE(stills[0]);
  EXPECT_EQ(stills[0]->made.extension, "png");
  EXPECT_LT(colour_at(stills[0]->file, 40, 57).alpha, 20);
  EXPECT_EQ(header(stills[1]->file, "bands"), "3");
  EXPECT_EQ(difference(colour_at(stills[1]->file, 40, 58), {255, 247, 247}, 8), "");
  EXPECT_EQ(header(stills[2]->file, "bands"), "4");
  EXPECT_EQ(header(stills[3]->file, "bands"), "4");
}

TEST(Still, OfUnusedTransparencyIsJpegWhenTheFormatIsLeftOpen) {
  Studio studio;
  const path source = studio.folder() / "opaque.png";
  make_with({"convert", "-size", "80x60", "xc:rgb(10,200,30)", "-alpha", "set", "-define",
             "png:color-type=6", source.string()});

  const auto still = studio.make(source, {.format = "auto"});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.extension, "jpg");
  EXPECT_EQ(difference(colour_at(still->file, 40, 30), {10, 200, 30}, 3), "");
}

TEST(Still, OfHigherQualityIsLarger) {
  Studio studio;
  const path source = studio.folder() / "noise.png";
  make_with({"vips", "gaussnoise", (studio.folder() / "n.v").string(), "400", "300", "--mean",
             "128", "--sigma", "40"});
  make_with({"vips", "cast", (studio.folder() / "n.v").string(), source.string(), "uchar"});

  const auto stills = studio.make_all(
      source,
      {{.format = "jpeg", .quality = 30}, {.format = "jpeg"}, {.format = "jpeg", .quality = 95}});

  EXPECT_LT(file_size(stills[0]->file), file_size(stills[1]->file));
  EXPECT_LT(file_size(stills[1]->file), file_size(stills[2]->file));
}

TEST(Still, OfOneOfManyOrdersLooksLikeOneMadeAlone) {
  Studio studio;
  const path source = studio.folder() / "photo.jpg";
  make_with({"convert", "-size", "1600x1200", "plasma:red-blue", "-seed", "7", source.string()});

  const auto together = studio.make_all(
      source, {{.width = 160, .height = 160}, {.width = 1280, .height = 1280}, {.width = 400}});
  const auto alone = studio.make(source, {.width = 160, .height = 160});

  ASSERT_TRUE(together[0] && together[1] && together[2] && alone);
  EXPECT_EQ(together[0]->made.width, 160);
  EXPECT_EQ(together[1]->made.width, 1280);
  EXPECT_EQ(together[2]->made.width, 400);
  EXPECT_LT(rms(together[0]->file, alone->file), 0.02);
}

TEST(Still, IsTheSameEveryTime) {
  Studio studio;
  const path source = studio.folder() / "photo.jpg";
  make_with({"convert", "-size", "900x700", "plasma:red-blue", source.string()});

  const auto first = studio.make(source, {.width = 300, .format = "jpeg"});
  const auto second = studio.make(source, {.width = 300, .format = "jpeg"});

  EXPECT_EQ(content_of(first->file), content_of(second->file));
}

TEST(Still, OfAnotherFormIsNotSupported) {
  Studio studio;
  const path source = studio.folder() / "photo.png";
  make_quarters(source, 20, 20);
  const Fd fd = open_path(source, O_RDONLY).value();
  Order order;
  order.recipe.form = Recipe::Form::waveform;

  const Answers answers =
      make_stills({fd.get(), stat_of(fd.get()).value().st_size, "png"}, {&order, 1}, {});

  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].error().code(), Errc::not_supported);
}

TEST(Still, SaysHowFarItGot) {
  Studio studio;
  const path source = studio.folder() / "photo.png";
  make_quarters(source, 20, 20);
  const Fd fd = open_path(source, O_RDONLY).value();
  std::vector<Order> orders(2);
  std::vector<Fd> outputs;
  for (Order& order : orders) {
    outputs.push_back(
        open_path(studio.folder() / std::to_string(outputs.size()), O_RDWR | O_CREAT).value());
    order.output = outputs.back().get();
  }
  std::vector<double> parts;

  const Answers answers = make_stills({fd.get(), stat_of(fd.get()).value().st_size, "png"}, orders,
                                      [&parts](double part) { parts.push_back(part); });

  EXPECT_TRUE(answers[0] && answers[1]);
  EXPECT_EQ(parts, (std::vector<double>{0.5, 1.0}));
}

}  // namespace
}  // namespace lensfs::test
