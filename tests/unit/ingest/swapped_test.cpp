// Sources that somebody swaps for links while they are read: what lies outside stays outside.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "tests/support/files.h"
#include "tests/support/temp_dir.h"
#include "tools/ingest/ingest.h"

namespace lensfs {
namespace {

using test::write_file;

constexpr int kRounds = 60;

struct NoNews : IngestObserver {
  void file(const FileEvent&) override {}
};

// Two names that change places, over and over, each time at once.
class Swapper {
 public:
  Swapper(const test::path& a, const test::path& b)
      : thread_([this, a, b](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0) {
              ++swaps_;
            }
          }
        }) {}
  [[nodiscard]] int swaps() const { return swaps_; }

 private:
  std::atomic<int> swaps_{0};
  std::jthread thread_;
};

class SwappedSource : public testing::TestWithParam<Adopt> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Catalog::create(directory_ / "library"));
    catalog_ = std::move(*Catalog::open(directory_ / "library"));
    write_file(outside() / "secret.txt", "outside");
    write_file(outside() / "deep/file.txt", "outside, too");
  }
  [[nodiscard]] test::path source() const { return directory_ / "in"; }
  [[nodiscard]] test::path outside() const { return directory_ / "outside"; }

  void ingest_once(const std::string& path) {
    IngestRequest request{.paths = {path}, .project = "demo", .adopt = GetParam()};
    NoNews nobody;
    IngestProgress progress;
    EXPECT_TRUE(ingest(*catalog_, request, nobody, progress, {}));
  }
  // Whether anything in the store has bytes that lay outside.
  [[nodiscard]] bool holds_outside() const {
    using Walk = std::filesystem::recursive_directory_iterator;
    return std::any_of(Walk(directory_ / "library/objects"), Walk(), [](const auto& entry) {
      if (!entry.is_regular_file()) return false;
      return test::read_at_once(entry.path()).value_or("").starts_with("outside");
    });
  }

  test::TempDir directory_;
  std::unique_ptr<Catalog> catalog_;
};

TEST_P(SwappedSource, AFileThatIsALinkNowAndThenBringsInNothingFromOutside) {
  const test::path link = directory_ / "link.txt";
  for (int round = 0, swaps = 0; round < kRounds || swaps < kRounds; ++round) {
    std::filesystem::remove(source() / "file.txt");  // whichever of the two it is
    std::filesystem::remove(link);
    std::filesystem::create_symlink(outside() / "secret.txt", link);
    write_file(source() / "file.txt", "inside " + std::to_string(round));
    const Swapper swapper(source() / "file.txt", link);
    ingest_once(source().string() + "/");
    swaps += swapper.swaps();
    ASSERT_LT(round, 100 * kRounds);
  }

  EXPECT_FALSE(holds_outside());
  EXPECT_EQ(test::read_at_once(outside() / "secret.txt"), "outside");
}

TEST_P(SwappedSource, AFolderThatIsALinkNowAndThenBringsInNothingFromOutside) {
  std::filesystem::create_symlink(outside() / "deep", directory_ / "beside");
  for (int round = 0, swaps = 0; round < kRounds || swaps < kRounds; ++round) {
    std::error_code there;
    std::filesystem::create_directories(source() / "deep", there);
    const bool is_link = std::filesystem::is_symlink(source() / "deep");
    const test::path real = is_link ? directory_ / "beside" : source() / "deep";
    std::filesystem::remove(real / "file.txt");
    write_file(real / "file.txt", "inside " + std::to_string(round));
    const Swapper swapper(source() / "deep", directory_ / "beside");
    ingest_once(source().string());
    swaps += swapper.swaps();
    ASSERT_LT(round, 100 * kRounds);
  }

  EXPECT_FALSE(holds_outside());
  EXPECT_EQ(test::read_at_once(outside() / "deep/file.txt"), "outside, too");
}

INSTANTIATE_TEST_SUITE_P(HoweverItIsTaken, SwappedSource,
                         testing::Values(Adopt::copy, Adopt::link, Adopt::move));

}  // namespace
}  // namespace lensfs
