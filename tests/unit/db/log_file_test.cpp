// The log of the database: what a commit writes, and what others read of it.
#include "catalog/db/log_file.h"

#include <gtest/gtest.h>

#include <string>

#include "catalog/base/fd.h"
#include "catalog/db/database.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"

namespace lensfs {
namespace {

using test::must;
using test::TempDir;

// Calls of write(2) and its kin that this process made so far.
long writes() {
  const std::string text = must(read_text("/proc/self/io"));
  return std::stol(text.substr(text.find("syscw:") + 6));
}

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    must(one_.script("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"));
  }
  Database connection() {
    return must(
        Database::open(dir_ / "test.db", Database::Mode::read_write, Database::Create::yes));
  }
  // Each of them fills most of a page.
  static void add(Database& db, int count) {
    const std::string text(3000, 'x');
    for (int i = 0; i < count; ++i) must(db.run("INSERT INTO notes (text) VALUES (?1)", text));
  }
  static int count(Database& db) { return must(db.one<int>("SELECT count(*) FROM notes")); }
  static std::string integrity(Database& db) {
    return must(db.one<std::string>("PRAGMA integrity_check"));
  }

  TempDir dir_;
  Database one_ = connection();
};

TEST_F(LogFileTest, IsWrittenInOnePieceForACommitOfManyPages) {
  add(one_, 1);
  must(one_.begin_immediate());
  add(one_, 10);

  const long before = writes();
  must(one_.commit());

  EXPECT_EQ(writes() - before, 1);
}

TEST_F(LogFileTest, HoldsWhatWasCommittedWhenOthersAreTold) {
  Database two = connection();
  for (int i = 1; i <= 300; ++i) {
    Database& writer = i % 2 == 0 ? one_ : two;
    must(writer.begin_immediate());
    add(writer, 5);
    must(writer.commit());

    ASSERT_EQ(count(one_), 5 * i);
    ASSERT_EQ(count(two), 5 * i);
  }

  EXPECT_EQ(integrity(one_), "ok");
}

TEST_F(LogFileTest, KeepsNothingOfATransactionThatWasTooLongForTheCacheAndRolledBack) {
  Database two = connection();
  must(one_.script("PRAGMA cache_size = 10"));
  must(one_.begin_immediate());
  add(one_, 200);
  one_.rollback();

  must(two.begin_immediate());
  add(two, 50);
  must(two.commit());
  must(one_.begin_immediate());
  add(one_, 200);
  must(one_.commit());

  EXPECT_EQ(count(two), 250);
  EXPECT_EQ(integrity(two), "ok");
}

}  // namespace
}  // namespace lensfs
