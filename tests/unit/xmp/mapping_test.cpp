// XMP in our words, and back.
#include "catalog/xmp/mapping.h"

#include <gmock/gmock.h>

#include "tests/unit/xmp/samples.h"

namespace lensfs::xmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Properties parsed(std::string_view packet) {
  return parse(packet).value_or(Properties());
}

// The packet after it was made to say this.
Properties changed(std::string_view packet, const Description& wanted, FrameRate rate = {}) {
  const auto text = patch(packet, changes_for(parsed(packet), wanted, rate));
  EXPECT_TRUE(text) << text.error().message();
  return parsed(text.value_or(""));
}

TEST(Mapping, TakesPathsForTermsAndTheirPartsForNothingElse) {
  EXPECT_THAT(description_of(parsed(kLightroom)).tags,
              UnorderedElementsAre("place/Oslo", "winter"));
}

TEST(Mapping, ChangesOnlyWhatDiffers) {
  Description wanted = description_of(parsed(kLightroom));
  EXPECT_THAT(changes_for(parsed(kLightroom), wanted), IsEmpty());

  wanted.fields["rating"] = "5";
  const Changes changes = changes_for(parsed(kLightroom), wanted);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes.begin()->first, "xmp:Rating");
}

TEST(Mapping, KeepsATitleInOtherLanguages) {
  Description wanted = description_of(parsed(kLightroom));
  wanted.fields["title"] = "Mål";

  const Value title = changed(kLightroom, wanted).at("dc:title");

  EXPECT_EQ(title.one(), "Mål");
  ASSERT_EQ(title.items.size(), 2U);
  EXPECT_EQ(title.items[1].text, "Tor");
}

TEST(Mapping, WritesTagsAsWordsAndAsPaths) {
  Description wanted = description_of(parsed(kLightroom));
  wanted.tags = {"place/Bergen", "summer"};

  const Properties now = changed(kLightroom, wanted);

  EXPECT_THAT(now.at("dc:subject").all(), UnorderedElementsAre("Bergen", "summer"));
  EXPECT_THAT(now.at("lr:hierarchicalSubject").all(), ElementsAre("place|Bergen"));
  EXPECT_THAT(description_of(now).tags, UnorderedElementsAre("place/Bergen", "summer"));
}

TEST(Mapping, CountsMarkersInFramesOfTheClip) {
  const Description said = description_of(parsed(kMarkers), {.frames = 25});

  EXPECT_EQ(said.fields.at("scene"), "12A");
  EXPECT_EQ(said.fields.at("timecode"), "01:00:00:00");
  EXPECT_THAT(
      said.markers,
      ElementsAre(Marker{.start = 0, .name = "start"},
                  Marker{.start = 50, .frames = 25, .name = "goal", .text = "the second one"}));
}

TEST(Mapping, OfMarkersGoesBothWays) {
  const FrameRate rate{.frames = 30000, .seconds = 1001};
  Description wanted;
  wanted.markers = {{.start = 1, .name = "a"},
                    {.start = 107892, .frames = 30, .name = "b", .text = "c & d", .author = "Ada"}};
  const std::string packet = written({}).value_or("");

  EXPECT_EQ(description_of(changed(packet, wanted, rate), rate).markers, wanted.markers);
  EXPECT_THAT(changes_for(changed(packet, wanted, rate), wanted, rate), IsEmpty());
}

TEST(Mapping, OfEveryFieldThatIsWrittenComesBack) {
  Description wanted;
  for (const char* field :
       {"title", "description", "creator", "copyright", "rating",       "label",    "rights",
        "scene", "shot_name",   "reel",    "take",      "comment",      "location", "city",
        "state", "country",     "credit",  "source",    "instructions", "headline", "people"}) {
    ASSERT_TRUE(is_written(field)) << field;
    wanted.fields[field] = std::string("some ") + field;
  }
  wanted.fields["good"] = "yes";
  const std::string packet = written({}).value_or("");

  EXPECT_EQ(description_of(changed(packet, wanted)).fields, wanted.fields);
  EXPECT_THAT(description_of(changed(packet, {})).fields, IsEmpty());
}

}  // namespace
}  // namespace lensfs::xmp::test
