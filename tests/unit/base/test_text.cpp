#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

using testing::EndsWith;
using testing::Optional;
using testing::StartsWith;

// What Samba and Windows take as a file name, written down independently of text.cpp.
bool is_legal_on_smb(std::string_view name) {
  const auto is_bad = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F ||
           std::string_view("<>:\"/\\|?*").find(c) != std::string_view::npos;
  };
  if (name.empty() || !is_utf8(name)) return false;
  if (name.back() == '.' || name.back() == ' ') return false;
  return std::none_of(name.begin(), name.end(), is_bad);
}

// Random names made of the pieces that matter: escapes, bad bytes, halves of characters, dots.
class RandomNames {
 public:
  std::string next() {
    static constexpr std::string_view kPieces[] = {
        "%",  "%2", "%41",  "%4g",  "%ff",      ".",        " ",
        "\\", ":",  "\x01", "\xc3", "\xa4",     "\xe2\x82", "\xf0\x9f\x8e\xac",
        "é",  "~",  "ß",    "\x7f", "\xc2\x85", "name"};
    std::string name;
    const std::size_t pieces = 1 + random_() % 12;
    for (std::size_t i = 0; i < pieces; ++i) {
      if (random_() % 3 == 0) {
        name += byte();
      } else {
        name += kPieces[random_() % std::size(kPieces)];
      }
    }
    return name;
  }

 private:
  // Any byte that a file name may hold.
  char byte() {
    const auto value = static_cast<char>(1 + random_() % 255);
    return value == '/' ? 'x' : value;
  }

  std::mt19937 random_{20261123};
};

TEST(LegalName, OfAnyBytesIsLegalOnSmbAndLeadsBackToThem) {
  RandomNames names;
  for (int i = 0; i < 100'000; ++i) {
    const std::string raw = names.next();

    const std::string legal = legal_name(raw);

    ASSERT_TRUE(is_legal_on_smb(legal)) << testing::PrintToString(raw) << " -> " << legal;
    ASSERT_EQ(raw_name(legal), raw) << legal;
    ASSERT_EQ(is_legal_name(raw), legal == raw) << testing::PrintToString(raw);
  }
}

TEST(LegalName, LeavesOrdinaryNamesAlone) {
  for (const char* name : {"clip.mov", "Größe 100%.txt", "50%", "日本語.mxf", ".hidden", "a..b",
                           "a%zz", "%", " leading"}) {
    EXPECT_EQ(legal_name(name), name);
    EXPECT_TRUE(is_legal_name(name)) << name;
  }
}

TEST(LegalName, SpellsWhatIsInTheWayAsUpperCaseHex) {
  EXPECT_EQ(legal_name("a:b?.mov"), "a%3Ab%3F.mov");
  EXPECT_EQ(legal_name("tab\there"), "tab%09here");
  EXPECT_EQ(legal_name("del\x7f"), "del%7F");
  EXPECT_EQ(legal_name("latin\xe9.mov"), "latin%E9.mov");
  EXPECT_EQ(legal_name("end."), "end%2E");
  EXPECT_EQ(legal_name("end. "), "end.%20");
  EXPECT_EQ(legal_name("100%41"), "100%2541");
}

TEST(LegalName, KeepsC1ControlsWhichSmbAllows) {
  EXPECT_EQ(legal_name("a\xc2\x85z"), "a\xc2\x85z");
}

TEST(Utf8, RefusesSurrogatesOverlongFormsAndHalves) {
  EXPECT_TRUE(is_utf8("plain é 🎬"));
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));
  EXPECT_FALSE(is_utf8("\xe2\x82"));
  EXPECT_FALSE(is_utf8("\xf5\x80\x80\x80"));
}

TEST(ShortenedName, FitsAndStaysUtf8AndKeepsTheExtension) {
  RandomNames names;
  for (int i = 0; i < 2'000; ++i) {
    std::string raw;
    while (raw.size() < 300) raw += names.next();
    const std::string legal = legal_name(raw) + ".mov";

    const std::string shortened = shortened_name(legal);

    ASSERT_LE(shortened.size(), kNameLimit);
    ASSERT_TRUE(is_legal_on_smb(shortened)) << shortened;
    ASSERT_THAT(shortened, EndsWith(".mov"));
    ASSERT_EQ(shortened, shortened_name(legal));
  }
}

TEST(ShortenedName, LeavesNamesThatFit) {
  const std::string longest(kNameLimit, 'x');

  EXPECT_EQ(shortened_name(longest), longest);
  EXPECT_EQ(shortened_name(longest + "x").size(), kNameLimit);
}

TEST(ShortenedName, DiffersForNamesThatBeginAlike) {
  const std::string start(300, 'x');

  EXPECT_NE(shortened_name(start + "1.mov"), shortened_name(start + "2.mov"));
}

TEST(ShortenedName, CutsAnExtensionThatIsTooLongToBeOne) {
  const std::string name = "a." + std::string(400, 'b');

  EXPECT_LE(shortened_name(name).size(), kNameLimit);
}

TEST(Segment, StandsForAnyTextWithSlashes) {
  EXPECT_EQ(segment_from_text("place/oslo"), "place%2Foslo");
  EXPECT_EQ(segment_from_text(".."), ".%2E");
  EXPECT_EQ(text_from_segment("place%2Foslo"), "place/oslo");
  EXPECT_EQ(text_from_segment(segment_from_text(std::string_view("a\0b/%2F", 7))),
            std::string_view("a\0b/%2F", 7));
}

TEST(FoldedName, IsOneForAllCasesAndForms) {
  EXPECT_EQ(fold_name("CLIP.Mov"), fold_name("clip.mov"));
  EXPECT_EQ(fold_name("Ä"), fold_name("a\xcc\x88"));
  EXPECT_EQ(fold_name("STRASSE"), fold_name("straße"));
  EXPECT_NE(fold_name("a"), fold_name("ä"));
}

TEST(FoldedName, KeepsBytesThatAreNotUtf8) {
  EXPECT_EQ(fold_name("ÄB\xff"
                      "C"),
            "äb\xff"
            "c");
  EXPECT_NE(fold_name("\xfe"), fold_name("\xff"));
}

TEST(FoldedName, OfAFoldedNameIsItself) {
  RandomNames names;
  for (int i = 0; i < 10'000; ++i) {
    const std::string folded = fold_name(names.next());

    ASSERT_EQ(fold_name(folded), folded) << testing::PrintToString(folded);
  }
}

TEST(NameParts, AreCutAtTheLastDotThatStartsAnExtension) {
  EXPECT_EQ(split_name("clip.final.mov").stem, "clip.final");
  EXPECT_EQ(split_name("clip.final.mov").extension, ".mov");
  EXPECT_EQ(split_name(".hidden").stem, ".hidden");
  EXPECT_EQ(split_name(".hidden").extension, "");
  EXPECT_EQ(split_name("README").extension, "");
  EXPECT_EQ(split_name("dot.").extension, "");
  EXPECT_EQ(lower_extension("A001.MOV"), "mov");
  EXPECT_EQ(lower_extension("README"), "");
}

TEST(Base32Id, HasFourDigitsAtLeastAndLeadsBack) {
  EXPECT_EQ(base32_id(10), "000a");
  EXPECT_EQ(base32_id(0), "0000");
  for (const std::int64_t id : {std::int64_t{1}, std::int64_t{1} << 20U, std::int64_t{1} << 40U,
                                std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_THAT(id_from_base32(base32_id(id)), Optional(id));
  }
}

TEST(Base32Id, IsReadAsPeopleTypeIt) {
  EXPECT_THAT(id_from_base32("K3F9"), Optional(*id_from_base32("k3f9")));
  EXPECT_THAT(id_from_base32("ol"), Optional(1));
}

TEST(Base32Id, RefusesWhatIsNoId) {
  EXPECT_EQ(id_from_base32(""), std::nullopt);
  EXPECT_EQ(id_from_base32("abcu"), std::nullopt);
  EXPECT_EQ(id_from_base32("zzzzzzzzzzzzz"), std::nullopt);
  EXPECT_EQ(id_from_base32("00000000000000"), std::nullopt);
}

TEST(SuffixedName, CarriesTheIdBeforeTheExtension) {
  EXPECT_EQ(suffixed_name("clip.mov", 10), "clip~000a.mov");
  EXPECT_EQ(suffixed_name("README", 10), "README~000a");
  EXPECT_THAT(id_in_suffixed_name("clip~000a.mov"), Optional(10));
  EXPECT_THAT(id_in_suffixed_name("clip~x~000a.mov"), Optional(10));
}

TEST(SuffixedName, IsNotSeenInOrdinaryNames) {
  for (const char* name : {"clip.mov", "clip~.mov", "clip~1.mov", "clip~000A.mov",
                           "clip~00000a.mov", "clip~uuuu.mov", "backup~"}) {
    EXPECT_EQ(id_in_suffixed_name(name), std::nullopt) << name;
  }
}

TEST(SuffixedName, FitsAndLeadsBackToTheIdHoweverLongTheNameIs) {
  for (std::size_t stem = 1; stem <= 300; stem += 7) {
    for (std::size_t extension = 1; extension <= 60; ++extension) {
      const std::string name = std::string(stem, 'x') + "ä." + std::string(extension, 'y') + "é";

      const std::string suffixed = suffixed_name(name, 123'456'789);

      ASSERT_LE(suffixed.size(), kNameLimit);
      ASSERT_TRUE(is_utf8(suffixed));
      ASSERT_THAT(id_in_suffixed_name(suffixed), Optional(123'456'789)) << suffixed;
    }
  }
}

TEST(DurationText, IsANumberAndAUnit) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  EXPECT_THAT(duration_from("0"), Optional(0));
  EXPECT_THAT(duration_from("30s"), Optional(30 * kSecond));
  EXPECT_THAT(duration_from("90m"), Optional(90 * 60 * kSecond));
  EXPECT_THAT(duration_from("24h"), Optional(24 * 3600 * kSecond));
  EXPECT_THAT(duration_from("2y"), Optional(730 * 24 * 3600 * kSecond));
  EXPECT_THAT(duration_from("365d"), Optional(365 * 24 * 3600 * kSecond));
}

TEST(DurationText, IsNothingElse) {
  for (const char* text :
       {"", "d", "7", "-1d", "1.5h", "7 d", "7days", "soon", "40000d", "99999999999999999999d"}) {
    EXPECT_EQ(duration_from(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace lensfs
