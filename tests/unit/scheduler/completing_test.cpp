// Outlines are completed while nothing else is to be done.
#include "transcode/scheduler/completing.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/support/fake_engines.h"
#include "tests/unit/scheduler/scheduler_test.h"
#include "transcode/scheduler/crew.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CompletingOutlines : public SchedulerTest {
 protected:
  CompletingOutlines() { settings_.making.eager = {"edit"}; }

  std::unique_ptr<Engines> engines() {
    return std::make_unique<FakeEngines>(FakeEngines::Options{.on_slot = [&](std::int64_t slot) {
      ++rendered_;
      if (on_slot_) on_slot_(slot);
    }});
  }
  void work() {
    Crew crew(catalog(), settings_,
              {.workers = 1,
               .until = CrewOptions::Until::idle,
               .engines = [&](const RenditionSettings&) { return engines(); },
               .report =
                   [&](const WorkReport& report) {
                     const bool is_made = report.outcome.kind == Outcome::Kind::made;
                     if (is_made) made_.push_back(report.job.name);
                   }});
    must(crew.work({}));
  }
  // An outline of so many slots, with nothing in it.
  AssetId outlined(const std::string& name, std::size_t slots) {
    const AssetId id = add(name, std::string(slots - 1, name.front()) + ".");
    const Completing wanted = std::exchange(settings_.complete, Completing::none);
    work();
    settings_.complete = wanted;
    return id;
  }
  std::optional<Outline> outline(AssetId id) {
    const auto db = must(catalog().read());
    const Asset asset = must(find_asset(*db, id));
    const Version version = must(find_version(*db, asset.version));
    const auto known = must(find_recipe(*db, recipe(id, "edit")));
    return must(find_outline(*db, version.object, *known));
  }
  OutlineStore files() { return must(OutlineStore::open(library())); }
  std::unique_ptr<RenderedFile> file(AssetId id) {
    return must(RenderedFile::open(must(files().open_files(number(outline(id)->id)))));
  }
  // As somebody who plays it does.
  void render(AssetId id, std::int64_t count, bool is_replaced = false) {
    const auto into = file(id);
    const std::string bytes(kFakeSlot, 'x');
    for (std::int64_t slot = 0; slot < count; ++slot) {
      const SlotMap::Stretch where = into->map().where(slot);
      must(write_full(into->bytes(), std::as_bytes(std::span(bytes)), where.offset));
      must(
          into->note({.slot = slot, .checksum = slot_checksum(bytes), .is_replaced = is_replaced}));
    }
  }

  std::function<void(std::int64_t)> on_slot_;
  std::atomic<int> rendered_ = 0;
  std::vector<std::string> made_;
};

TEST_F(CompletingOutlines, IsNotDoneUnlessTheSettingsSaySo) {
  const AssetId clip = outlined("clip.mov", 20);
  render(clip, 19);

  work();

  EXPECT_EQ(rendered_, 0);
  EXPECT_FALSE(rendition(clip, "edit"));
}

TEST_F(CompletingOutlines, OfWhatSomebodyReadLeavesOutWhatHeGlancedAt) {
  const AssetId read = outlined("read.mov", 40);
  const AssetId glanced = outlined("glanced.mov", 40);
  const AssetId untouched = outlined("untouched.mov", 40);
  render(read, 4);
  render(glanced, 3);
  settings_.complete = Completing::read;

  work();

  EXPECT_THAT(made_, ElementsAre("read.mov"));
  EXPECT_EQ(rendered_, 36) << "what was there is not rendered again";
  const auto bytes = rendition(read, "edit");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->substr(kFakeSlot, kFakeSlot), std::string(kFakeSlot, 'x'));
  EXPECT_EQ(bytes->substr(5 * kFakeSlot, kFakeSlot), std::string(kFakeSlot, 'e'));
  EXPECT_FALSE(rendition(glanced, "edit"));
  EXPECT_FALSE(rendition(untouched, "edit"));
  EXPECT_THAT(files().numbers().value(), SizeIs(2)) << "its files are the object now";
  EXPECT_THAT(jobs(), IsEmpty());
}

TEST_F(CompletingOutlines, OfAllBeginsWithWhatWasRead) {
  outlined("one.mov", 5);
  const AssetId read = outlined("two.mov", 50);
  render(read, 1);
  settings_.complete = Completing::all;

  work();

  EXPECT_THAT(made_, ElementsAre("two.mov", "one.mov"));
}

TEST_F(CompletingOutlines, ThatIsStoppedGoesOnWhereItWas) {
  const AssetId clip = outlined("clip.mov", 20);
  settings_.complete = Completing::all;
  std::stop_source stop;
  on_slot_ = [&](std::int64_t slot) {
    if (slot == 7) stop.request_stop();
  };
  {
    Completions completions(catalog(), settings_);
    EXPECT_TRUE(must(completions.plan_some(1)));
    const auto worker = must(
        Worker::start(catalog(), settings_, {.engines = engines(), .report = {}, .progress = {}}));
    must(worker->work_once(stop.get_token()));
  }
  EXPECT_EQ(rendered_, 8);
  EXPECT_FALSE(rendition(clip, "edit"));
  ASSERT_THAT(jobs(), SizeIs(1));
  EXPECT_EQ(jobs().front().attempts, 0);

  on_slot_ = {};
  work();

  EXPECT_EQ(rendered_, 20) << "each was rendered once";
  EXPECT_TRUE(rendition(clip, "edit"));
}

TEST_F(CompletingOutlines, MakesWayForWhatIsDue) {
  const AssetId clip = outlined("clip.mov", 20);
  settings_.complete = Completing::all;
  on_slot_ = [&](std::int64_t) {
    if (rendered_ == 3) ask(clip, "720p");
    EXPECT_EQ(rendition(clip, "720p").has_value(), rendered_ > 3);
  };

  work();

  EXPECT_TRUE(rendition(clip, "edit"));
  EXPECT_EQ(rendered_, 20);
}

TEST_F(CompletingOutlines, WaitsWhileSomebodyReads) {
  const AssetId clip = outlined("clip.mov", 20);
  settings_.complete = Completing::all;
  files().note_waited();

  work();

  EXPECT_EQ(rendered_, 0);
  EXPECT_FALSE(rendition(clip, "edit"));
}

TEST_F(CompletingOutlines, LeavesWhatTellsOfDamage) {
  const AssetId clip = outlined("clip.mov", 20);
  render(clip, 2, true);
  settings_.complete = Completing::all;

  work();
  work();

  EXPECT_EQ(rendered_, 18);
  EXPECT_FALSE(rendition(clip, "edit"));
  EXPECT_TRUE(file(clip)->noted().any_replaced);
  EXPECT_THAT(jobs(), IsEmpty());
}

TEST_F(CompletingOutlines, MakesARenditionOfWhatIsWholeOnceNobodyHasItOpen) {
  const AssetId clip = outlined("clip.mov", 20);
  render(clip, 20);
  {
    const auto open = file(clip);
    must(lock_file(open->bytes(), LockMode::shared, Wait::no));
    work();
    EXPECT_FALSE(rendition(clip, "edit"));
  }

  work();

  EXPECT_EQ(rendered_, 0);
  EXPECT_TRUE(rendition(clip, "edit"));
}

TEST_F(CompletingOutlines, ThatFailsSaysSoOnceAndLeavesTheOutline) {
  const AssetId clip = add("clip.mov", "rotten");
  work();
  settings_.complete = Completing::all;

  work();
  work();

  ASSERT_THAT(jobs(), SizeIs(1));
  EXPECT_EQ(jobs().front().state, JobState::failed);
  EXPECT_EQ(jobs().front().error, "the decoder crashed");
  EXPECT_TRUE(outline(clip)) << "it is shown all the same";
}

}  // namespace
}  // namespace lensfs::test
