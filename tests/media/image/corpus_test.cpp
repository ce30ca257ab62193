// Every file of the shared media: a still, or a reason that a person can read.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/media/image/stills.h"
#include "tests/support/process.h"

namespace lensfs::test {
namespace {

class Corpus : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Folders, Corpus,
                         testing::Values("stills", "hdr", "design", "docs",
                                         "sequence/beachball-jpg", "malformed"));

void expect_reason(const Error& error) {
  EXPECT_GT(error.message().size(), 10U);
  EXPECT_TRUE(error.code() == Errc::corrupt || error.code() == Errc::not_supported ||
              error.code() == Errc::too_big)
      << error.message();
}

TEST_P(Corpus, GivesAStillOrAReason) {
  const path folder = shared_media() / GetParam();
  if (!exists(folder)) GTEST_SKIP() << folder;
  const bool whole = GetParam() != std::string("malformed") && GetParam() != std::string("docs");
  Studio studio;
  std::vector<std::string> command = {"vipsheader"};
  std::vector<std::string> sizes;

  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    for (const auto& still : studio.make_all(
             entry.path(),
             {{.width = 320, .height = 320, .format = "auto"}, {.width = 64, .format = "jpeg"}})) {
      EXPECT_TRUE(still || !whole);
      if (!still) {
        expect_reason(still.error());
        continue;
      }
      EXPECT_LE(still->made.width, 320);
      command.push_back(still->file.string());
      sizes.push_back(still->file.string() + ": " + std::to_string(still->made.width) + "x" +
                      std::to_string(still->made.height) + " uchar");
    }
  }

  const Ran ran = run(command);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  for (const std::string& size : sizes) EXPECT_NE(ran.out.find(size), std::string::npos) << size;
}

}  // namespace
}  // namespace lensfs::test
