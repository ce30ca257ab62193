#include "catalog/db/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"

namespace lensfs {
namespace {

using test::error_code;
using test::must;
using test::TempDir;

class PoolTest : public testing::Test {
 protected:
  PoolTest() {
    const auto file = dir_ / "test.db";
    {
      Database db = must(Database::open(file, Database::Mode::read_write, Database::Create::yes));
      must(db.script(
          "CREATE TABLE counts (n INTEGER NOT NULL) STRICT; INSERT INTO counts VALUES (0)"));
    }
    pool_ = must(Pool::open(file));
  }

  Status increment() {
    return pool_->write([](Transaction& txn) -> Status {
      LENSFS_CHECK(txn.db().run("UPDATE counts SET n = n + 1"));
      return {};
    });
  }
  int count() { return must(must(pool_->reader())->one<int>("SELECT n FROM counts")); }

  TempDir dir_;
  std::unique_ptr<Pool> pool_;
};

TEST_F(PoolTest, CommitsWhatSucceeds) {
  must(increment());

  EXPECT_EQ(count(), 1);
}

TEST_F(PoolTest, RollsBackWhatFailsAndHandsTheErrorOn) {
  const Status failed = pool_->write([](Transaction& txn) -> Status {
    LENSFS_CHECK(txn.db().run("UPDATE counts SET n = 99"));
    return fail(Errc::denied);
  });

  EXPECT_EQ(error_code(failed), Errc::denied);
  EXPECT_EQ(count(), 0);
  must(increment());
  EXPECT_EQ(count(), 1);
}

// Another pool on the same file stands for another process.
TEST_F(PoolTest, WritesInItsTurnWhileAnotherNeverStops) {
  const std::unique_ptr<Pool> other = must(Pool::open(dir_ / "test.db"));
  std::atomic<int> begun{0};
  const std::jthread never_stops([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      static_cast<void>(other->write_soon([&](Transaction&) -> Status {
        ++begun;
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(3);
        while (std::chrono::steady_clock::now() < until) continue;
        return {};
      }));
    }
  });
  while (begun == 0) std::this_thread::yield();

  std::vector<int> passed;
  for (int turn = 0; turn < 51; ++turn) {
    const int before = begun;
    must(increment());
    passed.push_back(begun - before);
  }

  // The one that was at it, and perhaps one that had come to the gate before; more only where the
  // machine did not let this thread run.
  std::sort(passed.begin(), passed.end());
  EXPECT_LE(passed[passed.size() / 2], 3);
}

TEST_F(PoolTest, LosesNoWriteOfManyThreads) {
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < 25; ++j) EXPECT_TRUE(increment());
    });
  }
  threads.clear();

  EXPECT_EQ(count(), 100);
}

TEST_F(PoolTest, GivesEachReaderItsOwnConnection) {
  const Pool::Reader one = must(pool_->reader());
  const Pool::Reader two = must(pool_->reader());

  EXPECT_NE(&*one, &*two);
}

TEST_F(PoolTest, EndsTheSnapshotThatAReaderLeftOpen) {
  {
    const Pool::Reader reader = must(pool_->reader());
    must(reader->begin_read());
    must(reader->one<int>("SELECT n FROM counts"));
  }

  must(increment());

  EXPECT_EQ(count(), 1);
}

TEST_F(PoolTest, OfAMissingFileIsNotFound) {
  EXPECT_EQ(error_code(Pool::open(dir_ / "missing.db")), Errc::not_found);
}

}  // namespace
}  // namespace lensfs
