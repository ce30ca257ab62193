// The stages of an ingest, and the queue between them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>

#include "tests/support/files.h"
#include "tests/support/temp_dir.h"
#include "tools/ingest/copier.h"
#include "tools/ingest/queue.h"

namespace lensfs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Queue, GivesItemsInTheOrderInWhichTheyCame) {
  Queue<int> queue(10);
  queue.push({1, 2, 3});
  queue.push({4});

  EXPECT_THAT(queue.pop(3), ElementsAre(1, 2, 3));
  EXPECT_THAT(queue.pop(3), ElementsAre(4));
}

TEST(Queue, GivesWhatIsInsideAfterItIsClosedAndThenNothing) {
  Queue<int> queue(10);
  queue.push({1});
  queue.close();

  EXPECT_THAT(queue.pop(5), ElementsAre(1));
  EXPECT_THAT(queue.pop(5), IsEmpty());
}

TEST(Queue, DropsWhatComesAfterItIsClosed) {
  Queue<int> queue(10);
  queue.close();
  queue.push({1});

  EXPECT_THAT(queue.pop(5), IsEmpty());
}

TEST(Queue, GivesNothingWhenNoItemComesBeforeTheDeadline) {
  Queue<int> queue(10);

  EXPECT_THAT(queue.pop_until(5, std::chrono::steady_clock::now()), IsEmpty());
}

TEST(Queue, HandsEveryItemToExactlyOneOfSeveralTakers) {
  constexpr int kItems = 20'000;
  Queue<int> queue(8);
  std::atomic<std::int64_t> sum{0};
  std::atomic<int> count{0};
  {
    std::vector<std::jthread> takers;
    for (int i = 0; i < 3; ++i) {
      takers.emplace_back([&] {
        for (auto got = queue.pop(3); !got.empty(); got = queue.pop(3)) {
          sum += std::accumulate(got.begin(), got.end(), std::int64_t{0});
          count += static_cast<int>(got.size());
        }
      });
    }
    std::vector<std::jthread> givers;
    for (int giver = 0; giver < 2; ++giver) {
      givers.emplace_back([&queue, giver] {
        for (int i = giver; i < kItems; i += 2) queue.push({i});
      });
    }
    givers.clear();
    queue.close();
  }

  EXPECT_EQ(count, kItems);
  EXPECT_EQ(sum, std::int64_t{kItems} * (kItems - 1) / 2);
}

class CopierOf : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Catalog::create(directory_ / "library"));
    catalog_ = std::move(*Catalog::open(directory_ / "library"));
    folder_->fd = std::move(*open_path(directory_.path(), O_RDONLY | O_DIRECTORY));
    folder_->absolute = directory_.path().string();
  }
  // The file as a walker came by.
  [[nodiscard]] SourceFile found(const std::string& name) const {
    return {.directory = folder_, .name = name, .seen = test::status_of(directory_ / name)};
  }
  Result<StagedSource> take(SourceFile file, std::stop_token stop = {}) {
    HoldSource holds(catalog_->store());
    return Copier(*catalog_, holds, Adopt::copy, progress_, std::move(stop)).take(std::move(file));
  }

  test::TempDir directory_;
  std::unique_ptr<Catalog> catalog_;
  std::shared_ptr<SourceDirectory> folder_ = std::make_shared<SourceDirectory>();
  IngestProgress progress_;
};

TEST_F(CopierOf, AFileSaysThatItWasReplaced) {
  test::write_file(directory_ / "a.mov", "one");
  test::write_file(directory_ / "b.mov", "two");
  SourceFile file = found("a.mov");
  std::filesystem::rename(directory_ / "b.mov", directory_ / "a.mov");

  const auto staged = take(std::move(file));

  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().code(), Errc::changed);
}

TEST_F(CopierOf, AFileDoesNotWaitForAPipeThatTookItsPlace) {
  test::write_file(directory_ / "a.mov", "one");
  SourceFile file = found("a.mov");
  std::filesystem::remove(directory_ / "a.mov");
  ASSERT_EQ(::mkfifo((directory_ / "a.mov").c_str(), 0600), 0);

  EXPECT_FALSE(take(std::move(file)));
}

TEST_F(CopierOf, AFileDoesNotFollowALinkThatTookItsPlace) {
  test::write_file(directory_ / "secret", "one");
  test::write_file(directory_ / "a.mov", "one");
  SourceFile file = found("a.mov");
  std::filesystem::remove(directory_ / "a.mov");
  std::filesystem::create_symlink("secret", directory_ / "a.mov");

  EXPECT_FALSE(take(std::move(file)));
}

TEST_F(CopierOf, AFileIsReadWhereItWasFoundThoughALinkTookThePlaceOfItsFolder) {
  test::write_file(directory_ / "in/a.mov", "inside");
  test::write_file(directory_ / "out/a.mov", "outside");
  folder_->fd = std::move(*open_source_directory(folder_->fd.get(), "in", Follow::no));
  SourceFile file = found("in/a.mov");
  file.name = "a.mov";
  std::filesystem::rename(directory_ / "in", directory_ / "away");
  std::filesystem::create_symlink("out", directory_ / "in");

  const auto staged = take(std::move(file));

  ASSERT_TRUE(staged) << staged.error().message();
  EXPECT_EQ(test::read_at_once(catalog_->store().path_of(staged->object)), "inside");
}

TEST_F(CopierOf, NoNameLeadsOutOfItsFolder) {
  test::write_file(directory_ / "in/a.mov", "inside");
  test::write_file(directory_ / "out/a.mov", "outside");
  std::filesystem::create_symlink("../out", directory_ / "in/link");
  std::filesystem::create_symlink("../out/a.mov", directory_ / "in/a.link");
  const int in = open_source_directory(folder_->fd.get(), "in", Follow::no)->release();
  const Fd closed_at_the_end(in);

  EXPECT_TRUE(open_source(in, "a.mov", Follow::no));
  for (const char* name : {"../out/a.mov", "link/a.mov", "a.link"}) {
    EXPECT_FALSE(open_source(in, name, Follow::no)) << name;
  }
  for (const char* name : {"..", "link", "../out"}) {
    EXPECT_FALSE(open_source_directory(in, name, Follow::no)) << name;
  }
  EXPECT_TRUE(open_source(in, "a.link", Follow::yes));
}

TEST_F(CopierOf, AFileCountsItsBytesOnce) {
  test::write_file(directory_ / "a.mov", std::string(3 << 20, 'x'));
  ASSERT_TRUE(take(found("a.mov")));

  ASSERT_TRUE(take(found("a.mov")));

  EXPECT_EQ(progress_.bytes, 2U * (3U << 20U));
}

TEST_F(CopierOf, AFileHeedsARequestToStop) {
  test::write_file(directory_ / "a.mov", std::string(3 << 20, 'x'));
  std::stop_source stop;
  stop.request_stop();

  const auto staged = take(found("a.mov"), stop.get_token());

  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().code(), Errc::interrupted);
}

}  // namespace
}  // namespace lensfs
