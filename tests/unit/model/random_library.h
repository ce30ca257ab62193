// A library of random assets, and what every one of them has, kept beside the catalog in plain
// structs: the oracle that answers of the catalog are compared with.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "catalog/model/search.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {

struct KnownAsset {
  AssetId id{};
  std::string name;
  std::string folded;  // fold_name(name)
  std::string kind;
  std::set<std::string> tags;    // as set, without parents
  std::set<std::string> called;  // the folded parts of these terms
  std::set<std::string> projects;
  std::map<std::string, std::string> fields;
  std::uint64_t size = 0;
  std::string last_used;  // "2026-02-14"; empty: never
};

class RandomLibrary : public ModelTest {
 protected:
  explicit RandomLibrary(std::size_t assets = 300, std::uint32_t seed = 1);

  [[nodiscard]] std::size_t below(std::size_t limit) { return random_() % limit; }
  template <typename List>
  [[nodiscard]] const auto& any_of(const List& list) {
    return *std::next(list.begin(), static_cast<std::ptrdiff_t>(below(list.size())));
  }
  // Ids of the assets for which the test says yes.
  [[nodiscard]] std::set<AssetId> ids_where(
      const std::function<bool(const KnownAsset&)>& test) const;

  std::mt19937 random_;
  std::vector<KnownAsset> known_;

 private:
  Status fill_one(Transaction& txn, const std::vector<Project>& projects, int number);
};

extern const std::vector<std::string> kSomeTerms;
extern const std::vector<std::string> kSomeProjects;
extern const std::vector<std::string> kSomeKinds;
extern const std::vector<std::string> kSomeKeywords;
extern const std::vector<std::string> kSomeTexts;

[[nodiscard]] bool is_tagged_below(const KnownAsset& asset, const std::string& term);
[[nodiscard]] std::set<AssetId> ids_in(const AssetSet& set);

}  // namespace lensfs::test
