// Who used what: rows of uses, what searches know of them, and how long they stay.
#include "catalog/model/usage.h"

#include <gmock/gmock.h>

#include "catalog/model/search.h"
#include "catalog/model/trash.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Nanoseconds at_date(const std::string& date) {
  return moments_from(date).value().from;
}

class Usage : public ModelTest {
 protected:
  UseId use(AssetId asset, Nanoseconds at, const std::string& program = "mpv") {
    return write([&](Transaction& txn) {
      return add_use(txn, {.asset = asset, .at = at, .last = at, .uid = 7, .program = program});
    });
  }
  void used(AssetId asset, const std::string& date, std::int64_t times = 1) {
    write([&](Transaction& txn) { return note_used(txn, asset, at_date(date), times); });
  }
  std::vector<std::string> programs(Nanoseconds since = INT64_MIN, Nanoseconds until = INT64_MAX) {
    std::vector<std::string> found;
    must(each_use_backward(db(), since, until, [&](const Use& use) {
      found.push_back(use.program);
      return true;
    }));
    std::reverse(found.begin(), found.end());
    return found;
  }
  std::vector<AssetId> found(const std::string& query) {
    SqlSets sets;
    std::vector<AssetId> ids;
    must(evaluate(db(), sets, must(parse_query(query))))->each([&](AssetId id) {
      ids.push_back(id);
      return true;
    });
    return ids;
  }
};

TEST_F(Usage, IsReadBackAsItWasWritten) {
  const AssetId clip = add("clip.mov");
  const Use written{.asset = clip,
                    .at = 10,
                    .last = 20,
                    .times = 2,
                    .act = UseAct::copy,
                    .door = Door::samba,
                    .uid = 1001,
                    .program = "smbd",
                    .lens = "720p",
                    .version = 3,
                    .open_for = 5,
                    .bytes = 4096};
  write([&](Transaction& txn) { return add_use(txn, written); });

  std::vector<Use> read;
  must(each_use_of(db(), clip, [&](const Use& use) {
    read.push_back(use);
    return true;
  }));

  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].asset, clip);
  EXPECT_EQ(std::tuple(read[0].at, read[0].last, read[0].times), std::tuple(10, 20, 2));
  EXPECT_EQ(std::tuple(read[0].act, read[0].door, read[0].uid),
            std::tuple(UseAct::copy, Door::samba, 1001));
  EXPECT_EQ(std::tuple(read[0].program, read[0].lens, read[0].version),
            std::tuple("smbd", "720p", 3));
  EXPECT_EQ(std::tuple(read[0].open_for, read[0].bytes), std::tuple(5, 4096));
}

TEST_F(Usage, GrowsWhileSomebodyGoesOn) {
  const AssetId clip = add("clip.mov");
  const UseId id = use(clip, 10);

  write([&](Transaction& txn) {
    return update_use(txn, {.id = id, .last = 30, .times = 4, .open_for = 9});
  });

  must(each_use_of(db(), clip, [&](const Use& use) {
    EXPECT_EQ(std::tuple(use.at, use.last, use.times, use.open_for), std::tuple(10, 30, 4, 9));
    EXPECT_EQ(use.bytes, std::nullopt);
    return true;
  }));
}

TEST_F(Usage, IsFoundByTimeFromEitherEnd) {
  const AssetId clip = add("clip.mov");
  use(clip, 30, "third");
  use(clip, 10, "first");
  use(clip, 20, "second");

  EXPECT_THAT(programs(), ElementsAre("first", "second", "third"));
  EXPECT_THAT(programs(20, 30), ElementsAre("second"));
  std::vector<std::string> newest;
  must(each_use_backward(db(), 0, 100, [&](const Use& use) {
    newest.push_back(use.program);
    return newest.size() < 2;
  }));
  EXPECT_THAT(newest, ElementsAre("third", "second"));
}

TEST_F(Usage, IsForgottenAFewAtATimeAndTheLastUseStaysKnown) {
  const AssetId clip = add("clip.mov");
  for (int at = 1; at <= 5; ++at) use(clip, at, std::to_string(at));
  used(clip, "2026-05-01", 5);

  EXPECT_EQ(must(count_uses(db(), 5)), 4);
  EXPECT_EQ(write([&](Transaction& txn) { return forget_uses(txn, 5, 3); }), 3);
  EXPECT_EQ(write([&](Transaction& txn) { return forget_uses(txn, 5, 3); }), 1);

  EXPECT_THAT(programs(), ElementsAre("5"));
  EXPECT_EQ(must(usage_of(db(), clip))->times, 5);
  EXPECT_THAT(found("is:used"), ElementsAre(clip));
}

TEST_F(Usage, OfAnAssetAddsUpAndKeepsTheLatest) {
  const AssetId clip = add("clip.mov");
  EXPECT_FALSE(must(usage_of(db(), clip)));

  used(clip, "2026-05-02", 2);
  used(clip, "2026-05-01", 1);

  EXPECT_EQ(must(usage_of(db(), clip))->times, 3);
  EXPECT_EQ(must(usage_of(db(), clip))->last, at_date("2026-05-02"));
  used(AssetId{4711}, "2026-05-01");  // purged meanwhile
  EXPECT_FALSE(must(usage_of(db(), AssetId{4711})));
}

TEST_F(Usage, IsComparedInSearches) {
  const AssetId may = add("may.mov");
  const AssetId june = add("june.mov");
  const AssetId never = add("never.mov");
  used(may, "2026-05-10");
  used(june, "2026-06-10");

  EXPECT_THAT(found("lastused>2026-05-10"), ElementsAre(june));
  EXPECT_THAT(found("lastused:2026-05"), ElementsAre(may));
  EXPECT_THAT(found("lastused<2026-06"), ElementsAre(may));
  EXPECT_THAT(found("LastUsed:2026-05..2026-06"), UnorderedElementsAre(may, june));
  EXPECT_THAT(found("not lastused>=2026-06"), UnorderedElementsAre(may, never));
  EXPECT_THAT(found("is:unused"), ElementsAre(never));
  EXPECT_THAT(found("lastused:never"), ElementsAre(never));
  EXPECT_THAT(found("is:used name:m*"), ElementsAre(may));
}

TEST_F(Usage, ThatCannotBeAskedForIsExplained) {
  const auto why = [](const char* query) { return parse_query(query).error().message(); };

  EXPECT_THAT(why("lastused:soon"), HasSubstr("a date is written as"));
  EXPECT_THAT(why("lastused>never"), HasSubstr("lastused:never"));
  EXPECT_THAT(why("is:odd"), HasSubstr("used or unused"));
}

TEST_F(Usage, DoesNotKeepAnAssetFromBeingDestroyed) {
  const AssetId clip = add("clip.mov");
  use(clip, 10);
  used(clip, "2026-05-01");
  write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(txn.db().run("UPDATE assets SET state = 2 WHERE id = ?1", clip));
    LENSFS_TRY(const Asset trashed, find_asset(txn.db(), clip));
    return purge(txn, actor_, trashed);
  });

  EXPECT_FALSE(must(usage_of(db(), clip)));
  EXPECT_THAT(programs(), ElementsAre("mpv"));
  EXPECT_THAT(found("is:used"), IsEmpty());
}

TEST_F(Usage, SaysWithWhichProgramSomethingWasChanged) {
  const AssetId clip = add("clip.mov");
  actor_.program = "dolphin";
  tag(clip, "beach");
  actor_.program = "";
  tag(clip, "sea");

  std::vector<std::string> programs;
  must(each_change_of(db(), clip, [&](const Change& change) {
    if (change.kind == ChangeKind::tagged) programs.push_back(change.program);
    return true;
  }));
  EXPECT_THAT(programs, ElementsAre("", "dolphin"));
}

TEST(DoorOfAProgram, IsSambaForItsServerAndElseTheMount) {
  EXPECT_EQ(door_of("smbd"), Door::samba);
  EXPECT_EQ(door_of("nfsd"), Door::nfs);
  EXPECT_EQ(door_of("smbdx"), Door::mount);
  EXPECT_EQ(door_of(""), Door::mount);
}

}  // namespace
}  // namespace lensfs::test
