// Who may see what by all rules together, and that following the log comes to the same as reading
// everything anew.
#include <gmock/gmock.h>

#include <random>

#include "catalog/model/access_book.h"
#include "catalog/model/taxonomy.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

constexpr std::int64_t kEditor = 2001;
constexpr std::int64_t kClients = 3001;

AccessCaller user(std::int64_t uid, std::vector<std::int64_t> groups = {}) {
  return {.uid = uid, .groups = std::move(groups)};
}

class Access : public ModelTest {
 protected:
  void SetUp() override { must(book_.begin(db())); }

  void rule(AccessScope scope, const std::string& text) {
    write([&](Transaction& txn) { return set_access_rule(txn, actor_, scope, text); });
    book_.accept({.kind = ChangeKind::access_changed});
  }
  void rule_of_library(const std::string& text) { rule({}, text); }
  void rule_of(FolderId folder, const std::string& text) {
    rule({AccessScope::Kind::folder, number(folder)}, text);
  }
  void rule_of(AssetId asset, const std::string& text) {
    rule({AccessScope::Kind::asset, number(asset)}, text);
  }
  void rule_of_term(const std::string& term, const std::string& text) {
    rule({AccessScope::Kind::tag, number(must(find_tag(db(), term)).id)}, text);
  }
  FolderId project(const std::string& name) {
    return write([&](Transaction& txn) { return add_project(txn, actor_, {.name = name}); }).folder;
  }
  FolderId folder(FolderId in, const std::string& name) {
    return write([&](Transaction& txn) { return add_folder(txn, actor_, in, {.name = name}); });
  }
  AssetId add_to(FolderId in, const std::string& name) {
    const AssetId id = add(name);
    put(id, in, name);
    return id;
  }
  void put(AssetId id, FolderId in, const std::string& name) {
    write([&](Transaction& txn) { return add_place(txn, actor_, in, id, {.name = name}); });
  }
  AccessBook::View view(const AccessCaller& caller, Nanoseconds now = 1) {
    return must(book_.view(db(), caller, now));
  }
  Right right(AssetId id, const AccessCaller& caller, Nanoseconds now = 1) {
    return view(caller, now)->of_asset(id);
  }

  AccessBook book_;
};

TEST_F(Access, IsNotLookedAtInALibraryWithoutRules) {
  add("clip.mov");

  EXPECT_FALSE(book_.is_active());
  EXPECT_EQ(must(book_.view(db(), user(kEditor), 1)), nullptr);
}

TEST_F(Access, OfAProjectIsGrantedAndWhomItDoesNotNameHasNothing) {
  const FolderId demo = project("demo");
  const AssetId clip = add_to(folder(demo, "raw"), "clip.mov");
  const AssetId elsewhere = add("other.mov");
  rule_of(demo, "user:2001=write, group:3001=proxy");

  EXPECT_EQ(right(clip, user(kEditor)), Right::write);
  EXPECT_EQ(right(clip, user(9, {kClients})), Right::proxy);
  EXPECT_EQ(right(clip, user(9)), Right::none);
  EXPECT_EQ(right(elsewhere, user(9)), Right::write);
  EXPECT_EQ(view(user(9))->of_folder(demo), Right::none);
}

TEST_F(Access, IsTheLowestThatAnyRuleSaysByWhateverWay) {
  const FolderId open = project("open");
  const FolderId closed = project("closed");
  const AssetId clip = add_to(open, "clip.mov");
  rule_of_library("other=write");
  rule_of(closed, "group:3001=list, other=write");
  EXPECT_EQ(right(clip, user(9, {kClients})), Right::write);

  put(clip, closed, "clip.mov");
  EXPECT_EQ(right(clip, user(9, {kClients})), Right::list);

  rule_of(clip, "group:3001=none");
  EXPECT_EQ(right(clip, user(9, {kClients})), Right::none);
  EXPECT_EQ(right(clip, user(9)), Right::write);
}

TEST_F(Access, OfATermRestrictsWhatCarriesItOrOneBelowAndNobodyElse) {
  const AssetId clip = add("clip.mov");
  tag(clip, "secret/very");
  rule_of_term("secret", "group:3001=none");

  EXPECT_EQ(right(clip, user(9, {kClients})), Right::none);
  EXPECT_EQ(right(clip, user(9)), Right::write);

  const AssetId later = add("later.mov");
  tag(later, "secret/new");
  EXPECT_EQ(right(later, user(9, {kClients})), Right::none);
}

TEST_F(Access, OfAUserGoesBeforeThatOfGroupsAndTheHighestGroupCounts) {
  const AssetId clip = add("clip.mov");
  rule_of(clip, "user:2001=list, group:3001=proxy, group:3002=write, other=none");

  EXPECT_EQ(right(clip, user(kEditor, {3001, 3002})), Right::list);
  EXPECT_EQ(right(clip, user(9, {3001, 3002})), Right::write);
  EXPECT_EQ(right(clip, user(9)), Right::none);
}

TEST_F(Access, OfARoleIsThatOfItsMembers) {
  const AssetId clip = add("clip.mov");
  rule_of(clip, "role:reviewer, role:manager, other=none");
  EXPECT_EQ(right(clip, user(9, {kClients})), Right::none);

  write([&](Transaction& txn) { return set_role(txn, actor_, "reviewer", "group:3001"); });
  write([&](Transaction& txn) { return set_role(txn, actor_, "manager", "user:2001"); });

  EXPECT_EQ(right(clip, user(9, {kClients})), Right::proxy);
  EXPECT_EQ(right(clip, user(kEditor)), Right::manage);
  EXPECT_EQ(right(clip, {.role = "reviewer"}), Right::proxy);
}

TEST_F(Access, BeginsAndEndsByItselfAtTheMinute) {
  constexpr Nanoseconds kMinute = 60 * kNanosecondsPerSecond;
  const AssetId clip = add("clip.mov");
  rule_of(clip,
          "user:2001=manage, group:3001=proxy, from=1970-01-01T00:02, until=1970-01-01T00:05");

  EXPECT_EQ(right(clip, user(9, {kClients}), 2 * kMinute - 1), Right::none);
  EXPECT_EQ(right(clip, user(9, {kClients}), 2 * kMinute), Right::proxy);
  EXPECT_EQ(right(clip, user(9, {kClients}), 5 * kMinute - 1), Right::proxy);
  EXPECT_EQ(right(clip, user(9, {kClients}), 5 * kMinute), Right::none);
  EXPECT_EQ(right(clip, user(kEditor), 5 * kMinute), Right::manage);
  EXPECT_EQ(right(clip, user(9), 5 * kMinute), Right::write);
}

TEST_F(Access, ExplainsWhichRuleDecides) {
  const FolderId demo = project("demo");
  const AssetId clip = add_to(demo, "clip.mov");
  rule_of_library("other=read");
  rule_of(demo, "group:3001=proxy, other=write");
  const AccessBook::View seen = view(user(9, {kClients}));

  const auto said = seen->explain(seen->state().of_asset(clip));

  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].right, Right::read);
  EXPECT_FALSE(said[0].decides);
  EXPECT_EQ(said[1].right, Right::proxy);
  EXPECT_TRUE(said[1].decides);
}

TEST_F(Access, ComesToTheSameWhenTheLogIsFollowedAsWhenAllIsReadAnew) {
  std::mt19937 random(7);
  const auto any = [&](const auto& of) { return of[random() % of.size()]; };
  std::vector<FolderId> folders = {project("a"), project("b")};
  std::vector<AssetId> assets = {add_to(folders[0], "first")};
  tag(assets[0], "t/u");
  rule_of(folders[0], "group:3001=proxy, other=read");
  rule_of_term("t", "group:3001=none");
  const std::vector<std::string> terms = {"t", "t/u", "t/v", "w", "w/x"};
  static_cast<void>(view(user(9, {kClients})));

  const std::vector<AccessCaller> callers = {user(9, {kClients}), user(kEditor), user(9)};
  const std::vector<std::string> rules = {"group:3001=none", "other=read, user:2001=manage",
                                          "group:3001=write", "other=none, user:2001=proxy"};
  for (int round = 0; round < 400; ++round) {
    const std::string name = "n" + std::to_string(round);
    switch (random() % 8) {
      case 0:
        folders.push_back(folder(any(folders), name));
        break;
      case 1:
        assets.push_back(add_to(any(folders), name));
        break;
      case 2:
        put(any(assets), any(folders), name);
        break;
      case 3:
        tag(any(assets), any(terms));
        break;
      case 4:
        if (random() % 4 == 0) rule_of(any(assets), any(rules));
        break;
      case 5:
        if (random() % 4 == 0) rule_of(any(folders), any(rules));
        break;
      case 6:
        folders.push_back(project(name));
        break;
      default: {
        const Asset taken = asset(any(assets));
        write([&](Transaction& txn) { return remove_tag(txn, actor_, taken, any(terms)); });
      }
    }
    AccessBook anew;
    must(anew.begin(db()));
    for (const AccessCaller& caller : callers) {
      // Some look seldom, and are many steps behind.
      if (random() % 3 != 0) continue;
      const AccessBook::View followed = view(caller);
      const AccessBook::View read = must(anew.view(db(), caller, 1));
      for (const AssetId id : assets) {
        ASSERT_EQ(followed->of_asset(id), read->of_asset(id)) << round;
        ASSERT_EQ(followed->state().of_asset(id), read->state().of_asset(id)) << round;
      }
      for (const FolderId id : folders) {
        ASSERT_EQ(followed->of_folder(id), read->of_folder(id)) << round;
      }
      ASSERT_EQ(followed->state().hiding.count(), read->state().hiding.count()) << round;
      ASSERT_EQ(followed->state().hiding.count_common(read->state().hiding),
                read->state().hiding.count());
    }
  }
}

TEST_F(Access, TellsWhichFilesOtherRulesBindAndWhichOfThemAreHiddenSince) {
  using testing::ElementsAre;
  using testing::IsEmpty;
  const FolderId demo = project("demo");
  const FolderId raw = folder(demo, "raw");
  const AssetId clip = add_to(raw, "clip.mov");
  const AssetId other = add("other.mov");
  rule_of(demo, "user:2001=write, other=read");
  write([&](Transaction& txn) { return ensure_tag(txn, actor_, "secret"); });
  rule_of_term("secret", "other=none");
  book_.keep_moves();
  static_cast<void>(view(user(9)));
  const auto moves = [&] {
    static_cast<void>(view(user(9)));
    return book_.take_moves();
  };
  EXPECT_EQ(book_.exact_after(), must(last_change(db())));

  // From one folder of the project to another nothing changes.
  put(clip, demo, "again.mov");
  EXPECT_THAT(moves().other, IsEmpty());
  // A rule that hides nothing, one that hides, and what is new.
  put(other, demo, "other.mov");
  AccessBook::Moves told = moves();
  EXPECT_THAT(told.other, ElementsAre(other));
  EXPECT_THAT(told.hidden, IsEmpty());
  tag(clip, "secret");
  EXPECT_THAT(moves().hidden, ElementsAre(clip));
  const AssetId fresh = add_to(raw, "fresh.mov");
  tag(fresh, "secret");
  told = moves();
  EXPECT_THAT(told.other, ElementsAre(fresh));
  EXPECT_THAT(told.old, IsEmpty());
  EXPECT_LT(number(book_.exact_after()), number(must(last_change(db()))));
}

}  // namespace
}  // namespace lensfs::test
