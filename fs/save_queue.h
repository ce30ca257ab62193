// SaveQueue: the drafts that wait to be saved. Files that are closed one after the other are saved
// together, for who writes them shares the disk, the catalog and the processors with the saver.
// Thread-safe; one thread takes.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "catalog/model/ids.h"
#include "fs/node_id.h"

namespace lensfs {

class SaveQueue {
 public:
  using Clock = std::chrono::steady_clock;
  struct Due {
    DraftId draft{};
    Clock::time_point at{};  // not before
    int failures = 0;
    bool waited = false;  // for a second open to fill it
  };

  // Cheap.
  void add(DraftId draft);
  // The same once the last handle of the file is gone.
  void add_when_closed(NodeId file, DraftId draft);
  // The last handle of a file is gone. Cheap.
  void closed(NodeId file);
  // Saving it failed: it is tried again, later each time.
  void again(Due due);
  // It is empty: it comes once more in a while, if nobody fills it before.
  void wait_for_content(Due due);
  // From now on nothing waits for its time, and what fails is left to the next mount.
  void finish();

  // What is due, once it is; nothing: there is no more, or the stop.
  [[nodiscard]] std::vector<Due> take(const std::stop_token& stop);
  // Returns when so much time went by, or much waits.
  void gather(const std::stop_token& stop, Clock::duration pause);

 private:
  void add(Due due);
  [[nodiscard]] std::vector<Due> taken(Clock::time_point now);  // under mutex_

  std::mutex mutex_;  // guards all below; rank: leaf
  std::condition_variable_any wake_;
  std::deque<Due> due_;
  std::unordered_map<NodeId, DraftId> read_;  // saved once their readers are gone
  std::atomic<std::size_t> read_count_ = 0;   // of read_
  bool is_asleep_ = false;                    // until something is due
  bool finishing_ = false;
};

}  // namespace lensfs
