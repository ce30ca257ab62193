// Kinds and globs.
#include "catalog/model/kind.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "catalog/model/glob.h"

namespace lensfs::test {
namespace {

using namespace std::string_view_literals;

std::string_view kind_of_bytes(std::string_view head, std::string_view name) {
  return kind_of(std::as_bytes(std::span(head.data(), head.size())), name);
}

TEST(Kind, IsWhatTheBytesSayWhateverTheName) {
  EXPECT_EQ(kind_of_bytes("\0\0\0\x14"
                          "ftypqt  \0\0\0\0"sv,
                          "a.txt"),
            "video");
  EXPECT_EQ(kind_of_bytes("\0\0\0\x14"
                          "ftypM4A \0\0\0\0"sv,
                          "a"),
            "audio");
  EXPECT_EQ(kind_of_bytes("\0\0\0\x14"
                          "ftypheic\0\0\0\0"sv,
                          "a.mov"),
            "image");
  EXPECT_EQ(kind_of_bytes("RIFF\x24\0\0\0WAVEfmt "sv, "a.mov"), "audio");
  EXPECT_EQ(kind_of_bytes("RIFF\x24\0\0\0AVI LIST"sv, "a"), "video");
  EXPECT_EQ(kind_of_bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv, "a.mov"), "image");
  EXPECT_EQ(kind_of_bytes("\xff\xd8\xff\xe0\0\x10JFIF\0\x01"sv, "a"), "image");
  EXPECT_EQ(kind_of_bytes("8BPS\0\x01\0\0\0\0\0\0\0\x03"sv, "a.jpg"), "design");
  EXPECT_EQ(kind_of_bytes("%PDF-1.7\n%\xe2\xe3\xcf\xd3"sv, "a"), "document");
  EXPECT_EQ(kind_of_bytes("\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f"sv, "a"), "video");
  EXPECT_EQ(kind_of_bytes("fLaC\0\0\0\x22\x10\0\x10\0"sv, "a.mov"), "audio");
}

TEST(Kind, IsWhatTheExtensionSaysWhereTheBytesAreNotClear) {
  EXPECT_EQ(kind_of_bytes("hello", "notes.TXT"), "document");
  EXPECT_EQ(kind_of_bytes("", "empty.mov"), "video");
  EXPECT_EQ(kind_of_bytes("PK\x03\x04........", "a.docx"), "document");
  EXPECT_EQ(kind_of_bytes("PK\x03\x04........", "a.sketch"), "design");
  EXPECT_EQ(kind_of_bytes("%PDF-1.5 and more", "logo.ai"), "design");
  EXPECT_EQ(kind_of_bytes("<svg xmlns=\"http\"", "logo.svg"), "image");
  EXPECT_EQ(kind_of_bytes("PK\x03\x04........", "a.zip"), "other");
  EXPECT_EQ(kind_of_bytes("", ""), "other");
  EXPECT_EQ(kind_of_bytes("", "a.mov mp4"), "other");
}

TEST(Kind, OfAnyHeadThatIsCutAnywhereIsSomeKind) {
  const std::string_view head =
      "\0\0\0\x14"
      "ftypqt  \0\0\0\0"sv;
  for (std::size_t length = 0; length <= head.size(); ++length) {
    EXPECT_FALSE(kind_of_bytes(head.substr(0, length), "a.bin").empty());
  }
}

TEST(Glob, MatchesWholeTextsCharacterByCharacter) {
  EXPECT_TRUE(matches_glob("", ""));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("*.mov", "clip.mov"));
  EXPECT_FALSE(matches_glob("*.mov", "clip.move"));
  EXPECT_TRUE(matches_glob("a?c", "aéc"));
  EXPECT_TRUE(matches_glob("[à-ü]t[!0-9]", "étx"));
  EXPECT_FALSE(matches_glob("[!é]", "é"));
  EXPECT_TRUE(matches_glob("[]]", "]"));
  EXPECT_TRUE(matches_glob("a[b", "a[b"));
  EXPECT_TRUE(matches_glob("[a-]", "-"));
  EXPECT_TRUE(matches_glob("?", "\xff"));
}

TEST(Glob, OfATextMatchesThatTextAlone) {
  for (const std::string_view text : {"a*b", "[x]", "what?", "plain", "[", "]"}) {
    EXPECT_TRUE(matches_glob(glob_of_text(text), text)) << text;
    EXPECT_FALSE(matches_glob(glob_of_text(text), std::string(text) + "x")) << text;
  }
  EXPECT_FALSE(matches_glob(glob_of_text("a*b"), "axb"));
}

TEST(Glob, KnowsTheStartThatAllMatchesShare) {
  EXPECT_EQ(literal_prefix("clip*.mov"), "clip");
  EXPECT_EQ(literal_prefix("*"), "");
  EXPECT_EQ(literal_prefix("a.mov"), "a.mov");
}

TEST(Glob, AgreesWithFnmatchOnRandomGlobs) {
  std::mt19937 random(1);
  const auto pick = [&](std::string_view from, std::size_t limit) {
    std::string text;
    for (std::size_t left = random() % (limit + 1); left > 0; --left) {
      text += from[random() % from.size()];
    }
    return text;
  };
  for (int round = 0; round < 50'000; ++round) {
    std::string glob = pick("ab*?", 6);
    if (random() % 3 == 0) glob += "[" + pick("ab", 1) + "a-b]" + pick("a*", 2);
    if (random() % 5 == 0) glob += "[!a]";
    const std::string text = pick("abc", 8);

    EXPECT_EQ(matches_glob(glob, text), fnmatch(glob.c_str(), text.c_str(), FNM_NOESCAPE) == 0)
        << glob << " " << text;
  }
}

}  // namespace
}  // namespace lensfs::test
