#include "catalog/db/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "catalog/base/fd.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"

namespace lensfs {
namespace {

using test::error_code;
using test::must;
using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() : db_(open(Database::Mode::read_write)) {
    must(
        db_.script("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE, bytes BLOB,"
                   " size INTEGER CHECK (size >= 0)) STRICT;"
                   "CREATE TABLE uses (word_id INTEGER NOT NULL REFERENCES words (id)) STRICT"));
  }

  Database open(Database::Mode mode) {
    return must(Database::open(file_, mode, Database::Create::yes));
  }
  std::vector<std::string> words() {
    std::vector<std::string> found;
    must(db_.each<std::string>("SELECT word FROM words ORDER BY id",
                               [&](std::string word) { found.push_back(std::move(word)); }));
    return found;
  }
  void add(std::string_view word) { must(db_.run("INSERT INTO words (word) VALUES (?1)", word)); }

  TempDir dir_;
  std::filesystem::path file_ = dir_ / "test.db";
  Database db_;
};

TEST_F(DatabaseTest, ThatDoesNotExistIsNotFoundUnlessItIsToBeMade) {
  const auto missing =
      Database::open(dir_ / "no.db", Database::Mode::read_write, Database::Create::no);

  EXPECT_EQ(error_code(missing), Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "no.db"));
}

TEST_F(DatabaseTest, ThatIsAnotherFileIsCorruptAndTheErrorNamesIt) {
  must(write_text(dir_ / "not.db", std::string(4096, 'x')));

  const auto opened =
      Database::open(dir_ / "not.db", Database::Mode::read_write, Database::Create::no);

  EXPECT_EQ(error_code(opened), Errc::corrupt);
  EXPECT_THAT(opened.error().message(), HasSubstr("not.db"));
}

TEST_F(DatabaseTest, RunsWithTheSettingsTheProjectReliesOn) {
  EXPECT_EQ(must(db_.one<std::string>("PRAGMA journal_mode")), "wal");
  EXPECT_EQ(must(db_.one<int>("PRAGMA synchronous")), 2);
  EXPECT_EQ(must(db_.one<int>("PRAGMA foreign_keys")), 1);
  EXPECT_EQ(must(db_.one<int>("PRAGMA busy_timeout")), 10'000);
  EXPECT_EQ(must(db_.one<int>("PRAGMA trusted_schema")), 0);
  EXPECT_EQ(must(db_.one<int>("PRAGMA journal_size_limit")), 64 << 20);
}

TEST_F(DatabaseTest, GivesBackEveryKindOfValueAsItWasBound) {
  const std::string bytes("\0\xff\n", 3);
  must(db_.run("INSERT INTO words VALUES (?1, ?2, ?3, ?4)", 7, "héllo", Blob{bytes},
               std::optional<std::int64_t>()));

  EXPECT_EQ(must(db_.one<std::string>("SELECT word FROM words WHERE id = ?1", 7)), "héllo");
  EXPECT_EQ(must(db_.one<std::string>("SELECT bytes FROM words")), bytes);
  EXPECT_EQ(must(db_.one<std::string>("SELECT typeof(bytes) FROM words")), "blob");
  EXPECT_EQ(must(db_.one<std::optional<std::int64_t>>("SELECT size FROM words")), std::nullopt);
  EXPECT_EQ(must(db_.one<std::optional<std::string>>("SELECT word FROM words")), "héllo");
}

TEST_F(DatabaseTest, BindsAnEmptyViewAsEmptyTextAndNotAsNull) {
  must(db_.run("INSERT INTO words (word, bytes) VALUES (?1, ?2)", std::string_view(), Blob{}));

  EXPECT_EQ(must(db_.one<std::string>("SELECT typeof(word) || typeof(bytes) FROM words")),
            "textblob");
}

TEST_F(DatabaseTest, KeepsAContentIdByteForByte) {
  ContentId id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(i * 17);
  must(db_.run("INSERT INTO words (bytes) VALUES (?1)", id));

  EXPECT_EQ(must(db_.one<ContentId>("SELECT bytes FROM words")), id);
}

TEST_F(DatabaseTest, SaysNotFoundForNoRowAndNothingWhereThatIsAllowed) {
  EXPECT_EQ(error_code(db_.one<int>("SELECT id FROM words")), Errc::not_found);
  EXPECT_EQ(must(db_.maybe<int>("SELECT id FROM words")), std::nullopt);
}

TEST_F(DatabaseTest, CountsTheRowsThatAStatementChanged) {
  add("a");
  add("b");

  EXPECT_EQ(must(db_.run("UPDATE words SET size = 1")), 2);
  EXPECT_EQ(must(db_.run("DELETE FROM words WHERE word = ?1", "c")), 0);
}

TEST_F(DatabaseTest, RunsTheSameStatementInsideItsOwnVisit) {
  add("a");
  add("b");
  std::vector<std::string> pairs;

  must(db_.each<std::string>("SELECT word FROM words ORDER BY id", [&](const std::string& outer) {
    for (const std::string& inner : words()) pairs.push_back(outer + inner);
  }));

  EXPECT_THAT(pairs, ElementsAre("aa", "ab", "ba", "bb"));
}

TEST_F(DatabaseTest, EndsAWalkWhenTheVisitSaysSo) {
  add("a");
  add("b");
  int visits = 0;

  must(db_.each<std::string>("SELECT word FROM words", [&](const std::string&) {
    ++visits;
    return false;
  }));
  const Status failed = db_.each<std::string>(
      "SELECT word FROM words", [](const std::string&) -> Status { return fail(Errc::stale); });

  EXPECT_EQ(visits, 1);
  EXPECT_EQ(error_code(failed), Errc::stale);
}

TEST_F(DatabaseTest, TellsWhatAConstraintMeans) {
  add("a");

  EXPECT_EQ(error_code(db_.run("INSERT INTO words (word) VALUES ('a')")), Errc::exists);
  EXPECT_EQ(error_code(db_.run("INSERT INTO uses VALUES (99)")), Errc::not_found);
  EXPECT_EQ(error_code(db_.run("INSERT INTO words (size) VALUES (-1)")), Errc::invalid);
}

TEST_F(DatabaseTest, ExplainsWhatItDidNotExpectInTheWordsOfSqlite) {
  const auto unknown = db_.run("INSERT INTO nowhere VALUES (1)");

  EXPECT_EQ(error_code(unknown), Errc::corrupt);
  EXPECT_THAT(unknown.error().message(), HasSubstr("no such table: nowhere"));
}

TEST_F(DatabaseTest, ThatMayNotGrowSaysNoSpace) {
  must(db_.script("PRAGMA max_page_count = 1"));

  const auto written = db_.run("INSERT INTO words (bytes) VALUES (zeroblob(1000000))");

  EXPECT_EQ(error_code(written), Errc::no_space);
}

TEST_F(DatabaseTest, OpenedForReadingRefusesToWrite) {
  Database reader = open(Database::Mode::read_only);

  EXPECT_EQ(error_code(reader.run("DELETE FROM words")), Errc::read_only);
}

TEST_F(DatabaseTest, ReadsOneStateFromTheFirstReadOfATransactionOn) {
  add("a");
  Database reader = open(Database::Mode::read_only);
  must(reader.begin_read());
  const int before = must(reader.one<int>("SELECT count(*) FROM words"));

  add("b");

  EXPECT_EQ(must(reader.one<int>("SELECT count(*) FROM words")), before);
  reader.rollback();
  EXPECT_EQ(must(reader.one<int>("SELECT count(*) FROM words")), before + 1);
}

TEST_F(DatabaseTest, NoticesByItsVersionThatAnotherConnectionWrote) {
  Database reader = open(Database::Mode::read_only);
  const std::int64_t before = must(reader.data_version());

  add("a");

  EXPECT_NE(must(reader.data_version()), before);
}

TEST_F(DatabaseTest, RollsBackToWhatWas) {
  must(db_.begin_immediate());
  add("a");

  db_.rollback();

  EXPECT_FALSE(db_.in_transaction());
  EXPECT_THAT(words(), ElementsAre());
}

TEST_F(DatabaseTest, IsCopiedWholeWhileItIsOpen) {
  add("a");

  must(db_.backup_to(dir_ / "copy.db"));

  Database copy =
      must(Database::open(dir_ / "copy.db", Database::Mode::read_only, Database::Create::no));
  EXPECT_EQ(must(copy.one<std::string>("SELECT word FROM words")), "a");
  EXPECT_FALSE(std::filesystem::exists(dir_ / "copy.db.part"));
}

}  // namespace
}  // namespace lensfs
