// What a tree keeps of its folders, while changes come from elsewhere that it was not told of yet.
#include "fs/tree.h"

#include <gmock/gmock.h>

#include "catalog/model/catalog.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::Not;

class KeptListings : public testing::Test {
 protected:
  KeptListings() {
    must(Catalog::create(dir_ / "library"));
    catalog_ = must(Catalog::open(dir_ / "library"));
    tree_.emplace(*catalog_, log_);
    first_ = add("first.bin");
    second_ = add("second.bin");
    tag(first_);
    tell();
  }

  // Another process changes something.
  template <typename Work>
  auto write(Work&& work) {
    return must(catalog_->write(std::forward<Work>(work)));
  }
  AssetId add(const std::string& name) {
    const NewAsset asset{.name = name,
                         .kind = "other",
                         .mode = 0644,
                         .first = {.object = object_number(++objects_), .mtime = 5}};
    return write([&](Transaction& txn) { return add_asset(txn, actor_, asset); });
  }
  void tag(AssetId id) {
    write([&](Transaction& txn) -> Result<bool> {
      LENSFS_TRY(const Asset asset, find_asset(txn.db(), id));
      return add_tag(txn, actor_, asset, "shoot");
    });
  }
  // What the follower of the log does.
  void tell() {
    const auto db = must(catalog_->read());
    for (const Change& change : must(changes_after(*db, followed_, 1'000))) {
      tree_->accept(change);
      followed_ = change.id;
    }
  }
  std::vector<std::string> listed(const std::string& folder) {
    const auto listing = must(tree_->list(must(tree_->resolve(folder)), Tree::Read::fresh));
    std::vector<std::string> names;
    for (const auto& entry : listing->entries()) names.emplace_back(listing->name(entry));
    return names;
  }

  TempDir dir_;
  std::unique_ptr<Catalog> catalog_;
  PathLog log_;
  std::optional<Tree> tree_;
  Actor actor_{.uid = 1000, .name = "ada"};
  AssetId first_{}, second_{};
  ChangeId followed_{};
  int objects_ = 0;
};

TEST_F(KeptListings, AreAsNewAsWhatTheyWereMadeOf) {
  EXPECT_THAT(listed("Tags/shoot"), Not(Contains("second.bin")));
  tag(second_);

  tree_->draft_begun();  // so that it is made anew, of sets that are kept
  static_cast<void>(listed("Tags/shoot"));
  tell();

  EXPECT_THAT(listed("Tags/shoot"), Contains("second.bin"));
}

TEST_F(KeptListings, BehindALensAreAsNewAsWhatTheyWereMadeOf) {
  const std::string folder = "Resolutions/360p/Tags/shoot";
  static_cast<void>(listed("Tags/shoot"));
  tag(second_);

  static_cast<void>(tree_->lookup(must(tree_->resolve(folder)), "other.bin"));
  tell();

  EXPECT_THAT(listed(folder), Contains("second.bin"));
}

}  // namespace
}  // namespace lensfs::test
