// What purging takes, what it never takes, and what the past shows afterwards.
#include "catalog/model/purge.h"

#include <gmock/gmock.h>

#include "catalog/model/edit.h"
#include "catalog/model/file.h"
#include "catalog/model/history.h"
#include "catalog/model/label.h"
#include "catalog/model/trash.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kStay = VersionRule::Labelled::stay;
constexpr auto kGo = VersionRule::Labelled::go;

class Purge : public ModelTest {
 protected:
  // film/cut.mov with so many versions.
  explicit Purge(int versions = 5) {
    cut_ = add("cut.mov");
    write([&](Transaction& txn) -> Result<PlaceId> {
      LENSFS_TRY(const Project film, add_project(txn, actor_, {.name = "film"}));
      folder_ = film.folder;
      return add_place(txn, actor_, folder_, cut_, {.name = "cut.mov"});
    });
    for (int n = 2; n <= versions; ++n) save(cut_, 100 + n);
    // Files that lost the name are closed.
    write([](Transaction& txn) { return forget_lost_files(txn, INT64_MAX); });
  }
  VersionId save(AssetId asset, int object) {
    return write([&](Transaction& txn) {
      return add_version(txn, actor_, asset, {.object = object_number(object), .reason = "save"});
    });
  }
  [[nodiscard]] Version version(std::int64_t n) { return must(find_version(db(), cut_, n)); }
  [[nodiscard]] std::vector<std::int64_t> numbers() {
    return numbers_of(must(versions_of(db(), cut_)));
  }
  static std::vector<std::int64_t> numbers_of(const std::vector<Version>& versions) {
    std::vector<std::int64_t> numbers;
    for (const Version& one : versions) numbers.push_back(one.number);
    return numbers;
  }
  [[nodiscard]] std::vector<std::int64_t> purgeable(const VersionRule& rule) {
    return numbers_of(must(purgeable_versions(db(), cut_, rule)));
  }
  std::vector<ObjectKey> purge_number(std::int64_t n, VersionRule::Labelled labelled = kStay) {
    const Version one = version(n);
    return write([&](Transaction& txn) { return purge_version(txn, actor_, one, labelled); });
  }
  Errc refusal_of(std::int64_t n) {
    const Version one = version(n);
    return error_code(
        try_write([&](Transaction& txn) { return purge_version(txn, actor_, one, kStay); }));
  }
  void set_label_on(std::int64_t n) {
    const Version one = version(n);
    write([&](Transaction& txn) { return set_label(txn, actor_, one, "approved"); });
  }
  void delete_cut() {
    write([&](Transaction& txn) {
      return remove_file(txn, actor_, folder_, "cut.mov", Writing::no);
    });
  }
  // What the folder shows at a moment, by the version's number; 0: the name without a version.
  [[nodiscard]] std::int64_t shown_at(Nanoseconds at) {
    const auto found = version_at(db(), cut_, at);
    return found ? found->number : 0;
  }

  AssetId cut_{};
  FolderId folder_{};
};

TEST_F(Purge, TakesWhatIsBeyondTheNewest) {
  EXPECT_THAT(purgeable({.newest = 1}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(purgeable({.newest = 3}), ElementsAre(1, 2));
  EXPECT_THAT(purgeable({.newest = 9}), IsEmpty());
}

// A version that was current for years and was replaced a moment ago is a young old version.
TEST_F(Purge, CountsAgeFromWhenAVersionWasReplaced) {
  EXPECT_THAT(purgeable({.replaced_before = version(3).created}), ElementsAre(1, 2));
  EXPECT_THAT(purgeable({.replaced_before = version(1).created}), IsEmpty());
  EXPECT_THAT(purgeable({.newest = 4, .replaced_before = version(5).created}), ElementsAre(1));
}

TEST_F(Purge, NeverTakesTheCurrentVersion) {
  EXPECT_EQ(refusal_of(5), Errc::not_permitted);
  EXPECT_EQ(must(holder_of(db(), version(5))), Holder::current);
}

TEST_F(Purge, TakesALabelledVersionOnlyWhenTold) {
  set_label_on(2);

  EXPECT_THAT(purgeable({}), ElementsAre(1, 3, 4));
  EXPECT_EQ(refusal_of(2), Errc::not_permitted);
  purge_number(2, kGo);
  EXPECT_THAT(numbers(), ElementsAre(1, 3, 4, 5));
  EXPECT_THAT(must(labels_of(db(), cut_)), IsEmpty());
}

TEST_F(Purge, LeavesWhatAFileThatLostItsNameShows) {
  save(cut_, 200);  // who has version 5 open goes on reading it

  EXPECT_EQ(must(holder_of(db(), version(5))), Holder::open_file);
  EXPECT_THAT(purgeable({}), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(refusal_of(5), Errc::not_permitted);
}

TEST_F(Purge, SaysWhichObjectsNothingNamesAnyMore) {
  const AssetId other = add("other.mov");
  save(other, 103);  // the bytes of version 3
  save(other, 300);

  EXPECT_EQ(purge_number(2), std::vector{object_number(102)});
  EXPECT_TRUE(purge_number(3).empty()) << "the other asset has them, too";
}

TEST_F(Purge, IsLoggedOnceForEachVersion) {
  static_cast<void>(new_changes());

  purge_number(2);

  EXPECT_THAT(new_changes(), ElementsAre(HasSubstr("v2")));
}

TEST_F(Purge, NeverGivesANumberTwice) {
  purge_number(4);
  save(cut_, 400);

  EXPECT_THAT(numbers(), ElementsAre(1, 2, 3, 5, 6));
}

// An older version in its stead would claim bytes that were not there then.
TEST_F(Purge, LeavesAGapInThePast) {
  const Version gone = version(3);
  const Nanoseconds then = gone.created;
  ASSERT_EQ(shown_at(then), 3);

  purge_number(3);

  EXPECT_EQ(shown_at(then - 1), 2);
  EXPECT_EQ(shown_at(then), 0);
  EXPECT_EQ(shown_at(version(4).created - 1), 0);
  EXPECT_EQ(shown_at(version(4).created), 4);
  EXPECT_EQ(must(end_of(db(), version(2))), then - 1) << "it was replaced when it was";
}

TEST_F(Purge, OfADeletedAssetLeavesNothingInAnyPast) {
  const Nanoseconds then = version(3).created;
  ASSERT_THAT(must(places_at(db(), folder_, then)), testing::SizeIs(1));
  purge_number(1);
  delete_cut();
  const Asset trashed = asset(cut_);
  static_cast<void>(new_changes());

  write([&](Transaction& txn) { return purge(txn, actor_, trashed); });

  EXPECT_THAT(must(places_at(db(), folder_, then)), IsEmpty());
  EXPECT_EQ(error_code(find_asset(db(), cut_)), Errc::not_found);
  EXPECT_THAT(must(all_trashed(db())), IsEmpty());
  const auto changes = new_changes();
  EXPECT_EQ(changes.size(), 5U) << "four versions and the asset";
}

TEST_F(Purge, OfADeletedAssetThatIsOpenWaitsForItsEnd) {
  delete_cut();
  const Asset trashed = asset(cut_);

  write([&](Transaction& txn) { return condemn(txn, actor_, trashed); });

  EXPECT_THAT(must(all_trashed(db())), IsEmpty());
  EXPECT_EQ(must(nameless_assets(db())).size(), 1U) << "the next mount would drop it";
  EXPECT_EQ(numbers().size(), 5U) << "its bytes are still named";
}

TEST_F(Purge, OfWhatIsNotInTheTrashIsRefused) {
  const Asset live = asset(cut_);

  EXPECT_EQ(error_code(try_write([&](Transaction& txn) { return purge(txn, actor_, live); })),
            Errc::not_permitted);
}

// --- lensfs.toml

TEST_F(Purge, ByPolicyDoesWhatIsSetAndNothingElse) {
  const Nanoseconds later = version(5).created + 10;

  EXPECT_THAT(must(plan_of(db(), {}, later)).versions, IsEmpty());
  EXPECT_EQ(must(plan_of(db(), {.versions = 2}, later)).versions.size(), 3U);
  EXPECT_EQ(must(plan_of(db(), {.versions_for = 0}, later)).versions.size(), 4U);
  const Nanoseconds since_v3 = later - version(3).created;
  EXPECT_EQ(must(plan_of(db(), {.versions = 2, .versions_for = since_v3}, later)).versions.size(),
            2U)
      << "a version goes when both say so";
}

TEST_F(Purge, ByPolicyLeavesLabelledFilesInTheTrash) {
  delete_cut();
  const Nanoseconds deleted = must(find_trashed(db(), cut_)).deleted;

  EXPECT_THAT(must(plan_of(db(), {.trash = 100}, deleted + 100)).assets, IsEmpty());
  EXPECT_THAT(must(plan_of(db(), {.trash = 100}, deleted + 101)).assets, ElementsAre(cut_));
  set_label_on(2);
  EXPECT_THAT(must(plan_of(db(), {.trash = 100}, deleted + 101)).assets, IsEmpty());
}

TEST_F(Purge, PlanKnowsWhatItWouldFree) {
  const AssetId other = add("other.mov");
  save(other, 103);
  save(other, 300);
  PurgePlan plan{.assets = {}, .versions = {version(2).id, version(3).id}};

  const PurgeSum sum = must(sum_of(db(), plan));
  plan.versions.push_back(must(find_version(db(), other, 2)).id);
  const PurgeSum more = must(sum_of(db(), plan));

  EXPECT_EQ(sum.versions, 2U);
  EXPECT_EQ(sum.objects, 1U);
  EXPECT_EQ(sum.bytes, 100U);
  EXPECT_EQ(more.objects, 2U) << "all that name the shared one go";
}

}  // namespace
}  // namespace lensfs::test
