// The collection of real files at $LENSFS_MEDIA. It takes minutes, so it is tried only where that
// is set.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/media/making.h"
#include "tests/media/outlining.h"
#include "tests/support/drive.h"

namespace lensfs {
namespace {

using test::expect_all_ways_same;
using test::make_all;
using test::TempDir;

struct Kind {
  const char* folder;
  const char* recipe;
  friend void PrintTo(const Kind& kind, std::ostream* out) {
    *out << kind.folder << " by " << kind.recipe;
  }
};
class OutlineCollection : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(
    Files, OutlineCollection,
    testing::Values(Kind{"video", "edit.1 format=mov"}, Kind{"video", "edit.1 format=mxf codec=sq"},
                    Kind{"video", "edit.1 format=wav"}, Kind{"audio", "edit.1 format=wav"},
                    Kind{"audio", "edit.1 format=aiff"}, Kind{"video", "edit.1 format=aiff"}));

TEST_P(OutlineCollection, IsInEveryOrderWhatAFullRunMakes) {
  if (std::getenv("LENSFS_MEDIA") == nullptr) GTEST_SKIP() << "LENSFS_MEDIA is not set";
  int made = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(test::real_media() / GetParam().folder)) {
    const TempDir folder;
    const auto whole = make_all(entry.path(), {GetParam().recipe}, folder.path()).front();
    if (whole.made) {
      expect_all_ways_same(entry.path(), GetParam().recipe, folder.path());
      test::expect_decodes(whole.path);
      ++made;
    } else {
      EXPECT_FALSE(whole.made.error().message().empty()) << entry.path();
      std::cout << entry.path().filename() << ": " << whole.made.error().message() << "\n";
    }
  }
  std::cout << made << " of " << GetParam().folder << " by " << GetParam().recipe << "\n";
}

}  // namespace
}  // namespace lensfs
