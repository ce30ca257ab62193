// Slots that are rendered when somebody wants them, by decoders that may die.
#include <fcntl.h>
#include <signal.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "tests/support/temp_dir.h"
#include "tests/support/waiting.h"
#include "tests/unit/transcode/decoding.h"
#include "tests/unit/transcode/test_slots.h"
#include "transcode/client/slot_pool.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

const Recipe kEdit{.form = Recipe::Form::edit, .format = "mov"};

// --- where slots lie

TEST(SlotMap, FindsTheSlotsThatHoldARange) {
  const auto map = SlotMap::make(
      1000, {{.offset = 100, .bytes = 10, .count = 20}, {.offset = 400, .bytes = 100, .count = 3}});
  ASSERT_TRUE(map);
  const auto within = [&](std::int64_t offset, std::int64_t bytes) {
    const SlotMap::Slots slots = map->within(offset, bytes);
    return std::pair(slots.count == 0 ? -1 : slots.first, slots.count);
  };

  EXPECT_EQ(map->count(), 23);
  EXPECT_EQ(within(0, 100), std::pair(std::int64_t{-1}, std::int64_t{0}));  // the header
  EXPECT_EQ(within(0, 101), std::pair(std::int64_t{0}, std::int64_t{1}));
  EXPECT_EQ(within(109, 1), std::pair(std::int64_t{0}, std::int64_t{1}));
  EXPECT_EQ(within(109, 2), std::pair(std::int64_t{0}, std::int64_t{2}));
  EXPECT_EQ(within(299, 1), std::pair(std::int64_t{19}, std::int64_t{1}));
  EXPECT_EQ(within(300, 100), std::pair(std::int64_t{-1}, std::int64_t{0}));  // between runs
  EXPECT_EQ(within(295, 106), std::pair(std::int64_t{19}, std::int64_t{2}));
  EXPECT_EQ(within(0, 1000), std::pair(std::int64_t{0}, std::int64_t{23}));
  EXPECT_EQ(within(700, 300), std::pair(std::int64_t{-1}, std::int64_t{0}));  // the end
  EXPECT_EQ(map->where(20).offset, 400);
  EXPECT_EQ(map->where(22).offset, 600);
}

TEST(SlotMap, RefusesWhatCannotBe) {
  const auto refuses = [](std::int64_t size, const std::vector<SlotRun>& runs) {
    const auto map = SlotMap::make(size, runs);
    return !map && map.error().code() == Errc::corrupt;
  };

  EXPECT_TRUE(refuses(-1, {}));
  EXPECT_TRUE(refuses(100, {{.offset = 0, .bytes = 0, .count = 1}}));
  EXPECT_TRUE(refuses(100, {{.offset = 0, .bytes = 10, .count = 11}}));
  EXPECT_TRUE(refuses(100, {{.offset = 0, .bytes = 10, .count = INT64_MAX / 2}}));
  auto map = SlotMap::make(100, {{.offset = 0, .bytes = 10, .count = 10}});
  EXPECT_FALSE(map->set_entries({3, 3}));
  EXPECT_FALSE(map->set_entries({10}));
  EXPECT_TRUE(refuses(
      100, {{.offset = 50, .bytes = 10, .count = 1}, {.offset = 55, .bytes = 10, .count = 1}}));
}

TEST(SlotMap, IsReadAsItWasWritten) {
  auto map = SlotMap::make(1000, {{.offset = 100, .bytes = 10, .count = 20}});
  ASSERT_TRUE(map && map->set_entries({5, 12}));
  const Fd file = memory_file("");

  ASSERT_TRUE(map->write(file.get()));
  const auto read = SlotMap::read(file.get());

  ASSERT_TRUE(read);
  EXPECT_EQ(read->file_size(), 1000);
  EXPECT_EQ(read->count(), 20);
  EXPECT_EQ(read->entry_after(0), 5);
  EXPECT_EQ(read->entry_after(5), 12);
  EXPECT_EQ(read->entry_after(12), 20) << "there is none";
  EXPECT_EQ(read->entry_before(4), 0);
  EXPECT_EQ(read->entry_before(5), 5);
  EXPECT_EQ(SlotMap::read(memory_file("nothing of the kind").get()).error().code(), Errc::corrupt);
}

// --- a pool of decoders

class Slots : public testing::Test {
 protected:
  // A clip that is outlined and not rendered.
  std::shared_ptr<SlotClip> clip(const std::string& deeds, std::int64_t id = 1) {
    auto clip = std::make_shared<SlotClip>();
    clip->id = id;
    clip->recipe = kEdit;
    clip->source = memory_file(deeds);
    clip->source_size = static_cast<std::int64_t>(deeds.size());
    EngineProcess engine({.path = LENSFS_TEST_ENGINES});
    auto files = store_->create();
    EXPECT_TRUE(files);
    const auto made = engine.outline(
        {.fd = clip->source.get(), .size = clip->source_size, .extension = ""}, kEdit,
        {.bytes = files->bytes.get(), .layout = files->layout.get()}, ample_limits(), {});
    EXPECT_TRUE(made) << (made ? "" : made.error().message());
    clip->build = engine.build();
    EXPECT_TRUE(store_->keep(*files, id));
    clip->file = *RenderedFile::open(*store_->open_files(id));
    return clip;
  }
  // The same file, opened by somebody else.
  std::unique_ptr<RenderedFile> reopened(std::int64_t id = 1) {
    return *RenderedFile::open(*store_->open_files(id));
  }
  SlotPool::Options options() { return {.sessions = 2, .program = {.path = LENSFS_TEST_ENGINES}}; }
  // What becomes of one want; waits for it.
  static Status wanted(SlotPool& pool, const std::shared_ptr<SlotClip>& clip, std::int64_t first,
                       std::int64_t count) {
    std::mutex mutex;
    std::condition_variable news;
    std::optional<Status> told;
    pool.want(clip, {.first = first, .count = count}, [&](const Status& status) {
      const std::scoped_lock lock(mutex);
      told = status;
      news.notify_one();
    });
    std::unique_lock lock(mutex);
    news.wait(lock, [&] { return told.has_value(); });
    return *told;
  }
  static std::string slot_in(const SlotClip& clip, std::int64_t slot) {
    std::string bytes(kTestSlot, '\0');
    EXPECT_TRUE(
        read_full(clip.file->bytes(), std::as_writable_bytes(std::span(bytes)), slot * kTestSlot));
    return bytes;
  }

  TempDir library_;
  std::optional<OutlineStore> store_ = *OutlineStore::open(prepared(library_));

 private:
  static std::filesystem::path prepared(const TempDir& folder) {
    std::filesystem::create_directory(folder / "staging");
    return folder.path();
  }
};

TEST_F(Slots, AreThereOnceTheyAreWanted) {
  const auto clip = this->clip("slots 100");
  SlotPool pool(options());

  EXPECT_FALSE(clip->file->has(40));
  ASSERT_TRUE(wanted(pool, clip, 40, 3));

  for (const std::int64_t slot : {40, 41, 42}) EXPECT_EQ(slot_in(*clip, slot), test_slot(slot));
  EXPECT_FALSE(clip->file->has(90));
}

TEST_F(Slots, AreRenderedAheadOfWhoReadsInOrder) {
  const auto clip = this->clip("slots 100");
  std::atomic<bool> complete = false;
  auto with = options();
  with.ahead = 100;
  with.complete = [&](const std::shared_ptr<SlotClip>&) {
    complete.store(true);
    complete.notify_all();
  };
  SlotPool pool(std::move(with));

  ASSERT_TRUE(wanted(pool, clip, 0, 1));
  ASSERT_TRUE(wanted(pool, clip, 1, 1));
  complete.wait(false);

  EXPECT_TRUE(clip->file->is_complete());
}

TEST_F(Slots, OfTheNextGroupsAreRenderedByWhoeverIsIdle) {
  const auto clip = this->clip("slots 200 group 50 hang 30");
  auto with = options();
  with.limits.quiet = std::chrono::seconds(1);
  SlotPool pool(std::move(with));

  for (std::int64_t slot = 0; slot < 16; ++slot) ASSERT_TRUE(wanted(pool, clip, slot, 1));

  EXPECT_TRUE(wait_until([&] { return clip->file->has({.first = 50, .count = 50}); }))
      << "the decoder that he reads from is at slot 30";
  EXPECT_FALSE(clip->file->has(49));
}

TEST_F(Slots, AreKnownToWhoOpensTheFileLater) {
  {
    const auto clip = this->clip("slots 10 damaged 4");
    SlotPool pool(options());
    ASSERT_TRUE(wanted(pool, clip, 3, 2));
  }
  const auto file = reopened();

  EXPECT_FALSE(file->has(2));
  EXPECT_TRUE(file->has({.first = 3, .count = 2}));
  ASSERT_EQ(file->replaced().size(), 1U);
  EXPECT_EQ(file->replaced().front().first, 4);
  EXPECT_EQ(*damage_in(library_.path(), 1), "4");
}

TEST_F(Slots, AreRenderedAgainWhereTheDiskLostThem) {
  const auto clip = this->clip("slots 10");
  {
    SlotPool pool(options());
    ASSERT_TRUE(wanted(pool, clip, 3, 1));
  }
  const std::string lost(100, '\0');
  ASSERT_TRUE(write_full(clip->file->bytes(), std::as_bytes(std::span(lost)), 3 * kTestSlot));

  EXPECT_FALSE(reopened()->has(3));
}

TEST_F(Slots, OutliveADecoderThatDies) {
  const auto clip = this->clip("slots 100 crash 17");
  SlotPool pool(options());

  ASSERT_TRUE(wanted(pool, clip, 10, 20));

  EXPECT_EQ(slot_in(*clip, 17), test_slot(17));
}

TEST_F(Slots, FailWhereEveryDecoderDies) {
  const auto clip = this->clip("slots 100 always-crash 17");
  SlotPool pool(options());

  const Status died = wanted(pool, clip, 17, 1);
  const Status others = wanted(pool, clip, 30, 1);

  ASSERT_FALSE(died);
  EXPECT_THAT(died.error().message(), HasSubstr("signal"));
  EXPECT_TRUE(others);
}

TEST_F(Slots, FailWithWhatTheDecoderSays) {
  const auto clip = this->clip("slots 100 refuse 17");
  SlotPool pool(options());

  const Status refused = wanted(pool, clip, 17, 1);

  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("the disk is full"));
}

TEST_F(Slots, FailAfterATimeWithoutAny) {
  const auto clip = this->clip("slots 100 hang 17");
  auto with = options();
  with.limits.quiet = std::chrono::milliseconds(50);
  SlotPool pool(std::move(with));

  const Status hung = wanted(pool, clip, 17, 1);

  ASSERT_FALSE(hung);
  EXPECT_THAT(hung.error().message(), HasSubstr("rendered nothing for 50 ms"));
}

TEST_F(Slots, OfAnotherBuildAreNotAdded) {
  const auto clip = this->clip("slots 100");
  clip->build = "an-older-one";
  SlotPool pool(options());

  EXPECT_EQ(wanted(pool, clip, 17, 1).error().code(), Errc::stale);
  EXPECT_FALSE(clip->file->has(17));
}

TEST_F(Slots, AreRightForManyReadersOfManyClips) {
  constexpr std::int64_t kClips = 6;
  constexpr std::int64_t kSlots = 60;
  std::vector<std::shared_ptr<SlotClip>> clips;
  for (std::int64_t id = 1; id <= kClips; ++id) clips.push_back(clip("slots 60 crash 31", id));
  SlotPool pool(options());
  std::atomic<int> failures = 0;

  std::vector<std::jthread> readers;
  for (std::int64_t reader = 0; reader < 16; ++reader) {
    readers.emplace_back([&, reader] {
      for (std::int64_t step = 0; step < kSlots; ++step) {
        const auto& clip = clips[static_cast<std::size_t>((reader + step) % kClips)];
        const std::int64_t slot = reader % 2 == 0 ? step : (step * 37 + reader) % kSlots;
        if (!wanted(pool, clip, slot, 1) || slot_in(*clip, slot) != test_slot(slot)) ++failures;
      }
    });
  }
  readers.clear();

  EXPECT_EQ(failures, 0);
}

TEST_F(Slots, OfAClipThatIsLetGoAreWrittenByNobody) {
  const auto clip = this->clip("slots 100");
  SlotPool pool(options());
  ASSERT_TRUE(wanted(pool, clip, 17, 1));

  pool.let_go(clip);

  // Nobody else has the file open now.
  EXPECT_TRUE(lock_file(clip->file->bytes(), LockMode::exclusive, Wait::no));
}

TEST_F(Slots, ThatSomebodyWaitsForEndWithThePool) {
  const auto clip = this->clip("slots 100 hang 17");
  std::optional<Status> told;
  {
    auto with = options();
    with.limits.quiet = std::chrono::milliseconds(100);
    SlotPool pool(std::move(with));
    pool.want(clip, {.first = 17, .count = 1}, [&](const Status& status) { told = status; });
  }

  ASSERT_TRUE(told);
  EXPECT_FALSE(*told);
}

}  // namespace
}  // namespace lensfs::test
