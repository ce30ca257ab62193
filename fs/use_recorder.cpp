#include "fs/use_recorder.h"

#include <algorithm>

#include "catalog/base/log.h"
#include "fs/program_names.h"

namespace lensfs {
namespace {

using std::chrono::steady_clock;

constexpr auto kGathering = std::chrono::seconds(1);
constexpr auto kPrunePause = std::chrono::hours(1);
// In one shard: a crowd is written at once, and of more nothing is kept.
constexpr std::size_t kCrowd = 2048;
constexpr std::size_t kMostNotes = 16384;
// Rows that a full disk keeps from being written.
constexpr std::size_t kMostWaiting = 65536;
constexpr std::int64_t kPruned = 1000;
constexpr int kWorkerShift = 40;
constexpr std::uint64_t kWorkerMask = 0xffff;

// Which shard a thread begins with.
std::size_t shard_of_thread() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t own = threads.fetch_add(1);
  return own;
}

}  // namespace

UseRecorder::UseRecorder(Catalog& catalog, const UsageSettings& usage,
                         const RenditionSettings& renditions, std::uint32_t worker)
    : catalog_(catalog),
      usage_(usage),
      ignored_(usage.ignore),
      renditions_(renditions),
      next_(((worker & kWorkerMask) << kWorkerShift) + 1) {}

UseRecorder::~UseRecorder() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void UseRecorder::start() {
  if (!is_on() && !usage_.keep) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void UseRecorder::finish() {
  {
    const std::scoped_lock lock(mutex_);
    finishing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

UseHandle UseRecorder::opened(const Opening& opening) {
  if (!is_on()) return UseHandle::none;
  const auto handle = static_cast<UseHandle>(next_.fetch_add(1, std::memory_order_relaxed));
  leave({.kind = Note::Kind::opened,
         .at = Clock().now(),
         .handle = handle,
         .opening = opening,
         .program = program_of(opening.process)});
  return handle;
}

void UseRecorder::served(UseHandle handle, std::int64_t bytes) {
  if (!is_on() || handle == UseHandle::none || bytes <= 0) return;
  put([&](Batch& batch) { batch.served[handle] += bytes; });
}

void UseRecorder::copied(UseHandle from, const Opening& opening, std::int64_t bytes) {
  if (!is_on()) return;
  leave({.kind = Note::Kind::copied,
         .at = Clock().now(),
         .handle = from,
         .opening = opening,
         .program = program_of(opening.process),
         .bytes = bytes});
}

void UseRecorder::closed(UseHandle handle) {
  if (!is_on() || handle == UseHandle::none) return;
  leave({.kind = Note::Kind::closed, .at = Clock().now(), .handle = handle});
}

void UseRecorder::leave(Note note) {
  put([&](Batch& batch) { batch.notes.push_back(std::move(note)); });
}

// Waits for nobody: where another thread is at a shard just now, the next one is free.
template <typename Put>
void UseRecorder::put(Put&& put_into) {
  const std::size_t own = shard_of_thread();
  for (std::size_t offset = 0; offset < shards_.size(); ++offset) {
    Shard& shard = shards_[(own + offset) % shards_.size()];
    const std::unique_lock lock(shard.mutex, std::try_to_lock);
    if (!lock) continue;
    const std::size_t held = shard.batch.notes.size() + shard.batch.served.size();
    if (held >= kMostNotes) break;
    put_into(shard.batch);
    const bool is_first = !news_.load(std::memory_order_relaxed) && !news_.exchange(true);
    const bool is_crowd =
        held >= kCrowd && !crowded_.load(std::memory_order_relaxed) && !crowded_.exchange(true);
    return is_first || is_crowd ? wake() : void();
  }
  dropped_.fetch_add(1, std::memory_order_relaxed);
}

// Once or twice in a batch.
void UseRecorder::wake() {
  { const std::scoped_lock lock(mutex_); }  // who is about to wait has looked, or will be told
  wake_.notify_one();
}

void UseRecorder::run(const std::stop_token& stop) {
  bool finishing = false;
  while (!finishing && !stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, stop, prune_at_, [&] { return news_ || finishing_; });
      if (news_) {
        wake_.wait_for(lock, stop, kGathering, [&] { return crowded_ || finishing_; });
      }
      finishing = finishing_;
    }
    news_ = false;
    crowded_ = false;
    write(drain());
    if (!finishing && steady_clock::now() >= prune_at_) prune();
  }
}

UseRecorder::Batch UseRecorder::drain() {
  Batch all;
  for (Shard& shard : shards_) {
    Batch batch;
    {
      const std::scoped_lock lock(shard.mutex);
      std::swap(batch, shard.batch);
    }
    std::move(batch.notes.begin(), batch.notes.end(), std::back_inserter(all.notes));
    for (const auto& [handle, bytes] : batch.served) all.served[handle] += bytes;
  }
  std::stable_sort(all.notes.begin(), all.notes.end(),
                   [](const Note& a, const Note& b) { return a.at < b.at; });
  return all;
}

void UseRecorder::write(Batch batch) {
  if (const std::uint64_t dropped = dropped_.exchange(0); dropped != 0) {
    log::warn("uses came too fast to be noted count={}", dropped);
  }
  if (!batch.notes.empty() || !batch.served.empty() || !early_.empty()) {
    static_cast<void>(catalog_.pool().settle());  // files that were just made have no row yet
    const auto db = catalog_.snapshot();
    if (!db) return log::error("uses are lost: {}", db.error().message());
    take(**db, batch);
  }
  if (dirty_.empty() && used_.empty()) return;
  if (const Status stored = store(); !stored) {
    if (!std::exchange(is_stuck_, true)) {
      log::error("uses cannot be written yet count={} {}", dirty_.size(), stored.error().message());
    }
    if (dirty_.size() <= kMostWaiting) return;
    log::error("uses are lost count={}", dirty_.size());
    for (const SharedLine& line : dirty_) line->is_dirty = false;
    dirty_.clear();
    return;
  }
  is_stuck_ = false;
  forget_idle(Clock().now());
}

Status UseRecorder::store() {
  std::vector<UseId> ids;
  LENSFS_CHECK(catalog_.write_beside([&](Transaction& txn) -> Status {
    for (const SharedLine& line : dirty_) {
      if (line->use.id == UseId{}) {
        LENSFS_TRY(const UseId id, add_use(txn, line->use));
        ids.push_back(id);
      } else {
        LENSFS_CHECK(update_use(txn, line->use));
        ids.push_back(line->use.id);
      }
    }
    for (const auto& [asset, usage] : used_) {
      LENSFS_CHECK(note_used(txn, asset, usage.last, usage.times));
    }
    return {};
  }));
  for (std::size_t at = 0; at < dirty_.size(); ++at) {
    dirty_[at]->use.id = ids[at];
    dirty_[at]->is_dirty = false;
  }
  dirty_.clear();
  used_.clear();
  return {};
}

// A few at a time, so that nobody waits for it.
void UseRecorder::prune() {
  prune_at_ = steady_clock::now() + kPrunePause;
  if (!usage_.keep) return;
  const Nanoseconds before = Clock().now() - *usage_.keep;
  const auto gone =
      catalog_.write_soon([&](Transaction& txn) { return forget_uses(txn, before, kPruned); });
  if (!gone) return log::warn("old uses stay: {}", gone.error().message());
  if (*gone == kPruned) prune_at_ = steady_clock::now() + kGathering;
}

}  // namespace lensfs
