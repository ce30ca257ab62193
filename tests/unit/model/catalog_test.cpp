#include "catalog/model/catalog.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <thread>

#include "catalog/model/asset.h"
#include "catalog/model/project.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"

namespace lensfs::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class CatalogTest : public testing::Test {
 protected:
  void put(const fs::path& at, const std::string& bytes = "x") {
    fs::create_directories(at.parent_path());
    must(write_text(at, bytes));
  }

  TempDir dir_;
  fs::path library_ = dir_ / "library";
};

TEST_F(CatalogTest, IsMadeInADirectoryThatIsMissing) {
  must(Catalog::create(library_));

  EXPECT_TRUE(Catalog::is_library(library_));
  for (const char* name : {"catalog.db", "objects", "staging", "lensfs.toml"}) {
    EXPECT_TRUE(fs::exists(library_ / name)) << name;
  }
  EXPECT_FALSE(fs::exists(library_ / "catalog.db.new"));
  EXPECT_THAT(must(must(Catalog::open(library_))->check_database()), IsEmpty());
}

TEST_F(CatalogTest, IsMadeOnce) {
  must(Catalog::create(library_));

  EXPECT_EQ(error_code(Catalog::create(library_)), Errc::exists);
}

TEST_F(CatalogTest, IsNotMadeAmongOtherThings) {
  put(library_ / "holiday.jpg");

  const Status refused = Catalog::create(library_);

  EXPECT_EQ(error_code(refused), Errc::not_empty);
  EXPECT_THAT(refused.error().message(), HasSubstr("holiday.jpg"));
  EXPECT_FALSE(fs::exists(library_ / "objects"));
}

TEST_F(CatalogTest, IsMadeFromWhatACreationThatWasCutShortLeft) {
  fs::create_directories(library_ / "objects" / "ab" / "cd");
  put(library_ / "catalog.db.new", "half a database");
  put(library_ / "catalog.db.new-wal", "half a log");
  put(library_ / "catalog.lock", "");
  put(library_ / "lensfs.toml", "# half");

  must(Catalog::create(library_));

  EXPECT_TRUE(Catalog::open(library_));
}

TEST_F(CatalogTest, DoesNotReplaceALibraryThatLostItsCatalog) {
  put(library_ / "objects" / "ab" / "cd" / "precious");

  EXPECT_EQ(error_code(Catalog::create(library_)), Errc::not_empty);
  EXPECT_TRUE(fs::exists(library_ / "objects" / "ab" / "cd" / "precious"));
}

TEST_F(CatalogTest, IsMadeByOneOfSeveralThatTry) {
  std::atomic<int> made = 0;
  std::vector<std::jthread> programs;
  programs.reserve(4);
  for (int i = 0; i < 4; ++i) {
    programs.emplace_back([&] { made += Catalog::create(library_).has_value() ? 1 : 0; });
  }
  programs.clear();

  EXPECT_EQ(made, 1);
  EXPECT_TRUE(Catalog::open(library_));
}

TEST_F(CatalogTest, ThatIsNotThereIsNotFoundWithAHint) {
  const auto opened = Catalog::open(library_);

  EXPECT_EQ(error_code(opened), Errc::not_found);
  EXPECT_THAT(opened.error().message(), HasSubstr("lensfs init"));
}

TEST_F(CatalogTest, HasANameOfItsOwnThatStays) {
  must(Catalog::create(library_));
  must(Catalog::create(dir_ / "other"));

  const std::string uuid = must(Catalog::open(library_))->uuid();

  EXPECT_TRUE(std::regex_match(
      uuid, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")))
      << uuid;
  EXPECT_EQ(must(Catalog::open(library_))->uuid(), uuid);
  EXPECT_NE(must(Catalog::open(dir_ / "other"))->uuid(), uuid);
}

TEST_F(CatalogTest, KeepsWhatWasWrittenWhenItIsOpenedAgain) {
  must(Catalog::create(library_));
  {
    const auto catalog = must(Catalog::open(library_));
    must(catalog->write([](Transaction& txn) {
      return add_project(txn, {.uid = 0, .name = "ada"}, {.name = "film"});
    }));
  }

  const auto catalog = must(Catalog::open(library_));

  const Pool::Reader reader = must(catalog->read());
  EXPECT_EQ(must(find_project(*reader, "film")).name, "film");
}

TEST_F(CatalogTest, ChecksWhatItsRowsSayOfEachOther) {
  must(Catalog::create(library_));
  const auto catalog = must(Catalog::open(library_));
  must(catalog->write([](Transaction& txn) -> Status {
    const NewAsset asset{.name = "a.mov", .kind = "video", .first = {}};
    LENSFS_CHECK(add_asset(txn, {.uid = 0, .name = "ada"}, asset));
    LENSFS_CHECK(txn.db().run("UPDATE assets SET places = 5"));
    return {};
  }));

  const std::vector<std::string> faults = must(catalog->check_database());

  ASSERT_EQ(faults.size(), 1U);
  EXPECT_THAT(faults.front(), HasSubstr("asset 1"));
}

TEST_F(CatalogTest, ThatIsDamagedSaysSo) {
  must(Catalog::create(library_));
  std::ofstream(library_ / "catalog.db", std::ios::trunc) << std::string(8192, 'x');

  EXPECT_EQ(error_code(Catalog::open(library_)), Errc::corrupt);
}

}  // namespace
}  // namespace lensfs::test
