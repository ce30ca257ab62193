#include <fmt/format.h>
#include <gmock/gmock.h>

#include "catalog/base/text.h"
#include "catalog/model/field.h"
#include "tests/unit/model/random_library.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

using Counts = std::map<std::string, std::uint64_t>;

class Facets : public RandomLibrary {
 protected:
  AssetSet random_set(std::size_t one_in) {
    AssetSet set;
    for (const KnownAsset& asset : known_) {
      if (below(one_in) == 0) set.add(asset.id);
    }
    return set;
  }

  // What each value of a facet is had by, counted asset by asset; only values that split the set.
  Counts expected(const AssetSet& set, const std::string& facet) const {
    Counts counts;
    for (const KnownAsset& asset : known_) {
      if (!set.contains(asset.id)) continue;
      for (const std::string& value : values_of(asset, facet)) ++counts[value];
    }
    std::erase_if(counts, [&](const auto& counted) { return counted.second == set.count(); });
    return counts;
  }

  static std::set<std::string> terms_with_parents(const KnownAsset& asset) {
    std::set<std::string> terms;
    for (const std::string& term : asset.tags) {
      for (auto end = term.size(); end != std::string::npos; end = term.rfind('/', end - 1)) {
        terms.insert(term.substr(0, end));
      }
    }
    return terms;
  }

  static std::set<std::string> values_of(const KnownAsset& asset, const std::string& facet) {
    if (facet == "tag") return terms_with_parents(asset);
    if (facet == "project") return asset.projects;
    if (facet == "kind") return {asset.kind};
    if (facet == "ext") {
      std::string extension = lower_extension(asset.name);
      if (extension.empty()) return {};
      return {std::move(extension)};
    }
    const auto field = asset.fields.find(facet);
    if (field == asset.fields.end()) return {};
    return {field->second};
  }

  Counts counted(const AssetSet& set, const std::string& facet) {
    Counts counts;
    for (const FacetValue& value : must(facet_values(db(), sets_, set, facet))) {
      counts[value.value] = value.count;
    }
    return counts;
  }

  SqlSets sets_;
  const std::vector<std::string> all_ = {"tag",          "project",     "kind",     "ext",
                                         "Camera.model", "description", "keywords", "rating",
                                         "scene",        "shot",        "title"};
};

TEST_F(Facets, CountWhatReadingEveryAssetCounts) {
  for (const std::size_t one_in : {1U, 2U, 3U, 10U, 50U, 100U}) {
    const AssetSet set = random_set(one_in);
    for (const std::string& facet : all_) {
      EXPECT_EQ(counted(set, facet), expected(set, facet)) << facet << " of " << set.count();
    }
  }
}

TEST_F(Facets, AreOfferedWhenAValueOfThemSplitsTheSet) {
  for (const std::size_t one_in : {1U, 5U, 40U, 80U, 150U, 150U, 150U, 1000U}) {
    const AssetSet set = random_set(one_in);
    std::vector<std::string> splitting;
    for (const std::string& facet : all_) {
      if (!expected(set, facet).empty()) splitting.push_back(facet);
    }

    EXPECT_EQ(must(facets_of(db(), sets_, set)), splitting) << set.count();
  }
}

TEST_F(Facets, GiveTheSetsThatTheirCountsAreOf) {
  const AssetSet set = random_set(2);
  for (const std::string& facet : all_) {
    for (const FacetValue& value : must(facet_values(db(), sets_, set, facet))) {
      const SharedSet members = must(facet_set(db(), sets_, facet, value.value));
      EXPECT_EQ(set.count_common(*members), value.count) << facet << "=" << value.value;
    }
  }
}

TEST_F(Facets, AndValuesThatDoNotExistAreNotFound) {
  const AssetSet set = random_set(2);

  EXPECT_EQ(error_code(facet_values(db(), sets_, set, "smell")), Errc::not_found);
  for (const std::string facet : {"tag", "project", "kind", "ext", "scene", "smell"}) {
    EXPECT_EQ(error_code(facet_set(db(), sets_, facet, "nothing")), Errc::not_found) << facet;
  }
  EXPECT_EQ(error_code(facet_set(db(), sets_, "ext", "tar.gz")), Errc::not_found);
  EXPECT_TRUE(must(facet_set(db(), sets_, "tag", "unused/never"))->empty());
}

TEST_F(Facets, OfAFieldWithManyValuesAreCountedToo) {
  write([&](Transaction& txn) -> Status {
    for (const KnownAsset& asset : known_) {
      LENSFS_TRY(const Asset row, find_asset(txn.db(), asset.id));
      const std::string value = fmt::format("{}", number(asset.id) / 2);
      LENSFS_CHECK(set_field(txn, actor_, row, "unique", value));
      LENSFS_CHECK(set_field(txn, actor_, row, "title", fmt::format("{}", number(asset.id))));
    }
    return {};
  });
  AssetSet set;
  for (std::int64_t id = 2; id <= 5; ++id) set.add(AssetId{id});

  EXPECT_EQ(counted(set, "unique"), (Counts{{"1", 2}, {"2", 2}}));
  EXPECT_EQ(counted(set, "title"), (Counts{{"2", 1}, {"3", 1}, {"4", 1}, {"5", 1}}));
  EXPECT_THAT(must(facets_of(db(), sets_, set)), Contains("title"));
}

TEST_F(Facets, OfNothingAndOfOneAssetAreNone) {
  AssetSet set;
  EXPECT_THAT(must(facets_of(db(), sets_, set)), IsEmpty());

  set.add(known_.front().id);

  EXPECT_THAT(must(facets_of(db(), sets_, set)), IsEmpty());
}

class FewAssets : public ModelTest {};

TEST_F(FewAssets, OfOneKindAreNotNarrowedByIt) {
  AssetSet set;
  set.add(add("a.mov"));
  set.add(add("b.mov"));
  add("c.png", "image");
  SqlSets sets;

  EXPECT_THAT(must(facets_of(db(), sets, set)), Not(Contains("kind")));
  EXPECT_THAT(must(facet_values(db(), sets, set, "kind")), IsEmpty());
}

}  // namespace
}  // namespace lensfs::test
