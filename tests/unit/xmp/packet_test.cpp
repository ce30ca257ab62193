// What packets say, and patching them.
#include "catalog/xmp/packet.h"

#include <gmock/gmock.h>

#include "tests/unit/xmp/samples.h"

namespace lensfs::xmp::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Properties parsed(std::string_view packet) {
  auto properties = parse(packet);
  EXPECT_TRUE(properties) << properties.error().message();
  return properties.value_or(Properties());
}

std::string patched(std::string_view packet, const Changes& changes) {
  auto text = patch(packet, changes);
  EXPECT_TRUE(text) << text.error().message();
  return text.value_or("");
}

// Without the first of these texts in it.
std::string without(std::string text, const std::string& part) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return at == std::string::npos ? text : text.erase(at, part.size());
}

TEST(Packet, IsReadFromAttributesElementsListsAndStructures) {
  const Properties said = parsed(kLightroom);

  EXPECT_EQ(said.at("xmp:Rating").one(), "3");
  EXPECT_EQ(said.at("xmp:Label").one(), "Red & blue");
  EXPECT_EQ(said.at("dc:title").one(), "Goal");
  EXPECT_EQ(said.at("dc:title").items.at(1).language, "de");
  EXPECT_THAT(said.at("dc:subject").all(), ElementsAre("Oslo", "place", "winter"));
  EXPECT_EQ(said.at("own:deep").parts.at("own:a").one(), "1");
}

TEST(Packet, KnowsNamespacesByWhatTheyStandForAndNotByTheirPrefix) {
  const Properties said = parsed(
      "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description r:about=''"
      " xmlns:xap='http://ns.adobe.com/xap/1.0/' xap:Rating='4'/></r:RDF>");

  EXPECT_EQ(said.at("xmp:Rating").one(), "4");
}

TEST(Packet, InUtf16IsReadToo) {
  std::string wide = "\xFF\xFE";
  for (const char* c = kMarkers; *c != '\0'; ++c) wide += {*c, '\0'};

  EXPECT_EQ(parsed(wide).at("xmpDM:scene").one(), "12A");
}

TEST(Packet, OfAnythingElseIsRefused) {
  EXPECT_EQ(parse("").error().code(), Errc::corrupt);
  EXPECT_EQ(parse("words").error().code(), Errc::corrupt);
  EXPECT_EQ(parse("<a><b></a>").error().code(), Errc::corrupt);
  EXPECT_EQ(parse(std::string_view("<a>\0</a>", 8)).error().code(), Errc::corrupt);
}

TEST(Packet, ThatDeclaresEntitiesIsRefusedAndNothingIsExpanded) {
  const auto said = parse(
      "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rdf:RDF xmlns:rdf="
      "'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description>&a;</rdf:Description></"
      "rdf:RDF>");

  ASSERT_FALSE(said);
  EXPECT_THAT(said.error().message(), HasSubstr("document type"));
}

TEST(Packet, WithoutEndInDepthIsRefused) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_EQ(parse(deep).error().code(), Errc::too_big);
}

TEST(Patch, ChangesTheBytesOfAValueAndNoOther) {
  const std::string text = patched(kLightroom, {{"xmp:Rating", Value::of("5")}});

  EXPECT_EQ(text,
            without(kLightroom, "3\"\n   xmp:Label")
                .insert(std::string(kLightroom).find("3\"\n   xmp:Label"), "5\"\n   xmp:Label"));
}

TEST(Patch, TakesAwayAValueAndNoOther) {
  EXPECT_EQ(patched(kLightroom, {{"xmp:Rating", std::nullopt}}),
            without(kLightroom, "\n   xmp:Rating=\"3\""));
  const std::string no_list = patched(kLightroom, {{"lr:hierarchicalSubject", std::nullopt}});
  EXPECT_THAT(no_list, Not(HasSubstr("lr:hier")));
  EXPECT_THAT(no_list, HasSubstr("</dc:subject>\n   <own:deep"));
}

TEST(Patch, ThatChangesNothingGivesTheSameBytes) {
  EXPECT_EQ(patched(kLightroom, {}), kLightroom);
  EXPECT_EQ(patched(kLightroom, {{"xmpDM:scene", std::nullopt}}), kLightroom);
}

TEST(Patch, AddsWhatWasNotSaid) {
  const std::string text =
      patched(kLightroom, {{"xmpDM:scene", Value::of("12 <A> & \"B\"")},
                           {"dc:creator", Value::list(Value::Kind::seq, {"Ada"})}});

  EXPECT_EQ(parsed(text).at("xmpDM:scene").one(), "12 <A> & \"B\"");
  EXPECT_THAT(parsed(text).at("dc:creator").all(), ElementsAre("Ada"));
  EXPECT_THAT(text, HasSubstr("<!-- somebody's note -->"));
  EXPECT_THAT(text, HasSubstr("own:thing='kept \"as\" it is'"));
  EXPECT_THAT(text, HasSubstr("<own:a>1</own:a>  <own:b x=\"y\"/>"));
}

TEST(Patch, MakesATextOfAnAttributeAListAndBack) {
  const std::string list =
      patched(kLightroom, {{"xmp:Label", Value::list(Value::Kind::bag, {"a", "b"})}});
  EXPECT_THAT(parsed(list).at("xmp:Label").all(), ElementsAre("a", "b"));
  EXPECT_EQ(parsed(patched(list, {{"xmp:Label", Value::of("c")}})).at("xmp:Label").one(), "c");
}

TEST(Patch, OfADescriptionWithoutContentAddsToIt) {
  const std::string text = patched(
      "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
      "<rdf:Description rdf:about=''/></rdf:RDF>",
      {{"dc:title", Value::in_language("Tor")}});

  EXPECT_EQ(parsed(text).at("dc:title").one(), "Tor");
}

TEST(Patch, RefusesPropertiesOfNoKnownNamespace) {
  EXPECT_EQ(patch(kLightroom, {{"own:thing", Value::of("x")}}).error().code(), Errc::invalid);
  EXPECT_EQ(patch(kLightroom, {{"dc:a b", Value::of("x")}}).error().code(), Errc::invalid);
}

TEST(Written, SaysWhatItWasGiven) {
  Value structure{.kind = Value::Kind::structure};
  structure.parts["xmpDM:timeValue"] = Value::of("01:00:00:00");
  const Properties wanted = {{"dc:title", Value::in_language("Ä & <b>")},
                             {"dc:subject", Value::list(Value::Kind::bag, {"a", "b"})},
                             {"xmp:Rating", Value::of("-1")},
                             {"xmpDM:startTimecode", structure}};

  EXPECT_EQ(parsed(written(wanted).value_or("")), wanted);
}

}  // namespace
}  // namespace lensfs::xmp::test
