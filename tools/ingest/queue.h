// Queue: what one stage of the pipeline hands to the next. Bounded, so that a fast stage waits for
// a slow one and memory stays small. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace lensfs {

template <typename T>
class Queue {
 public:
  explicit Queue(std::size_t limit) : limit_(limit) {}

  // Waits while the queue is full. What is pushed into a closed queue is dropped.
  void push(T item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return items_.size() < limit_ || closed_; });
    if (closed_) return;
    items_.push_back(std::move(item));
    filled_.notify_one();
  }

  // The next item; nothing once the queue is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !items_.empty() || closed_; });
    return take();
  }

  // The next item, or nothing when none comes before `deadline` or the queue is closed and empty.
  std::optional<T> pop_until(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    filled_.wait_until(lock, deadline, [this] { return !items_.empty() || closed_; });
    return take();
  }

  // No more items will come; those inside can still be taken.
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    filled_.notify_all();
    room_.notify_all();
  }

 private:
  std::optional<T> take() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    room_.notify_one();
    return item;
  }

  const std::size_t limit_;
  std::mutex mutex_;  // guards items_ and closed_; rank: leaf
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace lensfs
