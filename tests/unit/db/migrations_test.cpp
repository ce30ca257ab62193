#include "catalog/db/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"

namespace lensfs {
namespace {

using test::error_code;
using test::must;
using test::TempDir;
using testing::HasSubstr;

const std::vector<Migration> kOneStep = {{"0001_one.sql", "CREATE TABLE one (x INTEGER) STRICT"}};
const std::vector<Migration> kTwoSteps = {
    kOneStep[0],
    {"0002_two.sql", "ALTER TABLE one ADD COLUMN y INTEGER; INSERT INTO one VALUES (1, 2)"}};
const std::vector<Migration> kBadStep = {
    kOneStep[0], {"0002_bad.sql", "CREATE TABLE two (x INTEGER) STRICT; CREATE TABLE one (x)"}};

class Migrations : public testing::Test {
 protected:
  Database open() {
    return must(Database::open(file_, Database::Mode::read_write, Database::Create::yes));
  }
  static std::int64_t version(Database& db) {
    return must(db.one<std::int64_t>("PRAGMA user_version"));
  }

  TempDir dir_;
  std::filesystem::path file_ = dir_ / "catalog.db";
};

TEST_F(Migrations, MakeTheWholeSchemaOfANewCatalogWithoutABackup) {
  Database db = open();

  must(migrate(db, file_));

  EXPECT_EQ(version(db), static_cast<std::int64_t>(kMigrations.size()));
  EXPECT_EQ(must(db.one<int>("SELECT count(*) FROM assets")), 0);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "catalog.db.backup-v0"));
}

TEST_F(Migrations, DoNothingTheSecondTime) {
  Database db = open();
  must(migrate(db, file_, kTwoSteps));

  must(migrate(db, file_, kTwoSteps));

  EXPECT_EQ(must(db.one<int>("SELECT count(*) FROM one")), 1);
}

TEST_F(Migrations, OfAnOlderCatalogLeaveACopyOfItBeside) {
  Database db = open();
  must(migrate(db, file_, kOneStep));
  must(db.run("INSERT INTO one VALUES (7)"));

  must(migrate(db, file_, kTwoSteps));

  EXPECT_EQ(version(db), 2);
  EXPECT_EQ(must(db.one<int>("SELECT count(*) FROM one")), 2);
  Database backup = must(Database::open(dir_ / "catalog.db.backup-v1", Database::Mode::read_only,
                                        Database::Create::no));
  EXPECT_EQ(version(backup), 1);
  EXPECT_EQ(must(backup.one<int>("SELECT x FROM one")), 7);
}

TEST_F(Migrations, ThatFailLeaveTheCatalogAsItWasAndNameTheStep) {
  Database db = open();
  must(migrate(db, file_, kOneStep));

  const Status failed = migrate(db, file_, kBadStep);

  EXPECT_THAT(failed.error().message(), HasSubstr("0002_bad.sql"));
  EXPECT_EQ(version(db), 1);
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(must(db.one<int>("SELECT count(*) FROM sqlite_schema WHERE name = 'two'")), 0);
}

TEST_F(Migrations, RefuseANewerCatalogAndSayWhatToDo) {
  Database db = open();
  must(migrate(db, file_, kTwoSteps));

  const Status refused = migrate(db, file_, kOneStep);

  EXPECT_EQ(error_code(refused), Errc::not_supported);
  EXPECT_THAT(refused.error().message(), HasSubstr("update this one"));
  EXPECT_EQ(version(db), 2);
}

TEST_F(Migrations, RunOnceWhenSeveralProgramsStartTogether) {
  open();

  std::vector<std::jthread> programs;
  programs.reserve(4);
  for (int i = 0; i < 4; ++i) {
    programs.emplace_back([this] {
      Database db = open();
      EXPECT_TRUE(migrate(db, file_, kTwoSteps));
    });
  }
  programs.clear();

  Database db = open();
  EXPECT_EQ(must(db.one<int>("SELECT count(*) FROM one")), 1);
}

}  // namespace
}  // namespace lensfs
