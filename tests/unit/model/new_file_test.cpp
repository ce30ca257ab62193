// Files that were made before the catalog has them: the rows that come of them.
#include "catalog/model/new_file.h"

#include <gmock/gmock.h>

#include "catalog/model/draft.h"
#include "catalog/model/ingest.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class DeferredFiles : public ModelTest {
 protected:
  DeferredFiles() {
    folder_ = write([&](Transaction& txn) -> Result<FolderId> {
      LENSFS_TRY(const Project project, add_project(txn, actor_, {.name = "demo"}));
      return project.folder;
    });
    ids_ = write([&](Transaction& txn) { return reserve_ids(txn, 100); });
  }

  DeferredFile made(const std::string& name) {
    return {.asset = static_cast<AssetId>(ids_.asset++),
            .draft = static_cast<DraftId>(ids_.draft++),
            .folder = folder_,
            .file = {.name = name, .uid = 7, .gid = 8, .mode = 0640},
            .actor = actor_,
            .request = {.mount = "m", .request = ++requests_},
            .made = kMade,
            .changed = kMade};
  }
  void put(const std::vector<DeferredFile>& files) {
    write([&](Transaction& txn) { return add_deferred(txn, files, Noted::before); });
  }
  std::string name_in(FolderId folder, const DeferredFile& file) {
    const auto places = must(places_of(db(), file.asset));
    EXPECT_THAT(places, SizeIs(1));
    EXPECT_EQ(places.front().folder, folder);
    return places.front().name;
  }

  static constexpr Nanoseconds kMade = 1'700'000'000 * kNanosecondsPerSecond;
  FolderId folder_{};
  ReservedIds ids_;
  std::int64_t requests_ = 0;
};

TEST_F(DeferredFiles, AreWhatTheyShowedAs) {
  const DeferredFile file = made("A001.mov");
  const Asset shown = asset_of(file);

  put({file});

  const Asset stored = asset(file.asset);
  EXPECT_EQ(std::tuple(stored.name, stored.kind, stored.uid, stored.gid, stored.mode),
            std::tuple(shown.name, shown.kind, shown.uid, shown.gid, shown.mode));
  EXPECT_EQ(std::tuple(stored.file, stored.draft, stored.places, stored.state, stored.type),
            std::tuple(shown.file, shown.draft, shown.places, shown.state, shown.type));
  EXPECT_EQ(std::tuple(stored.created, stored.changed, stored.mtime),
            std::tuple(kMade, kMade, kMade));
  EXPECT_EQ(name_in(folder_, file), "A001.mov");
  EXPECT_EQ(must(find_draft(db(), file.draft)).mount, "m");
  EXPECT_EQ(must(find_folder(db(), folder_)).mtime, kMade);
}

TEST_F(DeferredFiles, AreMadeOnceThoughTheirNoteIsReadAgain) {
  const DeferredFile file = made("A001.mov");
  put({file});
  put({file});

  EXPECT_EQ(name_in(folder_, file), "A001.mov");
  EXPECT_TRUE(must(is_done(db(), {.mount = "m", .request = 1, .resent = true})));
}

TEST_F(DeferredFiles, HaveNumbersThatNobodyElseGets) {
  const AssetId other = add("other.mov");

  put({made("A001.mov"), made("A002.mov")});

  EXPECT_GE(number(other), ids_.asset + ids_.count - 2);
  EXPECT_EQ(number(add("another.mov")), number(other) + 1);
}

TEST_F(DeferredFiles, GetAnotherNameWhereItWasTakenMeanwhile) {
  const DeferredFile first = made("A001.mov");
  const DeferredFile second = made("A001.mov");
  put({first});
  put({second});

  EXPECT_EQ(name_in(folder_, first), "A001.mov");
  EXPECT_EQ(name_in(folder_, second), "A001 (2).mov");
}

TEST_F(DeferredFiles, GoToTheInboxWhereTheirFolderIsGone) {
  const FolderId inbox = write([&](Transaction& txn) -> Result<FolderId> {
    LENSFS_TRY(const Project project,
               ensure_project(txn, {}, {.name = std::string(kInboxName), .mode = 01777}));
    return project.folder;
  });
  DeferredFile file = made("A001.mov");
  file.folder = static_cast<FolderId>(4711);

  put({file});

  EXPECT_EQ(name_in(inbox, file), "A001.mov");
}

TEST_F(DeferredFiles, AreNotPlainWhereTheNameWasFreedAMomentAgo) {
  const DeferredFile file = made("A001.mov");
  put({file});
  write([&](Transaction& txn) -> Status {
    return remove_file(txn, actor_, folder_, "A001.mov", Writing::no).map([](const Asset&) {});
  });

  const Nanoseconds now = lensfs::Clock().now();
  EXPECT_FALSE(must(look_at_spot(db(), folder_, "A001.mov", now)).is_plain);
  EXPECT_TRUE(must(look_at_spot(db(), folder_, "A002.mov", now)).is_plain);
}

}  // namespace
}  // namespace lensfs::test
