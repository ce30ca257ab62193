// Documents: pages that are drawn, and previews that are found.
#include <gtest/gtest.h>

#include "tests/media/image/made_media.h"
#include "tests/media/image/stills.h"
#include "tests/support/files.h"

namespace lensfs::test {
namespace {

TEST(Pdf, PageFillsTheBoxAndLiesOnWhite) {
  Studio studio;
  const path source = studio.folder() / "page.pdf";
  write_file(source, pdf_of({"1 1 1"}));

  const auto stills = studio.make_all(source, {{.width = 1440, .format = "auto"}, {.width = 72}});

  ASSERT_TRUE(stills[0]) << stills[0].error().message();
  EXPECT_EQ(stills[0]->made.width, 1440);
  EXPECT_EQ(stills[0]->made.height, 720);
  EXPECT_EQ(stills[0]->made.extension, "jpg");
  EXPECT_EQ(difference(colour_at(stills[0]->file, 700, 300), {255, 255, 255}, 1), "");
}

TEST(Pdf, WithoutABoxHas144PixelsAnInch) {
  Studio studio;
  const path source = studio.folder() / "page.pdf";
  write_file(source, pdf_of({"1 0 0"}));

  const auto still = studio.make(source, {});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.width, 288);
}

TEST(Pdf, ThatNeedsAPasswordIsNotSupported) {
  Studio studio;
  const path source = studio.folder() / "locked.pdf";
  write_file(source, locked_pdf());

  const auto still = studio.make(source, {.width = 100});

  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code(), Errc::not_supported) << still.error().message();
  EXPECT_NE(still.error().message().find("password"), std::string::npos);
}

class Package : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Previews, Package,
                         testing::Values("docProps/thumbnail.jpeg", "Thumbnails/thumbnail.png",
                                         "preview.jpg", "QuickLook/Thumbnail.jpg",
                                         "mergedimage.png", "previews/preview.png"));

TEST_P(Package, ShowsItsPreview) {
  Studio studio;
  const path picture = studio.folder() / path(GetParam()).filename();
  make_plain(picture, 250, 250, 0);
  const path source = studio.folder() / "document.docx";
  make_zip(source, {{"word/document.xml", "<x/>"}, {GetParam(), content_of(picture)}});

  const auto still = studio.make(source, {.width = 32});

  ASSERT_TRUE(still) << still.error().message();
  EXPECT_EQ(still->made.width, 32);
  EXPECT_EQ(difference(colour_at(still->file, 16, 12), {250, 250, 0}, 4), "");
}

TEST(Package, WithoutAPreviewIsNotSupported) {
  Studio studio;
  const path source = studio.folder() / "document.docx";
  make_zip(source, {{"word/document.xml", "<x/>"}, {"../preview.jpg", "no"}});

  const auto still = studio.make(source, {.width = 32});

  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code(), Errc::not_supported);
  EXPECT_EQ(still.error().message(), "this document has no preview picture in it");
}

TEST(Package, WhosePreviewUnpacksToTooMuchIsRefused) {
  Studio studio;
  const path source = studio.folder() / "bomb.docx";
  make_zip(source, {{"docProps/thumbnail.jpeg", std::string(std::size_t{80} << 20U, '\0')}});

  const auto still = studio.make(source, {.width = 32});

  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code(), Errc::too_big) << still.error().message();
}

TEST(Package, WhosePreviewIsADrawingIsNotSupported) {
  Studio studio;
  const path source = studio.folder() / "document.docx";
  make_zip(source, {{"docProps/thumbnail.png", "<svg xmlns='http://www.w3.org/2000/svg'/>"}});

  const auto still = studio.make(source, {.width = 32});

  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code(), Errc::not_supported);
}

TEST(Package, OfAnEpubShowsItsCover) {
  Studio studio;
  const path cover = studio.folder() / "cover.jpg";
  make_plain(cover, 0, 90, 180);
  constexpr const char* kContainer =
      "<container><rootfiles><rootfile full-path=\"OPS/book.opf\"/></rootfiles></container>";
  for (const char* opf :
       {"<package><manifest><item id='a' href='no.html'/><item properties='cover-image' id='b' "
        "href='img/c.jpg'/></manifest></package>",
        "<package><metadata><opf:meta name=\"cover\" content=\"b\"/></metadata><manifest><opf:item "
        "id=\"b\" href=\"img/c.jpg\"/></manifest></package>"}) {
    const path source = studio.folder() / "book.epub";
    make_zip(source, {{"META-INF/container.xml", kContainer},
                      {"OPS/book.opf", opf},
                      {"OPS/img/c.jpg", content_of(cover)}});

    const auto still = studio.make(source, {.width = 32});

    ASSERT_TRUE(still) << still.error().message();
    EXPECT_EQ(difference(colour_at(still->file, 16, 12), {0, 90, 180}, 4), "");
  }
}

}  // namespace
}  // namespace lensfs::test
