// Renditions and the jobs that make them, as rows.
#include "catalog/model/rendition.h"

#include <gmock/gmock.h>

#include "catalog/model/edit.h"
#include "catalog/model/job.h"
#include "catalog/model/purge.h"
#include "catalog/model/trash.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Recipe kThumb{.form = Recipe::Form::still, .width = 256, .height = 256};
const Recipe kProxy{.form = Recipe::Form::video, .width = 1280, .height = 720, .format = "mov"};
const Recipe kSmall{.form = Recipe::Form::video, .width = 640, .height = 360, .format = "mov"};

class Renditions : public ModelTest {
 protected:
  ObjectId source_of(AssetId id) { return must(find_version(db(), asset(id).version)).object; }

  NewJob job(AssetId id, const Recipe& recipe, Priority priority = Priority::due) {
    return {.source = source_of(id),
            .recipe = recipe,
            .kind = "video",
            .name = asset(id).name,
            .priority = priority,
            .uid = 1000};
  }
  void ask(AssetId id, const Recipe& recipe, Priority priority = Priority::due,
           Again again = Again::no) {
    const NewJob wanted = job(id, recipe, priority);
    write([&](Transaction& txn) { return ask_for(txn, wanted, again); });
  }
  std::vector<Job> claim(const std::string& worker) {
    return write([&](Transaction& txn) {
      return claim_jobs(txn, worker, [](const Job& first, const Job& other) {
        return first.priority == other.priority;
      });
    });
  }
  void fail(const Job& job, ForGood for_good, const char* why = "moov atom not found") {
    write([&](Transaction& txn) { return fail_job(txn, job, why, for_good); });
  }
  // Brings what was postponed forward.
  void let_time_pass() {
    write([](Transaction& txn) -> Status {
      LENSFS_CHECK(txn.db().run("UPDATE jobs SET due_ns = 0 /* SCAN: a test */"));
      return {};
    });
  }
  void make(AssetId id, const Recipe& recipe, const NewRendition& made) {
    const ObjectId source = source_of(id);
    write([&](Transaction& txn) -> Status {
      LENSFS_TRY(const RecipeId row, recipe_row(txn, recipe));
      return add_rendition(txn, source, row, made);
    });
  }
  std::optional<Rendition> rendition(AssetId id, const Recipe& recipe) {
    const auto row = must(find_recipe(db(), recipe));
    return row ? must(find_rendition(db(), source_of(id), *row)) : std::nullopt;
  }
  Job only_job() {
    const std::vector<Job> jobs = must(all_jobs(db()));
    EXPECT_THAT(jobs, SizeIs(1));
    return jobs.empty() ? Job() : jobs.front();
  }
};

std::vector<std::string> names_of(const std::vector<Job>& jobs) {
  std::vector<std::string> names;
  for (const Job& job : jobs) names.push_back(job.name);
  return names;
}

TEST_F(Renditions, AreAskedForOnceWhoeverAsks) {
  const AssetId clip = add("clip.mov");

  ask(clip, kThumb);
  ask(clip, kThumb, Priority::waited);
  ask(clip, kThumb, Priority::due);

  EXPECT_EQ(only_job().priority, Priority::waited) << "the higher of all";
}

TEST_F(Renditions, ThatAreThereAreNotMadeAgain) {
  const AssetId clip = add("clip.mov");
  make(clip, kThumb, {.object = object_number(70), .extension = "jpg"});

  ask(clip, kThumb, Priority::asked, Again::yes);

  EXPECT_THAT(must(all_jobs(db())), IsEmpty());
}

TEST_F(Renditions, AreThereWithTheirJobDoneAndLogged) {
  const AssetId clip = add("clip.mov");
  ask(clip, kThumb);
  claim("w");

  make(clip, kThumb,
       {.object = object_number(70, 12), .extension = "jpg", .width = 256, .height = 144});

  const auto ready = rendition(clip, kThumb);
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->size, 12);
  EXPECT_EQ(ready->width, 256);
  EXPECT_EQ(must(object_of(db(), *ready)), object_number(70, 12));
  EXPECT_THAT(must(all_jobs(db())), IsEmpty());
  const Change last = must(changes_after(db(), ChangeId{0}, 1000)).back();
  EXPECT_EQ(last.kind, ChangeKind::rendition_ready);
  EXPECT_EQ(last.object, source_of(clip));
  EXPECT_EQ(last.name, kThumb.text());
}

TEST_F(Renditions, InThePlaceOfSomethingThatWasShownAreLoggedAsSuch) {
  const AssetId clip = add("clip.mov");
  const auto last = [&] { return must(changes_after(db(), ChangeId{0}, 1000)).back().kind; };
  const NewRendition made{.object = object_number(70), .extension = "jpg"};

  ask(clip, kThumb);
  const Job job = must(all_jobs(db())).front();
  write([&](Transaction& txn) { return fail_job(txn, job, "damaged", ForGood::yes); });
  EXPECT_EQ(last(), ChangeKind::rendition_failed) << "the original is shown from now on";
  ask(clip, kThumb, Priority::asked, Again::yes);
  EXPECT_EQ(last(), ChangeKind::rendition_replaced) << "it is shown no more";
  make(clip, kThumb, made);
  EXPECT_EQ(last(), ChangeKind::rendition_ready) << "nothing was shown";
  make(clip, kThumb, made);
  EXPECT_EQ(last(), ChangeKind::rendition_replaced);
  write([&](Transaction& txn) { return remove_rendition(txn, *rendition(clip, kThumb)); });
  EXPECT_EQ(last(), ChangeKind::rendition_replaced);
}

TEST_F(Renditions, ThatSomebodyAttachedStay) {
  const AssetId clip = add("clip.mov");
  make(clip, kProxy,
       {.object = object_number(70), .extension = "mov", .origin = NewRendition::Origin::attached});

  make(clip, kProxy, {.object = object_number(71), .extension = "mov"});

  EXPECT_TRUE(rendition(clip, kProxy)->attached);
  EXPECT_EQ(must(object_of(db(), *rendition(clip, kProxy))), object_number(70));
}

TEST_F(Renditions, OfAnotherMakingAreAnotherFile) {
  const AssetId clip = add("clip.mov");
  make(clip, kThumb, {.object = object_number(70), .extension = "jpg"});
  const RenditionId first = rendition(clip, kThumb)->id;

  make(clip, kThumb, {.object = object_number(71), .extension = "jpg"});

  EXPECT_NE(rendition(clip, kThumb)->id, first);
}

TEST_F(Renditions, CanBeForgottenAndMadeAgain) {
  const AssetId clip = add("clip.mov");
  make(clip, kThumb, {.object = object_number(70), .extension = "jpg"});
  const Rendition ready = *rendition(clip, kThumb);

  write([&](Transaction& txn) { return remove_rendition(txn, ready); });
  ask(clip, kThumb);

  EXPECT_FALSE(rendition(clip, kThumb));
  EXPECT_THAT(must(all_jobs(db())), SizeIs(1));
}

TEST_F(Renditions, KeepTheirObjectWhileAVersionNamesTheSource) {
  const AssetId clip = add("clip.mov");
  const ObjectKey made = object_number(70);
  make(clip, kThumb, {.object = made, .extension = "jpg"});

  EXPECT_TRUE(must(is_object_named(db(), made)));
  write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(txn.db().run("UPDATE assets SET state = 2, places = 0 WHERE id = ?1", clip));
    LENSFS_TRY(const Asset trashed, find_asset(txn.db(), clip));
    return purge(txn, actor_, trashed);
  });

  EXPECT_FALSE(must(is_object_named(db(), made)));
  write([&](Transaction& txn) { return forget_object(txn, made); });
  EXPECT_EQ(must(db().one<std::int64_t>("SELECT count(*) FROM renditions /* SCAN: a test */")), 0);
}

TEST_F(Renditions, OfASourceThatIsNoMoreAreNotFound) {
  EXPECT_EQ(error_code(try_write([&](Transaction& txn) -> Status {
              LENSFS_TRY(const RecipeId recipe, recipe_row(txn, kThumb));
              return add_rendition(txn, ObjectId{999}, recipe,
                                   {.object = object_number(70), .extension = "jpg"});
            })),
            Errc::not_found);
}

class Jobs : public Renditions {};

TEST_F(Jobs, AreTakenByPriorityThenByAge) {
  const AssetId a = add("a.mov");
  const AssetId b = add("b.mov");
  const AssetId c = add("c.mov");
  ask(a, kThumb);
  ask(b, kThumb);
  ask(c, kThumb, Priority::waited);

  EXPECT_THAT(names_of(must(all_jobs(db()))), ElementsAre("c.mov", "a.mov", "b.mov"));
  EXPECT_THAT(names_of(claim("w")), ElementsAre("c.mov"));
  EXPECT_THAT(names_of(claim("w")), ElementsAre("a.mov"));
  EXPECT_THAT(names_of(claim("w")), ElementsAre("b.mov"));
  EXPECT_THAT(claim("w"), IsEmpty());
}

TEST_F(Jobs, OfOneSourceAreTakenTogetherWhereTheyMay) {
  const AssetId clip = add("clip.mov");
  const AssetId other = add("other.mov");
  ask(clip, kThumb);
  ask(other, kThumb);
  ask(clip, kProxy);
  ask(clip, kSmall, Priority::waited);

  EXPECT_THAT(claim("w"), SizeIs(1)) << "who waits does not wait for the others";
  EXPECT_THAT(names_of(claim("w")), ElementsAre("clip.mov", "clip.mov"));
}

TEST_F(Jobs, AreTakenByOneWorkerOnly) {
  ask(add("clip.mov"), kThumb);

  const std::vector<Job> mine = claim("mine");

  EXPECT_THAT(claim("yours"), IsEmpty());
  ASSERT_THAT(mine, SizeIs(1));
  EXPECT_EQ(only_job().worker, "mine");
  EXPECT_EQ(only_job().state, JobState::running);
  EXPECT_EQ(only_job().attempts, 1);
  EXPECT_THAT(must(workers_with_jobs(db())), ElementsAre("mine"));
}

TEST_F(Jobs, SayHowFarTheyAre) {
  ask(add("clip.mov", "video"), kThumb);
  const Job job = claim("w").front();

  write([&](Transaction& txn) { return note_progress(txn, job.id, 250); });

  EXPECT_EQ(only_job().progress, 250);
  EXPECT_EQ(must(pending_jobs(db())).count, 1);
  EXPECT_EQ(must(pending_jobs(db())).source_bytes, 75) << "three quarters of 100";
}

TEST_F(Jobs, ThatFailForGoodStaySayWhyAndAreLogged) {
  const AssetId clip = add("clip.mov");
  ask(clip, kThumb);
  fail(claim("w").front(), ForGood::yes);

  ask(clip, kThumb, Priority::waited);

  EXPECT_EQ(only_job().state, JobState::failed) << "asking alone does not begin it anew";
  EXPECT_EQ(only_job().error, "moov atom not found");
  EXPECT_EQ(must(changes_after(db(), ChangeId{0}, 1000)).back().kind, ChangeKind::rendition_failed);
  EXPECT_FALSE(must(any_pending(db())));
  ask(clip, kThumb, Priority::asked, Again::yes);
  EXPECT_EQ(only_job().state, JobState::waiting);
  EXPECT_EQ(only_job().attempts, 0);
}

TEST_F(Jobs, ThatMaySucceedLaterAreTriedThreeTimesLaterEachTime) {
  ask(add("clip.mov"), kThumb);
  std::vector<Nanoseconds> pauses;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Job job = claim("w").front();
    fail(job, ForGood::no, "no room");
    EXPECT_EQ(only_job().state, JobState::waiting);
    EXPECT_THAT(claim("w"), IsEmpty()) << "not before it is due";
    const Nanoseconds now = Clock().now();
    EXPECT_EQ(must(next_due(db(), now)), only_job().due);
    pauses.push_back(only_job().due - now);
    let_time_pass();
  }
  EXPECT_GT(pauses[1], 2 * pauses[0]);

  fail(claim("w").front(), ForGood::no, "no room");

  EXPECT_EQ(only_job().state, JobState::failed);
  EXPECT_EQ(only_job().error, "no room");
}

TEST_F(Jobs, OfADeadWorkerAreGivenBackUntilTheyKilledThree) {
  ask(add("clip.mov"), kThumb);
  const auto die = [&] {
    claim("w");
    write([](Transaction& txn) { return give_back_jobs(txn, "w"); });
  };
  die();
  EXPECT_EQ(only_job().state, JobState::waiting);
  EXPECT_EQ(only_job().attempts, 1);
  die();

  die();

  EXPECT_EQ(only_job().state, JobState::failed);
  EXPECT_THAT(*only_job().error, HasSubstr("died"));
}

TEST_F(Jobs, OfAWorkerThatStopsAreReturnedUncounted) {
  ask(add("clip.mov"), kThumb);
  claim("w");

  write([](Transaction& txn) { return return_jobs(txn, "w"); });

  EXPECT_EQ(only_job().state, JobState::waiting);
  EXPECT_EQ(only_job().attempts, 0);
  EXPECT_EQ(must(next_due(db(), Clock().now())).has_value(), true);
}

TEST_F(Jobs, ThatFailedWaitAgainAllOrOne) {
  const AssetId a = add("a.mov");
  const AssetId b = add("b.mov");
  for (const AssetId id : {a, b}) {
    ask(id, kThumb);
    fail(claim("w").front(), ForGood::yes);
  }
  const Job first = must(all_jobs(db())).front();

  EXPECT_TRUE(write([&](Transaction& txn) { return retry_failed(txn, first.id); }));
  EXPECT_EQ(must(count_jobs(db())).waiting, 1);
  EXPECT_FALSE(write([&](Transaction& txn) { return retry_failed(txn, first.id); }));
  EXPECT_EQ(write([](Transaction& txn) { return retry_failed(txn); }), 1);
  EXPECT_EQ(must(count_jobs(db())).failed, 0);
}

TEST_F(Jobs, AreCountedPerUserButForThoseOfIngest) {
  const AssetId clip = add("clip.mov");
  ask(clip, kThumb);
  ask(clip, kProxy, Priority::asked);

  EXPECT_EQ(must(jobs_of_user(db(), 1000)), 1);
  EXPECT_EQ(must(jobs_of_user(db(), 7)), 0);
  EXPECT_THAT(must(jobs_of(db(), source_of(clip))), SizeIs(2));
}

TEST_F(Jobs, GoWithTheirSource) {
  const AssetId clip = add("clip.mov");
  ask(clip, kThumb);
  const ObjectKey source = must(find_object(db(), source_of(clip)));

  write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(txn.db().run("UPDATE assets SET state = 2, places = 0 WHERE id = ?1", clip));
    LENSFS_TRY(const Asset trashed, find_asset(txn.db(), clip));
    LENSFS_CHECK(purge(txn, actor_, trashed));
    return forget_object(txn, source);
  });

  EXPECT_THAT(must(all_jobs(db())), IsEmpty());
}

}  // namespace
}  // namespace lensfs::test
