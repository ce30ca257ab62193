// Queue: what one stage of the pipeline hands to the next. Bounded, so that a fast stage waits for
// a slow one and memory stays small. Items go in and out in groups, because waking a thread costs
// as much as copying a small file. Thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace lensfs {

template <typename T>
class Queue {
 public:
  explicit Queue(std::size_t limit) : limit_(limit) {}

  // Waits while the queue is full; a group may overfill it. What comes into a closed queue is
  // dropped.
  void push(std::vector<T> group) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return items_.size() < limit_ || closed_; });
    if (closed_) return;
    const bool was_empty = items_.empty();
    std::move(group.begin(), group.end(), std::back_inserter(items_));
    lock.unlock();
    if (was_empty) filled_.notify_one();
  }

  // Up to `most` items, at least one; none once the queue is closed and empty.
  std::vector<T> pop(std::size_t most) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !items_.empty() || closed_; });
    return take(lock, most);
  }

  // Same, but none also when no item comes before `deadline`.
  std::vector<T> pop_until(std::size_t most, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    filled_.wait_until(lock, deadline, [this] { return !items_.empty() || closed_; });
    return take(lock, most);
  }

  // No more items will come; those inside can still be taken.
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    filled_.notify_all();
    room_.notify_all();
  }

 private:
  std::vector<T> take(std::unique_lock<std::mutex>& lock, std::size_t most) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, items_.size()));
    const bool was_full = items_.size() >= limit_;
    std::vector<T> taken(std::make_move_iterator(items_.begin()),
                         std::make_move_iterator(items_.begin() + count));
    items_.erase(items_.begin(), items_.begin() + count);
    const bool more = !items_.empty();
    lock.unlock();
    if (more) filled_.notify_one();  // whoever put them in woke one thread only
    if (was_full) room_.notify_all();
    return taken;
  }

  const std::size_t limit_;
  std::mutex mutex_;  // guards items_ and closed_; rank: leaf
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace lensfs
