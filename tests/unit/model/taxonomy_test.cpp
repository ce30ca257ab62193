// Terms that are renamed, merged and removed.
#include "catalog/model/taxonomy.h"

#include <gmock/gmock.h>

#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Taxonomy : public ModelTest {
 protected:
  Status rename(const std::string& from, const std::string& to) {
    return try_write([&](Transaction& txn) { return rename_term(txn, actor_, from, to); });
  }
  Status remove(const std::string& term) {
    return try_write([&](Transaction& txn) { return remove_term(txn, actor_, term); });
  }
  [[nodiscard]] std::vector<std::string> all() {
    std::vector<std::string> paths;
    for (const Tag& tag : must(all_tags(db()))) paths.push_back(tag.path);
    return paths;
  }
};

TEST_F(Taxonomy, RenamesATermWithAllBelowIt) {
  const AssetId clip = add("clip.mov");
  tag(clip, "place/oslo/harbour");

  must(rename("place", "where"));

  EXPECT_THAT(all(), ElementsAre("where", "where/oslo", "where/oslo/harbour"));
  EXPECT_THAT(terms(clip), ElementsAre("where/oslo/harbour"));
}

TEST_F(Taxonomy, MovesATermBelowAnother) {
  const AssetId clip = add("clip.mov");
  tag(clip, "oslo");
  const TagId before = must(find_tag(db(), "oslo")).id;

  must(rename("oslo", "place/north/oslo"));

  EXPECT_THAT(all(), ElementsAre("place", "place/north", "place/north/oslo"));
  EXPECT_EQ(must(find_tag(db(), "place/north/oslo")).id, before);
}

TEST_F(Taxonomy, MergesTermsAndKeepsEveryLink) {
  const AssetId one = add("one.mov");
  const AssetId two = add("two.mov");
  const AssetId both = add("both.mov");
  tag(one, "old/a");
  tag(one, "old/b");
  tag(two, "new/a");
  tag(both, "old/a");
  tag(both, "new/a");
  tag(both, "old");

  must(rename("old", "new"));

  EXPECT_THAT(all(), ElementsAre("new", "new/a", "new/b"));
  EXPECT_THAT(terms(one), ElementsAre("new/a", "new/b"));
  EXPECT_THAT(terms(two), ElementsAre("new/a"));
  EXPECT_THAT(terms(both), ElementsAre("new", "new/a"));
}

TEST_F(Taxonomy, RefusesToPutATermBelowItselfOrIntoOneAboveIt) {
  tag(add("clip.mov"), "place/oslo");

  EXPECT_EQ(error_code(rename("place", "place/oslo/x")), Errc::invalid);
  EXPECT_EQ(error_code(rename("place/oslo", "place")), Errc::not_empty);
  EXPECT_EQ(error_code(rename("nowhere", "place")), Errc::not_found);
  EXPECT_THAT(all(), ElementsAre("place", "place/oslo"));
}

TEST_F(Taxonomy, RemovesOnlyWhatNobodyUses) {
  const AssetId clip = add("clip.mov");
  tag(clip, "place/oslo");

  EXPECT_EQ(error_code(remove("place")), Errc::not_empty);
  EXPECT_EQ(error_code(remove("place/oslo")), Errc::not_empty);
  write([&](Transaction& txn) { return remove_tag(txn, actor_, asset(clip), "place/oslo"); });
  must(remove("place/oslo"));
  must(remove("place"));

  EXPECT_THAT(all(), IsEmpty());
}

TEST_F(Taxonomy, SaysWhatItDidInTheLog) {
  tag(add("clip.mov"), "place");
  static_cast<void>(new_changes());

  must(rename("place", "where"));

  EXPECT_THAT(new_changes(), ElementsAre("term_renamed tag 1 place"));
}

}  // namespace
}  // namespace lensfs::test
