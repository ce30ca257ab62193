#include "fs/save_queue.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace lensfs {
namespace {

using std::chrono::seconds;

// More than this many are recorded in several transactions.
constexpr std::size_t kMostAtOnce = 1024;
// Looked at again after this at the latest.
constexpr auto kLongestSleep = seconds(60);
constexpr auto kLongestGathering = seconds(1);
// A new file that is still empty is probably about to be filled by a second open.
constexpr auto kEmptyPatience = seconds(2);
// After a failure (the disk is full), up to how often it is tried again.
constexpr auto kLongestPause = seconds(30);

}  // namespace

// Who sleeps is woken once, not for each file.
void SaveQueue::add(Due due) {
  bool wakes = false;
  {
    const std::scoped_lock lock(mutex_);
    due_.push_back(due);
    wakes = std::exchange(is_asleep_, false) || due_.size() == kMostAtOnce;
  }
  if (wakes) wake_.notify_one();
}

void SaveQueue::add(DraftId draft) {
  add({.draft = draft, .at = Clock::now()});
}

void SaveQueue::add_when_closed(NodeId file, DraftId draft) {
  const std::scoped_lock lock(mutex_);
  read_[file] = draft;
  read_count_ = read_.size();
}

void SaveQueue::closed(NodeId file) {
  if (read_count_ == 0) return;
  DraftId draft{};
  {
    const std::scoped_lock lock(mutex_);
    const auto at = read_.find(file);
    if (at == read_.end()) return;
    draft = at->second;
    read_.erase(at);
    read_count_ = read_.size();
  }
  add(draft);
}

void SaveQueue::again(Due due) {
  ++due.failures;
  const std::scoped_lock lock(mutex_);
  if (finishing_) return;  // the next mount takes it up
  due.at = Clock::now() + std::min<Clock::duration>(kLongestPause, seconds(1) * due.failures);
  due_.push_back(due);
}

void SaveQueue::wait_for_content(Due due) {
  const std::scoped_lock lock(mutex_);
  due.at = finishing_ ? Clock::now() : Clock::now() + kEmptyPatience;
  due.waited = true;
  due_.push_back(due);
}

void SaveQueue::finish() {
  {
    const std::scoped_lock lock(mutex_);
    finishing_ = true;
  }
  wake_.notify_all();
}

std::vector<SaveQueue::Due> SaveQueue::taken(Clock::time_point now) {
  std::vector<Due> batch;
  std::unordered_set<DraftId> seen;  // a file may have been closed several times
  for (auto at = due_.begin(); at != due_.end() && batch.size() < kMostAtOnce;) {
    if (at->at > now && !finishing_) {
      ++at;
      continue;
    }
    if (seen.insert(at->draft).second) batch.push_back(*at);
    at = due_.erase(at);
  }
  return batch;
}

std::vector<SaveQueue::Due> SaveQueue::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto now = Clock::now();
    std::vector<Due> batch = taken(now);
    if (!batch.empty() || finishing_ || stop.stop_requested()) return batch;
    Clock::time_point next = now + kLongestSleep;
    for (const Due& due : due_) next = std::min(next, due.at);
    is_asleep_ = true;
    wake_.wait_until(lock, stop, next, [&] { return finishing_ || !is_asleep_; });
    is_asleep_ = false;
  }
}

void SaveQueue::gather(const std::stop_token& stop, Clock::duration pause) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, std::min<Clock::duration>(pause, kLongestGathering),
                 [&] { return finishing_ || due_.size() >= kMostAtOnce; });
}

}  // namespace lensfs
