// Assets, versions, objects, projects, folders, places.
#include <gmock/gmock.h>

#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Assets : public ModelTest {
 protected:
  VersionId add_bytes(AssetId id, int object) {
    return write([&](Transaction& txn) {
      return add_version(txn, actor_, id,
                         {.object = object_number(object, 7), .mtime = 9, .reason = "save"});
    });
  }
};

TEST_F(Assets, ShowTheirFirstVersionAtOnce) {
  const AssetId id = add("Clip.MOV");

  const Asset found = asset(id);
  EXPECT_EQ(found.name, "Clip.MOV");
  EXPECT_EQ(found.name_key, "clip.mov");
  EXPECT_EQ(found.size, 100);
  EXPECT_EQ(found.mtime, 5);
  EXPECT_EQ(found.created, found.changed);
  const Version version = must(find_version(db(), found.version));
  EXPECT_EQ(version.number, 1);
  EXPECT_EQ(version.author, "ada");
  EXPECT_EQ(version.reason, "ingest");
  EXPECT_EQ(must(object_of(db(), version.id)), object_number(1));
  EXPECT_THAT(new_changes(), ElementsAre("asset_added asset 1 Clip.MOV"));
}

TEST_F(Assets, OfAnUnknownIdAreNotFound) {
  EXPECT_EQ(error_code(find_asset(db(), AssetId{7})), Errc::not_found);
}

TEST_F(Assets, ThatClashOnACaseBlindSystemAreFoundByTheirKeyOldestFirst) {
  const AssetId first = add("Clip.mov");
  add("other.mov");
  const AssetId second = add("clip.MOV");

  const std::vector<Asset> clashing = must(assets_by_name_key(db(), "clip.mov"));

  ASSERT_EQ(clashing.size(), 2U);
  EXPECT_EQ(clashing[0].id, first);
  EXPECT_EQ(clashing[1].id, second);
}

TEST_F(Assets, ShowTheNewestVersionAndKeepTheOldOnes) {
  const AssetId id = add("clip.mov");
  static_cast<void>(new_changes());

  const VersionId second = add_bytes(id, 1000);

  EXPECT_EQ(asset(id).version, second);
  EXPECT_EQ(asset(id).size, 7);
  EXPECT_EQ(asset(id).mtime, 9);
  EXPECT_EQ(must(versions_of(db(), id)).size(), 2U);
  EXPECT_EQ(must(versions_of(db(), id)).back().number, 2);
  EXPECT_THAT(new_changes(), ElementsAre("version_added asset 1"));
}

TEST_F(Assets, MakeNoVersionOfUnchangedBytes) {
  const AssetId id = add("clip.mov");
  const VersionId second = add_bytes(id, 1000);
  static_cast<void>(new_changes());

  EXPECT_EQ(add_bytes(id, 1000), second);

  EXPECT_EQ(must(versions_of(db(), id)).size(), 2U);
  EXPECT_THAT(new_changes(), IsEmpty());
}

TEST_F(Assets, GetANewVersionWhenOldBytesComeBack) {
  const AssetId id = add("clip.mov");
  const VersionId second = add_bytes(id, 1000);
  add_bytes(id, 1001);

  const VersionId fourth = add_bytes(id, 1000);

  EXPECT_NE(fourth, second);
  EXPECT_EQ(must(find_version(db(), fourth)).number, 4);
}

TEST_F(Assets, RefuseWhatIsNoName) {
  for (const std::string& name : {std::string(), std::string("a/b"), std::string(".."),
                                  std::string("a\0b", 3), std::string("\xff.mov")}) {
    EXPECT_THROW(add(name), std::runtime_error) << name;
  }
  EXPECT_THROW(add(std::string(256, 'x')), std::runtime_error);
}

TEST_F(Assets, ShareAnObjectAndAreAllHurtWithIt) {
  const AssetId first = add("a.mov");
  const AssetId second = add("b.mov");
  add_bytes(second, 1000);
  add_bytes(first, 1000);
  const Project project =
      write([&](Transaction& txn) { return add_project(txn, actor_, {.name = "film"}); });
  write([&](Transaction& txn) {
    return add_place(txn, actor_, project.folder, first, {.name = "named.mov"});
  });

  const std::vector<ObjectUse> uses = must(uses_of_object(db(), object_number(1000, 7)));

  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].path, "film/named.mov");
  EXPECT_EQ(uses[0].version, 2);
  EXPECT_EQ(uses[1].path, "b.mov");
}

TEST_F(Assets, AreWhatAnObjectIsNamedBy) {
  add("a.mov");

  EXPECT_TRUE(must(is_object_named(db(), object_number(1))));
  EXPECT_FALSE(must(is_object_named(db(), object_number(2))));
  EXPECT_TRUE(must(any_object_of_size(db(), 100)));
  EXPECT_FALSE(must(any_object_of_size(db(), 101)));
}

TEST_F(Assets, KeepTheRowOfTheirObjectAndOnlyThat) {
  add("a.mov");
  write([&](Transaction& txn) { return object_row(txn, object_number(50)); });

  write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(forget_object(txn, object_number(1)));
    return forget_object(txn, object_number(50));
  });

  std::vector<ObjectKey> left;
  must(each_object_row(db(), [&](const ObjectKey& key) -> Status {
    left.push_back(key);
    return {};
  }));
  EXPECT_THAT(left, ElementsAre(object_number(1)));
}

TEST_F(Assets, AreTouchedOnlyWhereTheyExist) {
  const AssetId id = add("a.mov");
  const Nanoseconds before = asset(id).changed;

  write([&](Transaction& txn) { return touch_asset(txn, id); });

  EXPECT_GT(asset(id).changed, before);
  EXPECT_THROW(write([&](Transaction& txn) { return touch_asset(txn, AssetId{99}); }),
               std::runtime_error);
}

class Projects : public ModelTest {
 protected:
  Projects() {
    project_ = write([&](Transaction& txn) {
      return add_project(txn, actor_, {.name = "film", .uid = 1, .gid = 2, .mode = 0750});
    });
  }
  Result<FolderId> try_folder(FolderId parent, const std::string& name) {
    return try_write(
        [&](Transaction& txn) { return add_folder(txn, actor_, parent, {.name = name}); });
  }
  FolderId folder(FolderId parent, const std::string& name) {
    return must(try_folder(parent, name));
  }
  Result<PlaceId> try_place(FolderId parent, AssetId id, const std::string& name) {
    return try_write(
        [&](Transaction& txn) { return add_place(txn, actor_, parent, id, {.name = name}); });
  }

  Project project_;
};

TEST_F(Projects, AreFoundByNameWithTheirOwnFolder) {
  const Project found = must(find_project(db(), "film"));

  EXPECT_EQ(found.id, project_.id);
  const Folder own = must(find_folder(db(), found.folder));
  EXPECT_EQ(own.name, "film");
  EXPECT_EQ(own.parent, std::nullopt);
  EXPECT_EQ(own.mode, 0750);
  EXPECT_EQ(must(all_projects(db())).size(), 1U);
  EXPECT_THAT(new_changes(), ElementsAre("project_added film"));
}

TEST_F(Projects, HaveNamesOfTheirOwn) {
  const auto again =
      try_write([&](Transaction& txn) { return add_project(txn, actor_, {.name = "film"}); });

  EXPECT_EQ(error_code(again), Errc::exists);
}

TEST_F(Projects, HoldATreeOfFolders) {
  const FolderId day = folder(project_.folder, "day1");
  const FolderId camera = folder(day, "A");

  EXPECT_EQ(must(path_of(db(), camera)), "film/day1/A");
  EXPECT_EQ(must(find_subfolder(db(), day, "A")).id, camera);
  EXPECT_EQ(must(subfolders_of(db(), project_.folder)).size(), 1U);
  EXPECT_EQ(must(count_subfolders(db(), day)), 1);
  EXPECT_EQ(must(find_folder(db(), camera)).project, project_.id);
  EXPECT_THAT(new_changes(), ElementsAre("project_added film", "folder_added folder 1 day1",
                                         "folder_added folder 2 A"));
}

TEST_F(Projects, ShowWhenANameInAFolderCameInItsTimes) {
  const Folder before = must(find_folder(db(), project_.folder));

  folder(project_.folder, "day1");

  const Folder after = must(find_folder(db(), project_.folder));
  EXPECT_GT(after.mtime, before.mtime);
  EXPECT_EQ(after.mtime, after.changed);
}

TEST_F(Projects, KeepTheTimeThatAFolderCameWith) {
  const FolderId id = write([&](Transaction& txn) {
    return add_folder(txn, actor_, project_.folder, {.name = "old", .mtime = 12345});
  });

  EXPECT_EQ(must(find_folder(db(), id)).mtime, 12345);
}

TEST_F(Projects, ListTheirPlacesInTheOrderTheyWereMade) {
  const AssetId clip = add("clip.mov");
  const AssetId still = add("still.png");
  must(try_place(project_.folder, still, "z.png"));
  must(try_place(project_.folder, clip, "a.mov"));

  std::vector<std::string> names;
  must(each_place(db(), project_.folder, [&](const PlacedAsset& placed) {
    names.push_back(placed.name + "=" + placed.asset.name);
  }));

  EXPECT_THAT(names, ElementsAre("z.png=still.png", "a.mov=clip.mov"));
  EXPECT_EQ(must(find_placed(db(), project_.folder, "a.mov")).asset.id, clip);
  EXPECT_EQ(must(find_place(db(), project_.folder, "z.png")).asset, still);
}

TEST_F(Projects, CountThePlacesOfAnAsset) {
  const AssetId clip = add("clip.mov");
  static_cast<void>(new_changes());

  must(try_place(project_.folder, clip, "a.mov"));
  must(try_place(project_.folder, clip, "b.mov"));

  EXPECT_EQ(asset(clip).places, 2);
  EXPECT_EQ(must(places_of(db(), clip)).size(), 2U);
  EXPECT_THAT(new_changes(), ElementsAre("place_added asset 1 folder 1 a.mov",
                                         "place_added asset 1 folder 1 b.mov"));
}

TEST_F(Projects, GiveANameInAFolderOnce) {
  const AssetId clip = add("clip.mov");
  folder(project_.folder, "taken");
  must(try_place(project_.folder, clip, "a.mov"));

  EXPECT_EQ(error_code(try_place(project_.folder, clip, "taken")), Errc::exists);
  EXPECT_EQ(error_code(try_place(project_.folder, clip, "a.mov")), Errc::exists);
  EXPECT_EQ(error_code(try_folder(project_.folder, "a.mov")), Errc::exists);
  EXPECT_EQ(error_code(try_folder(project_.folder, "taken")), Errc::exists);
  EXPECT_EQ(asset(clip).places, 1);
}

TEST_F(Projects, HaveNoPlaceForWhatDoesNotExist) {
  const AssetId clip = add("clip.mov");

  EXPECT_EQ(error_code(try_place(project_.folder, AssetId{99}, "a.mov")), Errc::not_found);
  EXPECT_EQ(error_code(try_place(FolderId{99}, clip, "a.mov")), Errc::not_found);
  EXPECT_EQ(error_code(try_folder(FolderId{99}, "a")), Errc::not_found);
}

}  // namespace
}  // namespace lensfs::test
