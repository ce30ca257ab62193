// Light beyond white: EXR, Radiance, float TIFF, film scans.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/media/image/made_media.h"
#include "tests/media/image/stills.h"
#include "tests/support/files.h"
#include "tests/support/process.h"

namespace lensfs::test {
namespace {

double srgb(double linear) {
  return 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055);
}

// A float TIFF of one value.
path make_light(const path& folder, const std::string& value, const std::string& name) {
  const path to = folder / name;
  const path black = folder / "black.v";
  make_with({"vips", "black", black.string(), "64", "48", "--bands", "3"});
  const path light = folder / "light.v";
  make_with({"vips", "linear", black.string(), light.string(), "1 1 1",
             value + " " + value + " " + value});
  make_with({"vips", "copy", light.string(), to.string(), "--interpretation", "scrgb"});
  return to;
}

class Exposed : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Formats, Exposed, testing::Values("light.tif", "light.hdr"));

TEST_P(Exposed, MiddleGreyStaysMiddleGrey) {
  Studio studio;
  const auto still =
      studio.make(make_light(studio.folder().path(), "0.18", GetParam()), {.width = 32});

  ASSERT_TRUE(still) << still.error().message();
  const double wanted = srgb(0.18);
  EXPECT_EQ(difference(colour_at(still->file, 16, 12), {wanted, wanted, wanted}, 2), "");
}

TEST_P(Exposed, UnitsThatAreUnknownAreBroughtToMiddleGrey) {
  Studio studio;
  const auto still =
      studio.make(make_light(studio.folder().path(), "4000", GetParam()), {.width = 32});

  ASSERT_TRUE(still) << still.error().message();
  const double wanted = srgb(0.18);
  EXPECT_EQ(difference(colour_at(still->file, 16, 12), {wanted, wanted, wanted}, 3), "");
}

TEST(SceneLight, OfAnExrKeepsItsExposureAndRollsOff) {
  Studio studio;
  const path source = studio.folder() / "light.exr";
  // Left: 0.5, right: 6 times white.
  make_with(
      {"ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
       "color=black:s=64x48,format=gbrpf32le,geq=r='if(lt(X,32),0.5,6)':g='if(lt(X,32),0.5,6)'"
       ":b='if(lt(X,32),0.5,6)'",
       "-frames:v", "1", source.string()});

  const auto still = studio.make(source, {});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(difference(colour_at(still->file, 10, 20), {srgb(0.5), srgb(0.5), srgb(0.5)}, 2), "");
  const double bright = colour_at(still->file, 50, 20).green;
  EXPECT_GT(bright, 245);
  EXPECT_LT(bright, 255);
}

TEST(SceneLight, ThatIsNoNumberIsBlackAndInfinityIsWhite) {
  const path source = shared_media() / "hdr/BrightRingsNanInf.exr";
  if (!exists(source)) GTEST_SKIP() << source;
  Studio studio;

  const auto still = studio.make(source, {.width = 200});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_GT(colour_at(still->file, 100, 100).green, 200);
}

TEST(SceneLight, OfAnExrWithFalseAlphaIsOpaque) {
  const path source = shared_media() / "hdr/Carrots.exr";
  if (!exists(source)) GTEST_SKIP() << source;
  Studio studio;

  const auto still = studio.make(source, {.width = 200, .format = "auto"});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.extension, "jpg");
}

// A DPX of 10 bits whose header says what kind of film it is.
path make_dpx(const path& folder, char transfer) {
  const path to = folder / "scan.dpx";
  make_with({"ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
             "testsrc2=s=192x108,format=gbrp10be", "-frames:v", "1", to.string()});
  std::string content = content_of(to);
  content[801] = transfer;
  write_file(to, content);
  return to;
}

TEST(FilmScan, OfVideoIsShownAsItIs) {
  Studio studio;
  const path source = make_dpx(studio.folder().path(), 0);
  const path reference = studio.folder() / "reference.png";
  make_with({"ffmpeg", "-v", "error", "-y", "-i", source.string(), "-pix_fmt", "rgb24",
             reference.string()});

  const auto still = studio.make(source, {});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_LT(rms(still->file, reference), 0.01);
}

TEST(FilmScan, OfDensityIsPrinted) {
  Studio studio;
  std::string content = content_of(make_dpx(studio.folder().path(), 1));
  const std::uint32_t grey = 470U << 22U | 470U << 12U | 470U << 2U;  // 18 % on film
  for (std::size_t at = 1664; at + 4 <= content.size(); at += 4)
    for (unsigned i = 0; i < 4; ++i) content[at + i] = static_cast<char>(grey >> (24 - 8 * i));
  const path source = studio.folder() / "density.dpx";
  write_file(source, content);

  const auto still = studio.make(source, {.width = 64});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(difference(colour_at(still->file, 20, 20), {srgb(0.18), srgb(0.18), srgb(0.18)}, 3),
            "");
}

TEST(BrightScreens, PqIsBroughtToWhiteAt203Candela) {
  const path source = shared_media() / "stills/seine_hdr_gainmap_small_srgb.avif";
  if (!exists(source)) GTEST_SKIP() << source;
  Studio studio;

  const auto still = studio.make(source, {.width = 200});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_GT(colour_at(still->file, 100, 10).green, 225) << "the sky; 160 when shown as it is coded";
}

}  // namespace
}  // namespace lensfs::test
