// Many files asked for at once are what each of them alone is.
#include "catalog/model/originals.h"

#include <gmock/gmock.h>

#include "catalog/model/file.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

const Recipe kThumb{.form = Recipe::Form::still, .width = 256, .height = 256};

class Originals : public ModelTest {
 protected:
  ObjectId source_of(AssetId id) { return must(find_version(db(), asset(id).version)).object; }
};

TEST_F(Originals, OfManyFilesAreThoseThatHaveThem) {
  const AssetId own = add("own.mov");
  const AssetId renewed = add("renewed.mov");
  write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Asset asset, find_asset(txn.db(), renewed));
    LENSFS_CHECK(renew_file(txn, asset));
    return {};
  });
  const FileId lost{number(renewed)};

  const auto all = must(
      originals_of(db(), std::vector{asset(own).file, asset(renewed).file, lost, FileId{4711}}));

  ASSERT_EQ(all.size(), 2U) << "neither what lost its name nor what never was";
  for (const AssetId id : {own, renewed}) {
    const Original& original = all.at(asset(id).file);
    EXPECT_EQ(original.asset.name, asset(id).name);
    EXPECT_EQ(original.version.id, asset(id).version);
    EXPECT_EQ(original.version.object, source_of(id));
  }
}

TEST_F(Originals, AreAsFarAsStandingOfSaysOfEach) {
  const AssetId ready = add("ready.mov");
  const AssetId outlined = add("outlined.mov");
  const AssetId failed = add("failed.mov");
  const AssetId untouched = add("untouched.mov");
  const auto recipe = write([&](Transaction& txn) -> Result<RecipeId> {
    LENSFS_TRY(const RecipeId row, recipe_row(txn, kThumb));
    LENSFS_CHECK(add_rendition(txn, source_of(ready), row,
                               {.object = object_number(70), .extension = "jpg"}));
    LENSFS_CHECK(
        add_outline(txn, source_of(outlined), row, {.build = "b", .size = 9, .extension = "mov"}));
    LENSFS_CHECK(ask_for(
        txn, {.source = source_of(failed), .recipe = kThumb, .kind = "video", .name = "failed"}));
    LENSFS_TRY(const std::vector<Job> jobs, all_jobs(txn.db()));
    LENSFS_CHECK(fail_job(txn, jobs.front(), "damaged", ForGood::yes));
    return row;
  });
  const std::vector sources{source_of(ready), source_of(outlined), source_of(failed),
                            source_of(untouched)};

  const auto all = must(standings_of(db(), sources, recipe));

  ASSERT_EQ(all.size(), sources.size());
  for (const ObjectId source : sources) {
    const Standing alone = must(standing_of(db(), source, recipe));
    const Standing& among = all.at(source);
    EXPECT_EQ(among.ready.has_value(), alone.ready.has_value());
    EXPECT_EQ(among.outline.has_value(), alone.outline.has_value());
    EXPECT_EQ(among.has_failed(), alone.has_failed());
  }
  EXPECT_EQ(all.at(source_of(ready)).ready->extension, "jpg");
  EXPECT_EQ(all.at(source_of(outlined)).outline->size, 9);
  EXPECT_TRUE(all.at(source_of(failed)).has_failed());
}

}  // namespace
}  // namespace lensfs::test
