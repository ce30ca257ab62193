#include "catalog/model/term_links.h"

#include <gmock/gmock.h>

#include "catalog/model/search.h"
#include "catalog/model/taxonomy.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TermLinks : public ModelTest {
 protected:
  bool finds(const std::string& query, AssetId id) {
    SqlSets sets;
    return must(evaluate(db(), sets, must(parse_query(query))))->contains(id);
  }
  template <typename Edit>
  std::string refusal(Edit&& edit) {
    const Status status = try_write(std::forward<Edit>(edit));
    return status ? "taken" : status.error().message();
  }
};

TEST_F(TermLinks, GiveATermOtherNames) {
  const AssetId clip = add("clip.mov");
  write([&](Transaction& txn) { return add_synonym(txn, actor_, "place/oslo", "Christiania"); });
  tag(clip, "christiania");

  EXPECT_THAT(terms(clip), ElementsAre("place/oslo"));
  EXPECT_TRUE(finds("tag:CHRISTIANIA", clip));
  EXPECT_THAT(
      refusal([&](Transaction& txn) { return add_synonym(txn, actor_, "rome", "place/oslo"); }),
      HasSubstr("a term already"));
}

TEST_F(TermLinks, MakeATermBringOthers) {
  const AssetId clip = add("clip.mov");
  tag(clip, "place/oslo/harbour");
  write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(add_implication(txn, actor_, "place/oslo", "country/norway"));
    return add_implication(txn, actor_, "country", "world");
  });

  EXPECT_TRUE(finds("tag:country/norway", clip));
  EXPECT_TRUE(finds("tag:country", clip));
  EXPECT_TRUE(finds("tag:world", clip));
  EXPECT_THAT(terms(clip), ElementsAre("place/oslo/harbour"));
  EXPECT_THAT(refusal([&](Transaction& txn) {
                return add_implication(txn, actor_, "world", "place/oslo");
              }),
              HasSubstr("a term would imply itself"));
}

TEST_F(TermLinks, StayWithTheTermThatAnotherIsMergedInto) {
  const AssetId clip = add("clip.mov");
  tag(clip, "oslo");
  write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(add_synonym(txn, actor_, "oslo", "christiania"));
    LENSFS_CHECK(add_implication(txn, actor_, "oslo", "norway"));
    LENSFS_CHECK(ensure_tag(txn, actor_, "place/oslo"));
    return rename_term(txn, actor_, "oslo", "place/oslo");
  });

  EXPECT_EQ(must(find_tag(db(), "christiania")).path, "place/oslo");
  EXPECT_TRUE(finds("tag:norway", clip));
}

TEST_F(TermLinks, AndTermsAreTheSameAfterATextOfThemWasRead) {
  const std::string text =
      "country\n  norway\nplace\n  oslo = christiania, kristiania > country/norway\n    harbour\n";
  write([&](Transaction& txn) { return import_taxonomy(txn, actor_, "# places\n\n" + text); });
  EXPECT_EQ(must(taxonomy_text(db())), text);
  write([&](Transaction& txn) { return import_taxonomy(txn, actor_, text); });
  EXPECT_EQ(must(taxonomy_text(db())), text);
  EXPECT_THAT(
      refusal([&](Transaction& txn) { return import_taxonomy(txn, actor_, "a\n      b\n"); }),
      HasSubstr("line 2"));
}

}  // namespace
}  // namespace lensfs::test
