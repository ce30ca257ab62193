// Every file of the shared media: a still, or a reason that a person can read.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/media/image/stills.h"

namespace lensfs::test {
namespace {

class Corpus : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Folders, Corpus,
                         testing::Values("stills", "hdr", "design", "docs",
                                         "sequence/beachball-jpg", "malformed"));

TEST_P(Corpus, GivesAStillOrAReason) {
  const path folder = shared_media() / GetParam();
  if (!exists(folder)) GTEST_SKIP() << folder;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    Studio studio;

    const auto stills = studio.make_all(
        entry.path(),
        {{.width = 320, .height = 320, .format = "auto"}, {.width = 64, .format = "jpeg"}});

    for (const auto& still : stills) {
      if (!still) {
        EXPECT_GT(still.error().message().size(), 10U);
        EXPECT_TRUE(still.error().code() == Errc::corrupt ||
                    still.error().code() == Errc::not_supported ||
                    still.error().code() == Errc::too_big)
            << still.error().message();
        continue;
      }
      EXPECT_EQ(header(still->file, "width"), std::to_string(still->made.width));
      EXPECT_LE(still->made.width, 320);
      EXPECT_LE(still->made.height, 320);
    }
    const bool whole = GetParam() != std::string("malformed") && GetParam() != std::string("docs");
    EXPECT_TRUE(!whole || stills[0]);
  }
}

}  // namespace
}  // namespace lensfs::test
