#include "catalog/db/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

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

class Moments : public PoolTest {
 protected:
  int count_at(const Pool::Reader& reader) {
    return must(reader->one<int>("SELECT n FROM counts"));
  }
  // The connection that read something a moment ago, and is idle again.
  const Database* one_that_looked() {
    const Pool::Reader reader = must(pool_->snapshot());
    EXPECT_EQ(count_at(reader), 0);
    return &*reader;
  }
  int count_now() { return count_at(must(pool_->snapshot())); }

  // Another pool is what another process has.
  std::unique_ptr<Pool> other_ = must(Pool::open(dir_ / "test.db"));
};

TEST_F(Moments, StayWhatTheyAre) {
  const Pool::Reader reader = must(pool_->snapshot());
  EXPECT_EQ(count_at(reader), 0);

  must(increment());

  EXPECT_EQ(count_at(reader), 0);
  EXPECT_EQ(count_now(), 1);
}

TEST_F(Moments, AreNowThoughAnotherProcessCommittedInBetween) {
  EXPECT_EQ(count_now(), 0);
  for (int commits = 1; commits < 50; ++commits) {
    must(other_->write([](Transaction& txn) -> Status {
      LENSFS_CHECK(txn.db().run("UPDATE counts SET n = n + 1"));
      return {};
    }));
    EXPECT_EQ(count_now(), commits);
    EXPECT_EQ(count_now(), commits);
  }
}

TEST_F(Moments, AreTheSameWhileNobodyCommits) {
  const Database* const first = one_that_looked();

  const Pool::Reader reader = must(pool_->snapshot());
  EXPECT_EQ(&*reader, first);
  EXPECT_TRUE(reader->in_transaction());
}

TEST_F(Moments, OfIdleReadersAreTakenBeforeAConnectionIsOpened) {
  const Database* const first = one_that_looked();
  {
    const Pool::Reader reader = must(pool_->reader());
    EXPECT_EQ(&*reader, first);
    EXPECT_FALSE(reader->in_transaction());
  }
  // One that has looked for too long looks anew.
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(250);
  while (std::chrono::steady_clock::now() < until) {
    const Pool::Reader reader = must(pool_->snapshot());
    ASSERT_EQ(&*reader, first);
  }
}

TEST_F(Moments, ThatAreOldKeepNothingInTheLog) {
  EXPECT_EQ(count_now(), 0);
  must(other_->write([](Transaction& txn) -> Status {
    LENSFS_CHECK(txn.db().run("UPDATE counts SET n = n + 1"));
    return {};
  }));
  Database db =
      must(Database::open(dir_ / "test.db", Database::Mode::read_write, Database::Create::no));
  const auto is_kept = [&] { return must(db.one<bool>("PRAGMA wal_checkpoint(TRUNCATE)")); };
  must(db.script("PRAGMA busy_timeout = 0"));
  EXPECT_TRUE(is_kept());

  pool_->forget_moments();

  EXPECT_FALSE(is_kept());
}

TEST_F(Moments, AreNotKnownWhileSomebodyCommitsAndOnceHeDied) {
  WriteTurn died(dir_ / "test.db");
  WriteTurn turn(dir_ / "test.db");
  ASSERT_NE(turn.state(), 0U);
  died.begin_commit();
  EXPECT_EQ(turn.state(), 0U);

  must(increment());

  EXPECT_NE(turn.state(), 0U);
}

// Adds to the count, in the database only when it has to be.
class Later final : public Deferred {
 public:
  void add() { ++waiting_; }
  void fail_next() { fails_ = true; }
  [[nodiscard]] bool any() const override { return waiting_ > 0; }
  [[nodiscard]] Status write(Transaction& txn, Which /*which*/) override {
    LENSFS_CHECK(txn.db().run("UPDATE counts SET n = n + ?1", waiting_.load()));
    return std::exchange(fails_, false) ? Status(fail(Errc::no_space)) : Status();
  }
  void written() override { waiting_ = 0; }

 private:
  std::atomic<int> waiting_ = 0;
  bool fails_ = false;
};

class Deferring : public PoolTest {
 protected:
  Deferring() { pool_->set_deferred(&later_); }
  ~Deferring() override { pool_->set_deferred(nullptr); }
  void defer() {
    must(pool_->defer([&](bool is_alone) -> Status {
      EXPECT_TRUE(is_alone);
      later_.add();
      return {};
    }));
  }

  Later later_;
};

TEST_F(Deferring, WritesNothingUntilSomethingNeedsIt) {
  defer();
  EXPECT_EQ(count(), 0);

  must(pool_->settle());
  EXPECT_EQ(count(), 1);
}

TEST_F(Deferring, IsWrittenBeforeAnythingElse) {
  defer();

  must(pool_->write([&](Transaction& txn) -> Status {
    EXPECT_EQ(must(txn.db().one<int>("SELECT n FROM counts")), 1);
    return {};
  }));
}

TEST_F(Deferring, StaysWhatItWasThoughTheNextWriteFails) {
  defer();
  const Status failed = pool_->write([](Transaction&) -> Status { return fail(Errc::invalid); });

  EXPECT_FALSE(failed);
  EXPECT_EQ(count(), 1);
}

TEST_F(Deferring, IsWrittenWhenItCanBe) {
  defer();
  later_.fail_next();

  EXPECT_EQ(error_code(increment()), Errc::no_space);
  EXPECT_EQ(count(), 0);

  must(increment());
  EXPECT_EQ(count(), 2);
}

TEST_F(Deferring, LetsOtherProcessesReadAndWriteOnlyWhatIsWhole) {
  // Another pool is what another process has.
  const auto other = must(Pool::open(dir_ / "test.db"));
  defer();
  std::jthread settling([&] {
    // Whoever waits for the turn is seen, and gets it.
    must(pool_->settle());
  });

  must(other->write([&](Transaction& txn) -> Status {
    EXPECT_EQ(must(txn.db().one<int>("SELECT n FROM counts")), 1);
    return {};
  }));
  settling.join();

  defer();
  std::jthread later([&] { must(pool_->settle()); });
  EXPECT_EQ(must(must(other->reader())->one<int>("SELECT n FROM counts")), 2);
}

TEST_F(PoolTest, OfAMissingFileIsNotFound) {
  EXPECT_EQ(error_code(Pool::open(dir_ / "missing.db")), Errc::not_found);
}

}  // namespace
}  // namespace lensfs
