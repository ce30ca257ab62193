// Recipes as text, profiles, selectors, and the names of renditions.
#include "catalog/model/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/db/must.h"

namespace lensfs::test {
namespace {

using Form = Recipe::Form;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

TEST(RecipeText, IsReadAsItIsWritten) {
  for (const Recipe& recipe : {
           Recipe{},
           Recipe{
               .form = Form::video, .width = 1280, .height = 720, .format = "mov", .quality = 23},
           Recipe{.form = Form::audio, .format = "m4a", .quality = 96},
           Recipe{.form = Form::waveform, .width = 1800, .height = 280, .format = "png"},
           Recipe{.form = Form::filmstrip, .width = 160, .height = 90, .tiles = 30},
           Recipe{.width = 800, .format = "webp", .at = "f1234"},
           Recipe{.at = "01.00.05.12"},
           Recipe{.at = "p3"},
       }) {
    EXPECT_EQ(must(Recipe::from_text(recipe.text())), recipe) << recipe.text();
  }
}

TEST(RecipeText, SaysFormRevisionAndWhatIsNotTheDefault) {
  EXPECT_EQ(Recipe{}.text(), "still.1");
  EXPECT_EQ((Recipe{.form = Form::video, .width = 1280, .height = 720, .format = "mov"}.text()),
            "video.1 box=1280x720 format=mov");
}

TEST(RecipeText, ThatNoRecipeHasIsInvalid) {
  for (const char* text : {"", "still", "still.2", "film.1", "still.1 ", "still.1  box=1x1",
                           "still.1 box=1", "still.1 format=mov", "video.1", "still.1 quality=101",
                           "still.1 at=x3", "still.1 format=auto", "still.1 quality=82 box=1x1",
                           "still.1 tiles=-1", "still.1 box=99999x1"}) {
    EXPECT_EQ(error_code(Recipe::from_text(text)), Errc::invalid) << text;
  }
}

TEST(ProfileOfTheLadder, MakesOfEachKindWhatItCanBe) {
  const Profiles profiles = Profiles::built_in();
  const Profile& proxy = *profiles.find("720p");

  EXPECT_EQ(recipe_for(proxy, "video", "a.mov")->text(), "video.1 box=1280x720 format=mov");
  EXPECT_EQ(recipe_for(proxy, "video", "a.MXF")->format, "mxf");
  EXPECT_EQ(recipe_for(proxy, "video", "a.mkv")->format, "mp4") << "what everything plays";
  EXPECT_EQ(recipe_for(proxy, "audio", "a.wav")->form, Form::audio);
  EXPECT_EQ(recipe_for(proxy, "image", "a.tif")->form, Form::still);
  EXPECT_FALSE(recipe_for(proxy, "other", "a.bin"));
  EXPECT_FALSE(recipe_for(*profiles.find("original"), "video", "a.mov"));
  EXPECT_FALSE(recipe_for(*profiles.find("filmstrip"), "image", "a.jpg"));
}

TEST(RenderedName, KeepsTheExtensionThatNamesTheSameFormat) {
  EXPECT_EQ(rendered_name("A.JPEG", "jpg"), "A.JPEG");
  EXPECT_EQ(rendered_name("clip.mov", "mov"), "clip.mov");
  EXPECT_EQ(rendered_name("clip.M4V", "mp4"), "clip.M4V");
  EXPECT_EQ(rendered_name("clip.mov", "jpg"), "clip.jpg");
  EXPECT_EQ(rendered_name("noext", "jpg"), "noext.jpg");
  EXPECT_EQ(rendered_name("two.dots.tif", "png"), "two.dots.png");
}

TEST(RenderedName, IsAmongThosePossible) {
  for (const char* name : {"clip.mov", "A.JPEG", "noext", "a.b.mxf"}) {
    for (const char* extension : {"jpg", "png", "webp", "mov", "mp4", "mxf", "m4a", "wav"}) {
      EXPECT_THAT(possible_names(name), Contains(rendered_name(name, extension))) << name;
    }
  }
}

TEST(Selector, SaysSizeMomentAndFormat) {
  const auto wide = selected_rendition("logo@w800.webp");
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->stem, "logo");
  EXPECT_EQ(wide->recipe.text(), "still.1 box=800x0 format=webp");
  EXPECT_EQ(selected_rendition("a@h600.JPG")->recipe.text(), "still.1 box=0x600 format=jpeg");
  EXPECT_EQ(selected_rendition("A001@f1234.png")->recipe.at, "f1234");
  EXPECT_EQ(selected_rendition("deck@p3.png")->recipe.at, "p3");
  EXPECT_EQ(selected_rendition("A@01.00.05.12.png")->recipe.at, "01.00.05.12");
  EXPECT_EQ(selected_rendition("me@home@w80.png")->stem, "me@home") << "the last one counts";
}

TEST(Selector, IsNothingElse) {
  for (const char* name :
       {"logo.webp", "@w800.webp", "logo@w800", "logo@w800.mov", "logo@v2.png", "logo@w0.png",
        "logo@w99999.png", "logo@wide.png", "mail@example.png", "logo@.png", "logo@w-1.png"}) {
    EXPECT_FALSE(selected_rendition(name)) << name;
  }
}

TEST(ProfileName, IsOneThatNoOtherLensHas) {
  for (const char* name : {"web", "720p", "client review", "v", "vertical"}) {
    EXPECT_TRUE(check_profile_name(name)) << name;
  }
  for (const char* name : {"", "v2", "v10", "2026-11-01", "a/b", "a=b", "@x", ".x", "a:b"}) {
    EXPECT_FALSE(check_profile_name(name)) << name;
  }
}

TEST(MakingRules, OfAProjectComeBeforeThoseOfTheLibrary) {
  MakingRules rules;
  rules.projects["NEWS"] = {.by_default = Making::eager, .eager = std::nullopt};
  rules.projects["OLD"] = {.by_default = Making::off, .eager = std::vector<std::string>{"720p"}};
  rules.projects["FILM"] = {.by_default = std::nullopt, .eager = std::vector<std::string>{"720p"}};

  EXPECT_EQ(rules.making_of("", "thumb"), Making::eager);
  EXPECT_EQ(rules.making_of("", "720p"), Making::on_demand);
  EXPECT_EQ(rules.making_of("NEWS", "720p"), Making::eager);
  EXPECT_EQ(rules.making_of("OLD", "720p"), Making::off) << "off is off";
  EXPECT_EQ(rules.making_of("FILM", "720p"), Making::eager);
  EXPECT_EQ(rules.making_of("FILM", "thumb"), Making::on_demand);
}

}  // namespace
}  // namespace lensfs::test
