// Packets with errors in them: refused or read, never more.
#include <gtest/gtest.h>

#include <random>

#include "catalog/xmp/mapping.h"
#include "tests/unit/xmp/samples.h"

namespace lensfs::xmp::test {
namespace {

std::string mutated(std::string text, std::mt19937& random) {
  const auto any = [&](std::size_t below) { return random() % std::max<std::size_t>(1, below); };
  for (std::size_t count = 1 + any(8); count > 0 && !text.empty(); --count) {
    const std::size_t at = any(text.size());
    switch (any(5)) {
      case 0:
        text[at] = static_cast<char>(any(256));
        break;
      case 1:
        text.erase(at, any(40));
        break;
      case 2:
        text.insert(at, text.substr(any(text.size()), any(200)));
        break;
      case 3:
        text.insert(at, 1, "<>&\"'/=:"[any(8)]);
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

TEST(MutatedPackets, AreReadOrRefusedAndWhatIsPatchedCanBeRead) {
  std::mt19937 random(20261126);
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = mutated(round % 2 == 0 ? kLightroom : kMarkers, random);
    const auto properties = parse(text);
    if (!properties) continue;
    ++read;
    Description wanted = description_of(*properties, {.frames = 25});
    wanted.fields["title"] = "a title";
    wanted.tags.push_back("one/more");
    const auto patched = patch(text, changes_for(*properties, wanted, {.frames = 25}));
    if (!patched) continue;
    const auto again = parse(*patched);
    ASSERT_TRUE(again) << again.error().message() << "\n" << text << "\n---\n" << *patched;
    ASSERT_EQ(description_of(*again, {.frames = 25}).fields["title"], "a title") << *patched;
  }
  EXPECT_GT(read, 300);
}

}  // namespace
}  // namespace lensfs::xmp::test
