// Sequences in the catalog: what they are made of, and what is in use.
#include "catalog/model/purge.h"
#include "catalog/model/trash.h"
#include "tests/unit/model/sequences.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAre;

TEST_F(Sequences, AreOneAssetCalledByItsFrames) {
  const AssetId id = make({1001, 1002, 1004}).asset;

  EXPECT_THAT(names(), ElementsAre("plate.[1001-1004].exr"));
  EXPECT_EQ(asset(id).kind, "sequence");
  EXPECT_TRUE(is_sequence(asset(id)));
  EXPECT_EQ(asset(id).mode, 0755) << "who may read the files may enter the folder";
  EXPECT_THAT(numbers_of(id), ElementsAre(1001, 1002, 1004));
  EXPECT_EQ(plan({1001, 1002, 1004}).missing(), "1003");
}

TEST_F(Sequences, NeedThreeFrames) {
  EXPECT_EQ(error_code(plan_sequence(db(), project_.folder, {frame(1), frame(2)})), Errc::invalid);
}

TEST_F(Sequences, SayInTheirManifestWhatTheCatalogSays) {
  const PlannedSequence planned = plan({1001, 1002, 1003});

  const auto read = must(frames_in_manifest(planned.manifest()));

  ASSERT_THAT(read, SizeIs(3));
  EXPECT_EQ(number(read[1].number), 1002);
  EXPECT_EQ(read[1].object, object_number(1002));
  EXPECT_EQ(read[1].name, "plate.1002.exr");
  EXPECT_EQ(error_code(frames_in_manifest("something else\n")), Errc::corrupt);
  EXPECT_EQ(error_code(frames_in_manifest("lensfs sequence 1\n1001 nothing a.exr\n")),
            Errc::corrupt);
}

TEST_F(Sequences, KeepTheirFramesInUse) {
  const AssetId id = make({1, 2, 3}).asset;

  EXPECT_TRUE(is_named(2));
  const auto uses = must(uses_of_object(db(), object_number(2)));
  ASSERT_THAT(uses, SizeIs(1));
  EXPECT_EQ(uses[0].asset, id);
  EXPECT_EQ(uses[0].path, "film/plate.[1-3].exr") << "whom damage of a frame hurts";
  EXPECT_THAT(must(showing(db(), object_number(2))).frames, SizeIs(1));
}

TEST_F(Sequences, FreeWhatNothingElseNames) {
  const AssetId id = make({1, 2, 3}).asset;
  const AssetId other = write([&](Transaction& txn) {
    return add_asset(txn, actor_,
                     {.name = "b.exr", .kind = "image", .first = {.object = object_number(2)}});
  });
  remove("plate.[1-3].exr");

  EXPECT_THAT(
      must(objects_only_of(db(), id)),
      UnorderedElementsAre(object_number(1), object_number(3), object_number(kManifest + 1)));
  write([&](Transaction& txn) { return purge(txn, actor_, must(find_asset(txn.db(), id))); });
  EXPECT_FALSE(is_named(1));
  EXPECT_TRUE(is_named(2)) << "another file has these bytes: " << number(other);
}

TEST_F(Sequences, GetAVersionWithTheFramesThatCome) {
  const AssetId id = make({1, 2, 3}).asset;

  const Ingested again = make({4});

  EXPECT_EQ(again.asset, id);
  EXPECT_EQ(again.outcome, IngestOutcome::new_version);
  EXPECT_THAT(names(), ElementsAre("plate.[1-4].exr"));
  EXPECT_THAT(numbers_of(id), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(asset(id).name, "plate.[1-4].exr");
}

TEST_F(Sequences, ThatChangedSinceTheyWerePlannedAreNotOverwritten) {
  make({1, 2, 3});
  const PlannedSequence planned = plan({4});
  make({5});

  EXPECT_EQ(error_code(try_write([&](Transaction& txn) {
              return put_sequence(txn, actor_, planned, object_number(999), {});
            })),
            Errc::changed);
}

TEST_F(Sequences, FreeTheFramesOfAPurgedVersionAlone) {
  const AssetId id = make({1, 2, 3}).asset;
  NewFrame retouched = frame(2);
  retouched.object = object_number(22);
  put(must(plan_sequence(db(), project_.folder, {retouched})));
  const auto versions = must(versions_of(db(), id));

  write([&](Transaction& txn) { return forget_lost_files(txn, txn.now() + 1); });  // all closed

  const auto freed = write([&](Transaction& txn) {
    return purge_version(txn, actor_, versions.front(), VersionRule::Labelled::stay);
  });

  EXPECT_THAT(freed, UnorderedElementsAre(object_number(2), object_number(kManifest + 1)));
  EXPECT_TRUE(is_named(1));
}

TEST_F(Sequences, CountWhatPurgingThemFrees) {
  const AssetId id = make({1, 2, 3}).asset;
  remove("plate.[1-3].exr");

  const PurgeSum sum = must(sum_of(db(), {.assets = {id}, .versions = {}}));

  EXPECT_EQ(sum.versions, 1U);
  EXPECT_EQ(sum.objects, 4U) << "three frames and the manifest";
}

TEST_F(Sequences, ComeBackWholeFromAnOldVersion) {
  const AssetId id = make({1, 2, 3}).asset;
  make({4});
  const auto versions = must(versions_of(db(), id));

  write([&](Transaction& txn) { return restore_version(txn, actor_, versions.front()); });

  EXPECT_THAT(numbers_of(id), ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace lensfs::test
