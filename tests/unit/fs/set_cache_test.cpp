// What is kept in memory of sets, while changes come from elsewhere that nobody was told of yet.
#include "fs/set_cache.h"

#include <gtest/gtest.h>

#include "catalog/model/field.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

class KeptSets : public ModelTest {
 protected:
  void SetUp() override {
    clip_ = add("clip.mov");
    tag(clip_, "shoot");
    term_ = must(find_tag(db(), "shoot")).id;
    followed_ = must(last_change(db()));
  }
  // What the follower of the log does.
  void tell_of(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      staleness_.note(change);
      followed_ = change.id;
    }
  }
  void tell() { tell_of(must(changes_after(db(), followed_, 1'000'000))); }
  bool holds(const Result<SharedSet>& set, AssetId id) { return must(set)->contains(id); }
  Result<SharedSet> tagged() { return sets_.tagged(db(), term_); }
  // A set that is made of another that is kept.
  Result<SharedSet> made_of_tagged() {
    return sets_.composed(db(), "made of another", [&] { return tagged(); });
  }
  Result<SharedSet> made_of_all() {
    return sets_.composed(db(), "made of all", [&] { return sets_.all(db()); });
  }

  Staleness staleness_;
  CachedSets sets_{staleness_};
  AssetId clip_{};
  TagId term_{};
  ChangeId followed_{};
};

TEST_F(KeptSets, AreReadOnce) {
  const SharedSet first = must(tagged());
  write([&](Transaction& txn) {
    return set_field(txn, actor_, must(find_asset(txn.db(), clip_)), "scene", "1");
  });
  tell();

  EXPECT_EQ(must(tagged()), first);
}

TEST_F(KeptSets, MadeOfOthersAreAsNewAsWhatTheirReaderSees) {
  EXPECT_TRUE(holds(tagged(), clip_));
  const AssetId other = add("other.mov");
  tag(other, "shoot");

  // Nobody was told of it yet: it may be seen or not, but not be kept as if it were not there.
  static_cast<void>(must(made_of_tagged()));
  tell();

  EXPECT_TRUE(holds(made_of_tagged(), other));
  EXPECT_TRUE(holds(tagged(), other));
}

TEST_F(KeptSets, FollowMoreChangesThanAreLookedAtOneByOne) {
  EXPECT_TRUE(holds(tagged(), clip_));
  AssetId last{};
  write([&](Transaction& txn) -> Status {
    for (int n = 0; n < 5000; ++n) {
      LENSFS_CHECK(
          set_field(txn, actor_, must(find_asset(txn.db(), clip_)), "take", std::to_string(n)));
    }
    return {};
  });
  last = add("last.mov");
  tag(last, "shoot");

  EXPECT_TRUE(holds(made_of_tagged(), last));
}

TEST_F(KeptSets, OfAnOlderMomentAreNotTakenForNew) {
  ASSERT_TRUE(db().begin_read());
  EXPECT_EQ(must(last_change(db())), followed_);
  const AssetId other = add("other.mov");
  write([&](Transaction& txn) -> Status {
    tell_of(must(changes_after(txn.db(), followed_, 100)));
    return {};
  });

  EXPECT_FALSE(holds(made_of_all(), other));  // by a reader who began before
  db().rollback();

  EXPECT_TRUE(holds(made_of_all(), other));
}

TEST_F(KeptSets, AreNotMadeOfWhatIsNeverCommitted) {
  EXPECT_TRUE(holds(tagged(), clip_));
  const auto failed = try_write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(remove_tag(txn, actor_, must(find_asset(txn.db(), clip_)), "shoot"));
    const auto none =
        sets_.composed(txn.db(), "here", [&] { return SqlSets().tagged(txn.db(), term_); });
    EXPECT_FALSE(holds(none, clip_));
    return fail(Errc::io);
  });
  EXPECT_FALSE(failed);

  const auto again = sets_.composed(db(), "here", [&] { return SqlSets().tagged(db(), term_); });
  EXPECT_TRUE(holds(again, clip_));
}

}  // namespace
}  // namespace lensfs::test
