// What is asked for without anybody asking.
#include "transcode/scheduler/planner.h"

#include <gmock/gmock.h>

#include "catalog/model/edit.h"
#include "tests/unit/scheduler/scheduler_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Planning : public SchedulerTest {
 protected:
  Planning() { settings_.making.eager = {"thumb"}; }

  // Plans until there is no more; how many times it looked.
  int plan() {
    Planner planner(catalog(), settings_);
    int looks = 1;
    while (must(planner.plan_some())) ++looks;
    return looks;
  }
  void forget_jobs() {
    for (const Job& job : jobs()) {
      must(catalog().write([&](Transaction& txn) { return drop_job(txn, job.id); }));
    }
  }
};

TEST_F(Planning, AsksForWhatIsEagerOfWhatIsNew) {
  add("clip.mov", "a");
  add("notes.bin", "b", "film", "other");

  plan();

  EXPECT_THAT(wanted(), ElementsAre("thumb of clip.mov"));
  EXPECT_EQ(jobs().front().priority, Priority::due);
  EXPECT_EQ(jobs().front().uid, 1000);
}

TEST_F(Planning, AsksFirstForWhatIsKnownAtOnce) {
  settings_.making.eager = {"thumb", "edit"};
  add("clip.mov", "a");

  plan();

  EXPECT_THAT(wanted(), ElementsAre("edit of clip.mov", "thumb of clip.mov"));
  EXPECT_EQ(jobs().front().priority, Priority::waited);
}

TEST_F(Planning, AsksOnceHoweverOftenItLooks) {
  add("clip.mov", "a");
  plan();
  forget_jobs();

  plan();

  EXPECT_THAT(jobs(), IsEmpty()) << "what was planned is not planned again";
}

TEST_F(Planning, BySeveralAtOnceAsksOnce) {
  add("clip.mov", "a");
  Planner one(catalog(), settings_);
  Planner other(catalog(), settings_);
  must(one.plan_some());
  add("more.mov", "b");
  must(other.plan_some());
  must(one.plan_some());

  EXPECT_THAT(wanted(), ElementsAre("thumb of clip.mov", "thumb of more.mov"));
}

TEST_F(Planning, AsksForTheNewVersionToo) {
  const AssetId clip = add("clip.mov", "a");
  plan();
  forget_jobs();

  add("clip.mov", "another");
  plan();

  ASSERT_THAT(jobs(), SizeIs(1));
  const Pool::Reader reader = must(catalog().read());
  const Asset asset = must(find_asset(*reader, clip));
  EXPECT_EQ(jobs().front().source, must(find_version(*reader, asset.version)).object);
}

TEST_F(Planning, FollowsTheRulesOfTheProjectsInWhichItLies) {
  settings_.making.projects["NEWS"].eager = {"thumb", "720p"};
  settings_.making.projects["OLD"].by_default = Making::off;
  add("new.mov", "a", "NEWS");
  const AssetId old = add("old.mov", "b", "OLD");
  plan();
  EXPECT_THAT(wanted(), ElementsAre("720p of new.mov", "thumb of new.mov"));
  forget_jobs();

  must(catalog().write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Project news, find_project(txn.db(), "NEWS"));
    LENSFS_CHECK(add_place(txn, {}, news.folder, old, {.name = "old.mov"}));
    return {};
  }));
  plan();

  EXPECT_THAT(wanted(), ElementsAre("720p of old.mov", "thumb of old.mov"));
}

TEST_F(Planning, GoesOverALibraryFromBefore) {
  const int many = static_cast<int>(Planner::kAtOnce) / 2 + 30;  // two changes each
  for (int i = 0; i < many; ++i) add("clip" + std::to_string(i) + ".mov", std::to_string(i));

  EXPECT_GE(plan(), 2);

  EXPECT_EQ(static_cast<int>(jobs().size()), many);
}

TEST_F(Planning, LeavesOutWhatWasDeletedSince) {
  add("clip.mov", "a");
  must(catalog().write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Project film, find_project(txn.db(), "film"));
    LENSFS_CHECK(remove_file(txn, {}, film.folder, "clip.mov", Writing::no));
    return {};
  }));

  plan();

  EXPECT_THAT(jobs(), IsEmpty());
}

TEST_F(Planning, WritesNothingForChangesThatMeanNothing) {
  add("clip.mov", "a");
  plan();
  const ChangeId noted = must(planned_until(*must(catalog().read())));
  must(catalog().write([](Transaction& txn) { return add_project(txn, {}, {.name = "empty"}); }));

  plan();

  EXPECT_EQ(must(planned_until(*must(catalog().read()))), noted);
}

}  // namespace
}  // namespace lensfs::test
