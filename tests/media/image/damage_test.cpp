// Damaged, hostile and foreign files: what there is, or a clean reason.
#include <gtest/gtest.h>

#include "tests/media/image/made_media.h"
#include "tests/media/image/stills.h"
#include "tests/support/files.h"

namespace lensfs::test {
namespace {

// A photograph, cut after `part` of its bytes.
path make_cut(const Studio& studio, const std::string& name, double part) {
  const path whole = studio.folder() / ("whole-" + name);
  const path cut = studio.folder() / name;
  make_with({"convert", "-size", "400x300", "plasma:red-blue", "-depth", "8", whole.string()});
  const std::string content = content_of(whole);
  write_file(
      cut, content.substr(0, static_cast<std::size_t>(static_cast<double>(content.size()) * part)));
  return cut;
}

class Cut : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Formats, Cut, testing::Values("a.jpg", "a.png", "a.gif", "a.bmp"));

TEST_P(Cut, PictureShowsWhatThereIs) {
  Studio studio;
  const path cut = make_cut(studio, GetParam(), 0.6);
  const path whole = studio.folder() / ("whole-" + std::string(GetParam()));

  const auto still = studio.make(cut, {.width = 400});

  if (std::string(GetParam()) == "a.bmp") return;  // lies upside down: its top is what is missing
  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(difference(colour_at(still->file, 200, 20), colour_at(whole, 200, 20), 6), "");
}

TEST(Damage, OfWhichNothingCanBeDecodedIsCorrupt) {
  Studio studio;
  const path whole = studio.folder() / "whole.jpg";
  make_with({"convert", "-size", "400x300", "plasma:red-blue", whole.string()});
  const std::string content = content_of(whole);
  const path cut = studio.folder() / "cut.jpg";
  write_file(cut, content.substr(0, content.find("\xff\xda") + 14));

  const auto still = studio.make(cut, {.width = 100});

  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code(), Errc::corrupt) << still.error().message();
}

TEST(Damage, ThatIsNoneIsNotSeenInAPictureOfOneColour) {
  Studio studio;
  const path source = studio.folder() / "plain.jpg";
  make_plain(source, 9, 9, 9);

  EXPECT_TRUE(studio.make(source, {.width = 10}));
}

TEST(Damage, OfAnEmptyFileIsCorrupt) {
  Studio studio;
  const path source = studio.folder() / "empty.jpg";
  write_file(source, "");

  const auto still = studio.make(source, {});

  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code(), Errc::corrupt);
}

TEST(Foreign, FilesAreNotSupported) {
  Studio studio;
  const path source = studio.folder() / "text.jpg";
  for (const std::string& content :
       {std::string("plain text"), std::string(5000, '\0'),
        std::string("<html><body>not a drawing</body></html>"),
        std::string("push graphic-context\nimage over 0,0 0,0 '/etc/passwd'\n"),
        std::string("\0\0\0\x18"
                    "ftypqt  ",
                    12)}) {
    write_file(source, content);

    const auto still = studio.make(source, {});

    ASSERT_FALSE(still);
    EXPECT_EQ(still.error().code(), Errc::not_supported) << still.error().message();
  }
}

TEST(Foreign, NamesDoNotMatter) {
  Studio studio;
  const path jpeg = studio.folder() / "picture.jpg";
  make_plain(jpeg, 50, 60, 70);
  const path misnamed = studio.folder() / "picture.svg";
  copy_file(jpeg, misnamed);

  const auto still = studio.make(misnamed, {.width = 20});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(difference(colour_at(still->file, 5, 5), {50, 60, 70}, 3), "");
}

TEST(Limit, OfPixelsIsKept) {
  Studio studio;
  const path source = studio.folder() / "huge.png";
  make_with({"vips", "black", (studio.folder() / "huge.v").string(), "30000", "20000"});
  make_with({"vips", "pngsave", (studio.folder() / "huge.v").string(), source.string(),
             "--bitdepth", "1"});
  std::filesystem::remove(studio.folder() / "huge.v");

  const auto still = studio.make(source, {.width = 100});

  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code(), Errc::too_big) << still.error().message();
}

TEST(Limit, DoesNotHinderAJpegThatIsDecodedSmall) {
  Studio studio;
  const path source = studio.folder() / "huge.jpg";
  make_with({"vips", "black", (studio.folder() / "huge.v").string(), "24000", "15000"});
  make_with({"vips", "jpegsave", (studio.folder() / "huge.v").string(), source.string()});
  std::filesystem::remove(studio.folder() / "huge.v");

  const auto stills = studio.make_all(source, {{.width = 800}});

  ASSERT_TRUE(stills[0]) << stills[0].error().message();
  EXPECT_EQ(stills[0]->made.height, 500);
}

}  // namespace
}  // namespace lensfs::test
