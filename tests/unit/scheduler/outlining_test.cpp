// Renditions for editing: known at once, made only when somebody asks.
#include "transcode/scheduler/outlining.h"

#include <gmock/gmock.h>

#include "catalog/model/file.h"
#include "catalog/model/outline_collecting.h"
#include "catalog/model/purge.h"
#include "tests/support/fake_engines.h"
#include "tests/unit/scheduler/scheduler_test.h"
#include "transcode/scheduler/crew.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Outlining : public SchedulerTest {
 protected:
  Outlining() { settings_.making.eager = {"edit"}; }

  void work(const std::string& build = "fake-1") {
    Crew crew(
        catalog(), settings_,
        {.workers = 2, .until = CrewOptions::Until::idle, .engines = [&](const RenditionSettings&) {
           return std::make_unique<FakeEngines>(FakeEngines::Options{.build = build});
         }});
    must(crew.work({}));
  }
  std::optional<Outline> outline(AssetId id, const std::string& profile = "edit") {
    const auto db = must(catalog().read());
    const Asset asset = must(find_asset(*db, id));
    const Version version = must(find_version(*db, asset.version));
    return must(standing_of(*db, version.object, recipe(id, profile))).outline;
  }
  // The version before the current one.
  void purge_old_version_of(AssetId id) {
    must(catalog().write([&](Transaction& txn) -> Status {
      LENSFS_CHECK(forget_lost_files(txn, INT64_MAX));  // nobody has one open
      LENSFS_TRY(const auto old, purgeable_versions(txn.db(), id, {}));
      LENSFS_TRY([[maybe_unused]] const auto freed,
                 purge_version(txn, {}, old.front(), VersionRule::Labelled::stay));
      return {};
    }));
  }
  OutlineStore files() { return must(OutlineStore::open(library())); }
};

TEST_F(Outlining, IsDoneAtIngest) {
  const AssetId clip = add("clip.mov", "the clip");

  work();

  const auto outline = this->outline(clip);
  ASSERT_TRUE(outline);
  EXPECT_EQ(outline->size, kFakeSlot * 9);
  EXPECT_EQ(outline->extension, "mov");
  EXPECT_EQ(outline->build, "fake-1");
  EXPECT_TRUE(files().open_files(number(outline->id)));
  EXPECT_FALSE(rendition(clip, "edit")) << "nothing was rendered";
  EXPECT_THAT(jobs(), IsEmpty());
}

TEST_F(Outlining, IsDoneOnce) {
  const AssetId clip = add("clip.mov", "the clip");
  work();
  const auto first = outline(clip);
  add("the same.mov", "the clip");
  work();

  EXPECT_EQ(outline(clip)->id, first->id);
  EXPECT_THAT(files().numbers().value(), SizeIs(1));
}

TEST_F(Outlining, IsFollowedByTheWholeWhereSomebodyAsks) {
  const AssetId clip = add("clip.mov", "the clip");
  work();

  ask(clip, "edit", Priority::asked);
  work();

  EXPECT_EQ(rendition(clip, "edit"), fake_rendition("the clip", recipe(clip, "edit")));
  EXPECT_THAT(jobs(), IsEmpty());
}

TEST_F(Outlining, OfADamagedSourceFailsWithWords) {
  add("clip.mov", "broken");

  work();

  ASSERT_THAT(jobs(), SizeIs(1));
  EXPECT_EQ(jobs().front().state, JobState::failed);
  EXPECT_EQ(jobs().front().error, "moov atom not found");
}

TEST_F(Outlining, IsDoneAnewByAnotherBuild) {
  const AssetId clip = add("clip.mov", "the clip");
  work();
  const auto before = outline(clip);

  work("fake-2");

  const auto after = outline(clip);
  EXPECT_EQ(after->build, "fake-2");
  EXPECT_NE(after->id, before->id) << "another file, for whoever has the first one open";
}

TEST_F(Outlining, LeavesNoFilesOfWhatIsNotKnown) {
  const AssetId clip = add("clip.mov", "the clip");
  work();
  const auto stray = must(files().create());
  must(files().keep(stray, 4711));

  must(remove_stray_outlines(catalog()));

  EXPECT_THAT(files().numbers().value(), ElementsAre(number(outline(clip)->id)));
}

TEST_F(Outlining, IsCollectedOnceItsSourceIsGone) {
  const AssetId clip = add("clip.mov", "the clip");
  work();
  add("clip.mov", "the clip, cut");
  work();
  purge_old_version_of(clip);

  const auto young =
      must(collect_outlines(catalog(), 3600 * kNanosecondsPerSecond, Store::Dry::no));
  const auto dry = must(collect_outlines(catalog(), 0, Store::Dry::yes));
  EXPECT_THAT(files().numbers().value(), SizeIs(2));
  const auto done = must(collect_outlines(catalog(), 0, Store::Dry::no));

  EXPECT_EQ(young.kept_young, 1U);
  EXPECT_EQ(dry.outlines, 1U);
  EXPECT_EQ(done.outlines, 1U);
  EXPECT_EQ(done.bytes, dry.bytes);
  EXPECT_THAT(files().numbers().value(), ElementsAre(number(outline(clip)->id)));
}

TEST_F(Outlining, IsCollectedOnceItsRenditionIsMadeAndItsReadersGoOn) {
  const AssetId clip = add("clip.mov", "the clip");
  work();
  const auto before = outline(clip);
  ask(clip, "edit", Priority::asked);
  work();

  EXPECT_EQ(must(collect_outlines(catalog(), 0, Store::Dry::no)).outlines, 1U);

  EXPECT_THAT(files().numbers().value(), IsEmpty());
  EXPECT_TRUE(find_outline(*must(catalog().read()), before->id)) << "its file may be open";
  EXPECT_TRUE(rendition(clip, "edit"));
}

TEST_F(Outlining, IsCollectedOnceAnotherBuildBeganAnother) {
  const AssetId clip = add("clip.mov", "the clip");
  work();
  EXPECT_EQ(must(collect_outlines(catalog(), 0, Store::Dry::no)).outlines, 0U) << "it is needed";
  work("fake-2");

  EXPECT_EQ(must(collect_outlines(catalog(), 0, Store::Dry::no)).outlines, 1U);

  EXPECT_THAT(files().numbers().value(), ElementsAre(number(outline(clip)->id)));
}

}  // namespace
}  // namespace lensfs::test
