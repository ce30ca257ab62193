// The library at a moment, compared with what it was when that moment was the present.
#include "catalog/model/history.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>
#include <set>

#include "catalog/model/edit.h"
#include "catalog/model/label.h"
#include "catalog/model/taxonomy.h"
#include "catalog/model/trash.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// All that a library shows, one line each.
using Picture = std::set<std::string>;

// --- as the tables of today say

void picture_folder(Database& db, FolderId folder, const std::string& path, Picture& into) {
  for (const Folder& sub : must(subfolders_of(db, folder))) {
    into.insert(path + sub.name + "/");
    picture_folder(db, sub.id, path + sub.name + "/", into);
  }
  must(each_place(db, folder, [&](const PlacedAsset& placed) {
    const Version version = must(find_version(db, placed.asset.version));
    into.insert(
        fmt::format("{}{} = {} v{}", path, placed.name, number(placed.asset.id), version.number));
  }));
}

void picture_terms(Database& db, std::optional<TagId> parent, Picture& into) {
  SqlSets sets;
  for (const Tag& tag : must(subterms_of(db, parent))) {
    into.insert(tag.path + ":");
    must(tagged_below(db, sets, tag.id))->each([&](AssetId id) {
      into.insert(fmt::format("{}: {}", tag.path, number(id)));
      return true;
    });
    picture_terms(db, tag.id, into);
  }
}

Picture picture_now(Database& db) {
  Picture picture;
  for (const Project& project : must(all_projects(db))) {
    picture.insert(project.name + "/");
    picture_folder(db, project.folder, project.name + "/", picture);
  }
  picture_terms(db, std::nullopt, picture);
  return picture;
}

// --- as history says

void picture_folder_at(Database& db, const Folder& folder, const std::string& path, Nanoseconds at,
                       Picture& into) {
  into.insert(path);
  EXPECT_EQ(must(folder_at(db, folder.id, at)).name, folder.name);
  for (const Folder& sub : must(subfolders_at(db, folder.id, at))) {
    EXPECT_EQ(must(find_folder_at(db, folder.id, sub.name, at)).id, sub.id);
    picture_folder_at(db, sub, path + sub.name + "/", at, into);
  }
  for (const PastPlace& place : must(places_at(db, folder.id, at))) {
    EXPECT_EQ(must(find_place_at(db, folder.id, place.name, at)).asset, place.asset);
    const Version version = must(version_at(db, place.asset, at));
    into.insert(
        fmt::format("{}{} = {} v{}", path, place.name, number(place.asset), version.number));
  }
}

void picture_terms_at(Database& db, std::optional<TagId> parent, Nanoseconds at, Picture& into) {
  for (const Tag& tag : must(subterms_at(db, parent, at))) {
    into.insert(tag.path + ":");
    EXPECT_EQ(must(find_subterm_at(db, parent, tag.name, at)).id, tag.id);
    must(members_at(db, tag.id, at)).each([&](AssetId id) {
      if (must(was_deleted_at(db, id, at))) return true;
      into.insert(fmt::format("{}: {}", tag.path, number(id)));
      return true;
    });
    picture_terms_at(db, tag.id, at, into);
  }
}

Picture picture_at(Database& db, Nanoseconds at) {
  Picture picture;
  for (const Folder& folder : must(project_folders_at(db, at))) {
    picture_folder_at(db, folder, folder.name + "/", at, picture);
  }
  picture_terms_at(db, std::nullopt, at, picture);
  return picture;
}

// --- a library that is edited at random

class History : public ModelTest {
 protected:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::string some_name() { return std::string(1, static_cast<char>('a' + below(6))); }
  std::string some_term() {
    std::string term = some_name();
    while (below(2) == 0) term += "/" + some_name();
    return term;
  }
  FolderId some_folder() {
    std::vector<FolderId> open;
    for (const Project& project : must(all_projects(db()))) open.push_back(project.folder);
    FolderId at = open[below(open.size())];
    for (;;) {
      const auto subs = must(subfolders_of(db(), at));
      if (subs.empty() || below(2) == 0) return at;
      at = subs[below(subs.size())].id;
    }
  }
  Result<Asset> some_asset(Transaction& txn) {
    return find_asset(
        txn.db(), AssetId{1 + static_cast<std::int64_t>(below(std::max<std::size_t>(assets_, 1)))});
  }

  // Two versions at once: an asset with a history is never taken for a temporary file.
  Status add_file(Transaction& txn, FolderId folder, const std::string& name) {
    LENSFS_TRY(const AssetId id,
               add_asset(txn, actor_,
                         {.name = name,
                          .kind = "video",
                          .first = {.object = object_number(++objects_), .reason = "ingest"}}));
    LENSFS_CHECK(
        add_version(txn, actor_, id, {.object = object_number(++objects_), .reason = "save"}));
    LENSFS_CHECK(add_place(txn, actor_, folder, id, {.name = name}));
    return {};
  }

  Status edit_files(Transaction& txn, std::size_t what) {
    const FolderId folder = some_folder();
    const std::string name = some_name();
    if (what < 3) return add_file(txn, folder, name);
    if (what < 5) {
      LENSFS_TRY([[maybe_unused]] const FolderId made,
                 create_folder(txn, actor_, folder, {.name = name}));
      return {};
    }
    if (what < 9) {
      const std::string to = some_name();
      return move_entry(
          txn, actor_,
          {.from = {.folder = folder, .name = name}, .to = {.folder = some_folder(), .name = to}},
          ScratchNames({}));
    }
    if (what < 11) {
      LENSFS_TRY([[maybe_unused]] const Asset removed,
                 remove_file(txn, actor_, folder, name, Writing::no));
      return {};
    }
    if (what < 12) return remove_folder(txn, actor_, folder, name);
    LENSFS_TRY(const Asset asset, some_asset(txn));
    if (asset.state == AssetState::trashed) {
      return restore_to(txn, actor_, asset, folder, {.name = name});
    }
    if (what < 13) return link_file(txn, actor_, asset, folder, {.name = name});
    LENSFS_TRY([[maybe_unused]] const VersionId version,
               add_version(txn, actor_, asset.id,
                           {.object = object_number(++objects_), .reason = "save"}));
    return {};
  }

  Status edit_terms(Transaction& txn, std::size_t what) {
    if (what < 2) return rename_term(txn, actor_, some_term(), some_term());
    if (what < 4) return remove_term(txn, actor_, some_term());
    LENSFS_TRY(const Asset asset, some_asset(txn));
    if (what < 9) {
      LENSFS_TRY([[maybe_unused]] const bool added, add_tag(txn, actor_, asset, some_term()));
      return {};
    }
    LENSFS_TRY(const std::vector<Tag> tags, tags_of(txn.db(), asset.id));
    if (tags.empty()) return fail(Errc::not_found);
    LENSFS_TRY([[maybe_unused]] const bool removed,
               remove_tag(txn, actor_, asset, tags[below(tags.size())].path));
    return {};
  }

  // One edit, if it is possible, and what the library then shows.
  void edit() {
    const std::size_t what = below(26);
    const auto done = try_write([&](Transaction& txn) -> Result<Nanoseconds> {
      LENSFS_CHECK(what < 14 ? edit_files(txn, what) : edit_terms(txn, what - 14));
      return txn.now();
    });
    assets_ = static_cast<std::size_t>(
        must(db().one<std::int64_t>("SELECT ifnull(max(id), 0) FROM assets")));
    if (done) pictures_.emplace_back(*done, picture_now(db()));
  }

  std::mt19937 random_;
  std::size_t assets_ = 0;
  int objects_ = 0;
  std::vector<std::pair<Nanoseconds, Picture>> pictures_;
};

TEST_F(History, ShowsEveryMomentAsItWas) {
  for (const std::uint32_t seed : {1U, 2U}) {
    random_.seed(seed);
    const std::string project = "film" + std::to_string(seed);
    write([&](Transaction& txn) { return add_project(txn, actor_, {.name = project}); });
    pictures_.emplace_back(must(last_moment(db())), picture_now(db()));
    for (int i = 0; i < 300; ++i) edit();
  }

  ASSERT_GT(pictures_.size(), 150U);
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    const auto& [at, picture] = pictures_[i];
    ASSERT_EQ(picture_at(db(), at), picture) << "edit " << i;
    // Nothing changes until just before the next edit.
    if (i + 1 < pictures_.size() && i % 10 == 0) {
      ASSERT_EQ(picture_at(db(), pictures_[i + 1].first - 1), picture) << "edit " << i;
    }
  }
}

TEST_F(History, TellsWhichTagsAnAssetHad) {
  const AssetId clip = add("clip.mov");
  const auto now = [&] { return must(last_moment(db())); };
  tag(clip, "place/oslo");
  const Nanoseconds first = now();
  write([&](Transaction& txn) { return rename_term(txn, actor_, "place", "where"); });
  const Nanoseconds second = now();
  write([&](Transaction& txn) { return remove_tag(txn, actor_, asset(clip), "where/oslo"); });

  const auto terms_at = [&](Nanoseconds at) {
    std::vector<std::string> terms;
    for (const Tag& carried : must(tags_at(db(), clip, at))) terms.push_back(carried.path);
    return terms;
  };
  EXPECT_THAT(terms_at(first - 1), IsEmpty());
  EXPECT_THAT(terms_at(first), ElementsAre("place/oslo"));
  EXPECT_THAT(terms_at(second), ElementsAre("where/oslo"));
  EXPECT_THAT(terms_at(now()), IsEmpty());
}

TEST_F(History, ListsTheSecondsInWhichAFolderGotVersions) {
  write([&](Transaction& txn) { return add_project(txn, actor_, {.name = "film"}); });
  const FolderId folder = must(find_project(db(), "film")).folder;
  write([&](Transaction& txn) { return add_file(txn, folder, "a.mov"); });
  add("elsewhere.mov");

  const auto moments = must(moments_of(db(), folder, 10));

  ASSERT_EQ(moments.size(), 1U);
  EXPECT_EQ(moments[0], must(versions_of(db(), AssetId{1}))[0].created / kNanosecondsPerSecond);
}

TEST_F(History, KnowsWhichFileLastHadAName) {
  write([&](Transaction& txn) { return add_project(txn, actor_, {.name = "film"}); });
  const FolderId folder = must(find_project(db(), "film")).folder;
  write([&](Transaction& txn) { return add_file(txn, folder, "a.mov"); });
  write([&](Transaction& txn) -> Result<Asset> {
    return remove_file(txn, actor_, folder, "a.mov", Writing::no);
  });

  EXPECT_EQ(must(last_asset_at(db(), folder, "a.mov")), AssetId{1});
  EXPECT_EQ(error_code(last_asset_at(db(), folder, "b.mov")), Errc::not_found);
}

class Labels : public ModelTest {
 protected:
  Labels() : clip_(add("clip.mov")) {
    write([&](Transaction& txn) {
      return add_version(txn, actor_, clip_, {.object = object_number(77), .reason = "save"});
    });
  }
  bool label(std::int64_t version, const std::string& name) {
    return write([&](Transaction& txn) -> Result<bool> {
      LENSFS_TRY(const Version meant, find_version(txn.db(), clip_, version));
      return set_label(txn, actor_, meant, name);
    });
  }
  AssetId clip_;
};

TEST_F(Labels, MoveFromVersionToVersion) {
  static_cast<void>(new_changes());

  EXPECT_TRUE(label(1, "approved"));
  EXPECT_FALSE(label(1, "approved"));
  EXPECT_TRUE(label(2, "approved"));

  EXPECT_EQ(must(labelled_version(db(), clip_, "approved")).number, 2);
  EXPECT_THAT(must(all_labels(db())), ElementsAre("approved"));
  EXPECT_THAT(new_changes(),
              ElementsAre("label_changed asset 1 approved", "label_changed asset 1 approved"));
}

TEST_F(Labels, AreGoneWhenTakenOff) {
  label(1, "approved");
  label(1, "sent");

  EXPECT_TRUE(write([&](Transaction& txn) { return remove_label(txn, actor_, clip_, "sent"); }));

  EXPECT_EQ(must(labels_of(db(), clip_)).size(), 1U);
  EXPECT_FALSE(must(is_label(db(), "sent")));
  EXPECT_TRUE(must(labelled_assets(db(), "approved")).contains(clip_));
}

TEST_F(Labels, ThatCouldMeanSomethingElseAreInvalid) {
  for (const std::string_view name :
       {"", "@x", ".versions", "v3", "2026-11-24", "a/b", "a=b", "a.", " a", "GMT:1"}) {
    EXPECT_EQ(error_code(check_label(name)), Errc::invalid) << name;
  }
  for (const std::string_view name : {"approved", "v3 final", "sent to client", "Größe"}) {
    EXPECT_TRUE(check_label(name)) << name;
  }
}

}  // namespace
}  // namespace lensfs::test
