// Files that become frames and frames that become files; frames that are deleted.
#include <sys/stat.h>

#include "catalog/model/field.h"
#include "tests/unit/model/sequences.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// --- files and frames

TEST_F(Sequences, TakeInTheFilesThatAreTheirFrames) {
  const AssetId file = add_file(1);
  tag(file, "plate");
  add_file(2);
  tag(add_file(3), "place/oslo");

  const AssetId id = make({1, 2, 3}).asset;

  EXPECT_THAT(names(), ElementsAre("plate.[1-3].exr"));
  EXPECT_THAT(terms(id), ElementsAre("place/oslo", "plate")) << "the tags of all frames";
  EXPECT_EQ(asset(file).state, AssetState::trashed) << "with its history";
}

TEST_F(Sequences, LeaveAFileOfTheSameNameAndOtherBytesAlone) {
  add_file(1);
  add_file(2);
  PlannedSequence planned = plan({1, 2, 3});
  planned.frames[1].object = object_number(22);

  put(planned);

  EXPECT_THAT(names(), UnorderedElementsAre("plate.2.exr", "plate.[1-3].exr"));
}

TEST_F(Sequences, AreMadeOfFilesOfOneRunOnly) {
  std::vector<Place> files;
  for (const int number : {1, 2, 3}) {
    add_file(number);
    files.push_back(must(find_place(db(), project_.folder, name_of(number))));
  }

  EXPECT_THAT(must(frames_from(db(), files)), SizeIs(3));
  files[1].name = "other.2.exr";
  EXPECT_EQ(error_code(frames_from(db(), files)), Errc::invalid);
}

TEST_F(Sequences, SplitIntoTheFilesThatTheyWere) {
  const AssetId file = add_file(1);
  add_file(2);
  add_file(3);
  const AssetId id = make({1, 2, 3}).asset;
  tag(id, "night");

  const auto made = write(
      [&](Transaction& txn) { return split_sequence(txn, actor_, must(find_asset(db(), id))); });

  EXPECT_EQ(made, 3U);
  EXPECT_THAT(names(), UnorderedElementsAre("plate.1.exr", "plate.2.exr", "plate.3.exr"));
  EXPECT_EQ(asset(file).state, AssetState::live) << "the very file, from the trash";
  EXPECT_THAT(terms(file), ElementsAre("night"));
  EXPECT_EQ(asset(id).state, AssetState::trashed);
}

TEST_F(Sequences, SplitIntoNewFilesWhereThereWereNone) {
  const AssetId id = make({1, 2, 3}).asset;

  write([&](Transaction& txn) { return split_sequence(txn, actor_, must(find_asset(db(), id))); });

  const PlacedAsset file = must(find_placed(db(), project_.folder, "plate.2.exr"));
  EXPECT_EQ(file.asset.kind, "image");
  EXPECT_EQ(file.asset.mode, 0644);
  EXPECT_EQ(must(object_of(db(), file.asset.version)), object_number(2));
}

TEST_F(Sequences, AreFoundByTheNamesOfTheirFrames) {
  const AssetId id = make({1001, 1002, 1003}).asset;

  const auto found = must(find_sequence(db(), project_.folder, *frame_name("plate.2000.exr")));

  EXPECT_EQ(found.asset.id, id);
  EXPECT_EQ(must(find_frame(db(), found.asset.version, "plate.1002.exr")).object,
            must(find_frame(db(), found.asset.version, static_cast<FrameNumber>(1002))).object);
  EXPECT_EQ(error_code(find_frame(db(), found.asset.version, "plate.01002.exr")), Errc::not_found);
  EXPECT_EQ(error_code(find_sequence(db(), project_.folder, *frame_name("plat.1001.exr"))),
            Errc::not_found);
  EXPECT_EQ(error_code(find_sequence(db(), project_.folder, *frame_name("plate.1001.dpx"))),
            Errc::not_found);
}

// --- deleting

TEST_F(Sequences, HideAFrameThatIsDeletedAndKeepItsBytes) {
  const AssetId id = make({1, 2, 3}).asset;

  write([&](Transaction& txn) {
    return hide_frame(txn, actor_, must(find_asset(db(), id)), static_cast<FrameNumber>(2));
  });

  EXPECT_THAT(numbers_of(id), ElementsAre(1, 3));
  EXPECT_TRUE(is_named(2));
  const auto versions = must(versions_of(db(), id));
  write([&](Transaction& txn) { return restore_version(txn, actor_, versions.back()); });
  EXPECT_THAT(numbers_of(id), ElementsAre(1, 2, 3));
}

TEST_F(Sequences, LoseAHiddenFrameWithTheNextVersion) {
  const AssetId id = make({1, 2, 3}).asset;
  write([&](Transaction& txn) {
    return hide_frame(txn, actor_, must(find_asset(db(), id)), static_cast<FrameNumber>(2));
  });

  make({4});

  EXPECT_THAT(numbers_of(id), ElementsAre(1, 3, 4));
}

TEST_F(Sequences, OfWhichEveryFrameWasDeletedLieWholeInTheTrash) {
  const AssetId id = make({1, 2, 3}).asset;
  const FileId before = asset(id).file;
  for (const int number : {1, 2, 3}) {
    write([&](Transaction& txn) {
      return hide_frame(txn, actor_, must(find_asset(db(), id)), static_cast<FrameNumber>(number));
    });
  }

  remove("plate.[1-3].exr");

  EXPECT_THAT(numbers_of(id), ElementsAre(1, 2, 3));
  EXPECT_NE(asset(id).file, before) << "the folder that was removed is dead to the kernel";
}

TEST_F(Sequences, AreNotReplacedByAnotherThatIsMovedOverThem) {
  make({1, 2, 3});
  write([&](Transaction& txn) -> Result<PlaceId> {
    LENSFS_TRY(const AssetId other, add_asset(txn, actor_,
                                              {.name = "b",
                                               .kind = "sequence",
                                               .first = {.object = object_number(50)},
                                               .type = S_IFDIR}));
    return add_place(txn, actor_, project_.folder, other, {.name = "b"});
  });
  const ScratchNames none({});

  EXPECT_EQ(error_code(try_write([&](Transaction& txn) {
              return move_entry(txn, actor_,
                                {.from = {.folder = project_.folder, .name = "b"},
                                 .to = {.folder = project_.folder, .name = "plate.[1-3].exr"}},
                                none);
            })),
            Errc::not_empty);
}

TEST_F(Sequences, AreMadeAtTheRateThatTheirFieldSays) {
  const AssetId id = make({1, 2, 3}).asset;
  const Profiles profiles = Profiles::built_in();
  const auto recipe = [&](std::string_view profile) {
    const Asset now = asset(id);
    return must(recipe_for(db(), *profiles.find(profile), now, now.name));
  };

  EXPECT_EQ(recipe("720p")->text(), "video.1 box=1280x720 format=mov");
  EXPECT_EQ(recipe("thumb")->form, Recipe::Form::still);
  EXPECT_EQ(recipe("filmstrip")->form, Recipe::Form::filmstrip);
  EXPECT_FALSE(recipe("waveform"));
  write([&](Transaction& txn) {
    return set_field(txn, actor_, must(find_asset(db(), id)), "fps", "23.976");
  });
  EXPECT_EQ(recipe("720p")->text(), "video.1 box=1280x720 format=mov rate=23976");
}

}  // namespace
}  // namespace lensfs::test
