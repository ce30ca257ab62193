#include "catalog/model/tag.h"

#include <gmock/gmock.h>

#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Term, IsTrimmedPartByPart) {
  EXPECT_EQ(must(checked_term(" place / oslo\n")), "place/oslo");
  EXPECT_EQ(must(checked_term("Été à la mer")), "Été à la mer");
}

TEST(Term, ThatNoFolderCouldShowIsInvalid) {
  for (const std::string_view typed : {"", " ", "/a", "a/", "a//b", ".", "a/..", "+", "a/+", "a,b",
                                       "@v3", "a/@b", "a\tb", "\xff"}) {
    EXPECT_EQ(error_code(checked_term(typed)), Errc::invalid) << typed;
  }
  EXPECT_EQ(error_code(checked_term(std::string(256, 'x'))), Errc::invalid);
  EXPECT_TRUE(checked_term(std::string(255, 'x') + "/" + std::string(255, 'y')));
}

class Tags : public ModelTest {
 protected:
  bool untag(AssetId id, const std::string& term) {
    return write([&](Transaction& txn) { return remove_tag(txn, actor_, asset(id), term); });
  }
  void replace(AssetId id, const std::vector<std::string>& terms) {
    write([&](Transaction& txn) { return replace_tags(txn, actor_, asset(id), terms); });
  }
  Tag term(const std::string& path) { return must(find_tag(db(), path)); }
};

TEST_F(Tags, AreMadeWithAllTheirParents) {
  const AssetId clip = add("clip.mov");
  static_cast<void>(new_changes());

  tag(clip, "place/norway/oslo");

  EXPECT_THAT(terms(clip), ElementsAre("place/norway/oslo"));
  EXPECT_EQ(term("place/norway").parent, term("place").id);
  EXPECT_EQ(term("place").parent, std::nullopt);
  EXPECT_EQ(term("place/norway/oslo").name, "oslo");
  EXPECT_THAT(new_changes(),
              ElementsAre("tag_added tag 1 place", "tag_added tag 2 place/norway",
                          "tag_added tag 3 place/norway/oslo", "tagged asset 1 tag 3 clip.mov"));
}

TEST_F(Tags, AreCarriedOnce) {
  const AssetId clip = add("clip.mov");
  tag(clip, "beach");
  static_cast<void>(new_changes());

  const bool changed =
      write([&](Transaction& txn) { return add_tag(txn, actor_, asset(clip), " beach "); });

  EXPECT_FALSE(changed);
  EXPECT_THAT(new_changes(), IsEmpty());
}

TEST_F(Tags, MoveTheTimesOfTheAssetAndOfTheWholeLineOfTerms) {
  const AssetId clip = add("clip.mov");
  tag(clip, "place/oslo");
  const Nanoseconds place = term("place").changed;
  const Nanoseconds oslo = term("place/oslo").changed;
  const Nanoseconds changed = asset(clip).changed;

  EXPECT_TRUE(untag(clip, "place/oslo"));

  EXPECT_GT(term("place").changed, place);
  EXPECT_GT(term("place/oslo").changed, oslo);
  EXPECT_EQ(term("place").changed, term("place/oslo").changed);
  EXPECT_GT(asset(clip).changed, changed);
}

TEST_F(Tags, MoveTheTimesOfTheTermsAboveWhenASubTermIsMade) {
  write([&](Transaction& txn) { return ensure_tag(txn, actor_, "place/norway"); });
  const Nanoseconds before = term("place").changed;

  write([&](Transaction& txn) { return ensure_tag(txn, actor_, "place/norway/oslo"); });

  EXPECT_GT(term("place").changed, before);
  EXPECT_EQ(term("place").changed, term("place/norway").changed);
}

TEST_F(Tags, StayInTheTaxonomyWhenNobodyCarriesThemAnyMore) {
  const AssetId clip = add("clip.mov");
  tag(clip, "beach");
  static_cast<void>(new_changes());

  EXPECT_TRUE(untag(clip, "beach"));

  EXPECT_THAT(terms(clip), IsEmpty());
  EXPECT_EQ(term("beach").path, "beach");
  EXPECT_THAT(new_changes(), ElementsAre("untagged asset 1 tag 1 clip.mov"));
}

TEST_F(Tags, ThatAreNotCarriedComeOffWithoutAChange) {
  const AssetId clip = add("clip.mov");
  tag(clip, "place/oslo");
  static_cast<void>(new_changes());

  EXPECT_FALSE(untag(clip, "place"));
  EXPECT_FALSE(untag(clip, "unknown"));
  EXPECT_THAT(new_changes(), IsEmpty());
}

TEST_F(Tags, AreReplacedByTheDifferenceOnly) {
  const AssetId clip = add("clip.mov");
  tag(clip, "a");
  tag(clip, "b");
  static_cast<void>(new_changes());

  replace(clip, {"b", " c", "c "});

  EXPECT_THAT(terms(clip), ElementsAre("b", "c"));
  EXPECT_THAT(new_changes(), ElementsAre("untagged asset 1 tag 1 clip.mov", "tag_added tag 3 c",
                                         "tagged asset 1 tag 3 clip.mov"));
}

TEST_F(Tags, AreLeftAloneWhenOneOfTheNewOnesIsInvalid) {
  const AssetId clip = add("clip.mov");
  tag(clip, "a");

  EXPECT_THROW(replace(clip, {"b", "c,d"}), std::runtime_error);

  EXPECT_THAT(terms(clip), ElementsAre("a"));
}

TEST_F(Tags, KnowTheirFamilyAndTheirLine) {
  write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(ensure_tag(txn, actor_, "place/norway/oslo"));
    LENSFS_CHECK(ensure_tag(txn, actor_, "place/sweden"));
    LENSFS_CHECK(ensure_tag(txn, actor_, "placeholder"));
    return {};
  });

  EXPECT_THAT(must(family_of(db(), term("place").id)),
              testing::UnorderedElementsAre(term("place").id, term("place/norway").id,
                                            term("place/norway/oslo").id, term("place/sweden").id));
  EXPECT_THAT(must(ancestors_of(db(), term("place/norway/oslo").id)),
              ElementsAre(term("place/norway/oslo").id, term("place/norway").id, term("place").id));
}

TEST_F(Tags, AreListedByLevel) {
  write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(ensure_tag(txn, actor_, "b/y"));
    LENSFS_CHECK(ensure_tag(txn, actor_, "b/x"));
    LENSFS_CHECK(ensure_tag(txn, actor_, "a"));
    return {};
  });

  std::vector<std::string> top;
  for (const Tag& tag : must(subterms_of(db(), std::nullopt))) top.push_back(tag.path);
  std::vector<std::string> below;
  for (const Tag& tag : must(subterms_of(db(), term("b").id))) below.push_back(tag.path);

  EXPECT_THAT(top, ElementsAre("a", "b"));
  EXPECT_THAT(below, ElementsAre("b/x", "b/y"));
  EXPECT_EQ(must(all_tags(db())).size(), 4U);
}

TEST_F(Tags, TellWhoCarriesThemDirectly) {
  const AssetId clip = add("clip.mov");
  tag(clip, "place/oslo");

  EXPECT_TRUE(must(has_tag(db(), clip, term("place/oslo").id)));
  EXPECT_FALSE(must(has_tag(db(), clip, term("place").id)));
}

}  // namespace
}  // namespace lensfs::test
