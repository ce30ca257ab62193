#include "fs/clips.h"

#include <algorithm>

#include "catalog/base/log.h"
#include "catalog/base/text.h"
#include "catalog/model/asset.h"
#include "catalog/model/job.h"
#include "catalog/model/scratch.h"
#include "fs/program_names.h"
#include "transcode/client/settling.h"

namespace lensfs {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMostKept = 64;
// A clip that nobody read for so long is let go: its decoders are free for others, and its lock for
// who makes a rendition of it.
constexpr std::chrono::seconds kKept{10};
constexpr std::chrono::seconds kSweepPause{2};
constexpr std::chrono::seconds kNotePause{1};

}  // namespace

void Clips::finish() {
  std::jthread thread;
  {
    const std::scoped_lock lock(mutex_);
    thread.swap(thread_);
  }
  if (thread.joinable()) {
    thread.request_stop();
    thread.join();  // it uses the pool
  }
  std::unique_ptr<SlotPool> pool;  // ends without the mutex, which whoever is told takes
  const std::scoped_lock lock(mutex_);
  pool.swap(pool_);
}

SlotPool& Clips::pool() {
  const std::scoped_lock lock(mutex_);
  if (!pool_) {
    SlotPool::Options options;
    options.sessions = std::max(2U, std::thread::hardware_concurrency());
    options.limits.memory_bytes = static_cast<std::uint64_t>(settings_.memory);
    options.complete = [this](const SharedClip& clip) { completed(clip); };
    pool_ = std::make_unique<SlotPool>(std::move(options));
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  return *pool_;
}

Result<Clips::SharedClip> Clips::open_clip(Database& db, const Outline& outline,
                                           const std::string& name) {
  auto clip = std::make_shared<SlotClip>();
  clip->id = number(outline.id);
  clip->build = outline.build;
  LENSFS_TRY(clip->recipe, recipe_of(db, outline.recipe));
  LENSFS_TRY(const ObjectKey source, find_object(db, outline.source));
  LENSFS_TRY(clip->source, catalog_.store().open_object(source));
  clip->source_size = static_cast<std::int64_t>(source.size);
  clip->extension = lower_extension(name);
  LENSFS_TRY(const OutlineStore* const outlines, this->outlines());
  LENSFS_TRY(OutlineStore::Files files, outlines->open_files(clip->id));
  // Held as long as somebody may render: see settle().
  LENSFS_CHECK(lock_file(files.bytes.get(), LockMode::shared, Wait::yes));
  LENSFS_TRY(clip->file, RenderedFile::open(std::move(files)));
  return clip;
}

// Never null.
Result<const OutlineStore*> Clips::outlines() {
  const std::scoped_lock lock(mutex_);
  if (!outlines_) {
    LENSFS_TRY(outlines_, OutlineStore::open(catalog_.path()));
  }
  return &*outlines_;
}

void Clips::note_waited() {
  {
    const std::scoped_lock lock(mutex_);
    const auto now = SteadyClock::now();
    if (!outlines_ || now - waited_ < kNotePause) return;
    waited_ = now;
  }
  outlines_->note_waited();
}

bool Clips::may_open(std::int64_t process) {
  const ScratchNames refused(settings_.refused);
  for (const std::string& name : names_of_program(process)) {
    if (!refused.matches(name)) continue;
    const std::scoped_lock lock(mutex_);
    if (refused_.insert(name).second) {
      log::warn("a program may not open what is not rendered yet: [renditions] refuse program={}",
                name);
    }
    return false;
  }
  return true;
}

Clips::SharedClip Clips::kept(OutlineId outline) {
  const auto at = std::find_if(kept_.begin(), kept_.end(),
                               [&](const Kept& one) { return one.clip->id == number(outline); });
  if (at == kept_.end()) return nullptr;
  at->used = SteadyClock::now();
  kept_.splice(kept_.begin(), kept_, at);
  return kept_.front().clip;
}

Result<Clips::SharedClip> Clips::clip_of(NodeId at) {
  {
    const std::scoped_lock lock(mutex_);
    if (SharedClip known = kept(outline_of(at))) return known;
  }
  SharedClip clip;
  {
    LENSFS_TRY(const auto db, catalog_.snapshot());
    LENSFS_TRY(const Outline outline, find_outline(*db, outline_of(at)));
    LENSFS_TRY(const Version version, find_version(*db, version_of(at)));
    LENSFS_TRY(const Asset asset, find_asset(*db, version.asset));
    LENSFS_TRY(clip, open_clip(*db, outline, asset.name));
  }
  const std::scoped_lock lock(mutex_);
  if (SharedClip other = kept(outline_of(at))) return other;
  kept_.push_front({clip, SteadyClock::now()});
  if (kept_.size() > kMostKept) kept_.pop_back();
  return clip;
}

// Of an outline whose rendition is there.
Result<Clips::Bytes> Clips::whole(NodeId at) {
  LENSFS_TRY(const auto db, catalog_.snapshot());
  LENSFS_TRY(const Outline outline, find_outline(*db, outline_of(at)));
  LENSFS_TRY(const auto ready, find_rendition(*db, outline.source, outline.recipe));
  if (!ready || ready->size != outline.size) return fail(Errc::stale);
  LENSFS_TRY(const ObjectKey object, object_of(*db, *ready));
  LENSFS_TRY(Fd file, catalog_.store().open_object(object));
  const auto owner = std::make_shared<const Fd>(std::move(file));
  return Bytes{.fd = owner->get(), .owner = owner};
}

void Clips::read(NodeId at, std::int64_t offset, std::int64_t size, Then then) {
  const auto clip = clip_of(at);
  if (is_missing(clip)) {
    const auto bytes = whole(at);
    return then(is_missing(bytes) ? Result<Bytes>(fail(Errc::stale)) : bytes);
  }
  if (!clip) return then(fail(clip.error()));
  const std::int64_t end = std::min(offset + size, (*clip)->file->map().file_size());
  const SlotMap::Slots slots =
      (*clip)->file->map().within(offset, std::max<std::int64_t>(end - offset, 0));
  if (!(*clip)->file->has(slots)) note_waited();
  pool().want(*clip, slots, [this, at, clip = *clip, then = std::move(then)](const Status& done) {
    if (done) return then(Bytes{.fd = clip->file->bytes(), .owner = clip});
    if (done.error().code() == Errc::stale) {
      make_anew(outline_of(at));
      return then(fail(Errc::stale));
    }
    log::error("a clip cannot be rendered outline={} error=\"{}\"", clip->id,
               done.error().message());
    then(fail(Errc::io));
  });
}

// By the decoder of now.
void Clips::make_anew(OutlineId id) {
  const Status asked = catalog_.write_soon([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Outline outline, find_outline(txn.db(), id));
    LENSFS_TRY(auto job, job_for(txn.db(), outline));
    if (!job) return {};
    job->priority = Priority::waited;
    return ask_for(txn, *job);
  });
  if (!asked) log::warn("an outline is not made anew: {}", asked.error().message());
}

// --- what is whole

void Clips::completed(const SharedClip& clip) {
  {
    const std::scoped_lock lock(mutex_);
    if (!settled_.insert(clip->id).second) return;
    whole_.push_back(clip);
  }
  news_.notify_one();
}

void Clips::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    SharedClip clip;
    {
      std::unique_lock lock(mutex_);
      news_.wait_for(lock, stop, kSweepPause, [&] { return !whole_.empty(); });
      if (!whole_.empty()) {
        clip = whole_.front();
        whole_.pop_front();
      }
    }
    if (!clip) {
      let_go_of_idle();
      continue;
    }
    const Status settled = settle(clip, stop);
    if (settled) continue;
    // Whoever has it open beside us makes a rendition of it, or the next who completes some.
    if (settled.error().code() != Errc::busy) {
      log::warn("a clip that is rendered stays as it is outline={} error=\"{}\"", clip->id,
                settled.error().message());
    }
    const std::scoped_lock lock(mutex_);
    settled_.erase(clip->id);
  }
}

void Clips::let_go_of_idle() {
  std::list<Kept> idle;
  SlotPool* pool = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    pool = pool_.get();
    const auto used_since = SteadyClock::now() - kKept;
    while (!kept_.empty() && kept_.back().used < used_since) {
      idle.splice(idle.begin(), kept_, std::prev(kept_.end()));
    }
  }
  for (const Kept& one : idle) pool->let_go(one.clip);
}

// Makes an object of the file, without a copy. What the original has damaged stays an outline,
// which tells of it.
Status Clips::settle(const SharedClip& clip, const std::stop_token& stop) {
  if (!clip->file->replaced().empty()) return {};
  pool().let_go(clip);  // a decoder that could still write would damage the object
  LENSFS_TRY(const OutlineStore* const outlines, this->outlines());
  const auto settled = settle_outline(catalog_.store(), *outlines, *clip->file, clip->id, stop);
  if (!settled) {
    pool().take_back(clip);
    return fail(settled.error());
  }
  LENSFS_CHECK(catalog_.write_soon([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Outline outline, find_outline(txn.db(), static_cast<OutlineId>(clip->id)));
    return add_rendition(txn, outline.source, outline.recipe,
                         {.object = settled->object,
                          .extension = outline.extension,
                          .width = outline.width,
                          .height = outline.height,
                          .duration = outline.duration});
  }));
  return outlines->remove(clip->id);
}

}  // namespace lensfs
