// Notifier: follows the change log and tells the kernel which names and attributes are stale.
//
// One thread, the only one that notifies: a notification may wait for as long as any request on
// that folder is being answered, so it must never come from a request handler or under a lock that
// one takes. It wakes on writes to the catalog's log by any process, and on wake().
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "catalog/base/fd.h"
#include "catalog/db/commit_watch.h"
#include "fs/mount_state.h"
#include "fs/stale.h"
#include "fs/tree.h"

namespace lensfs {

class Herald;

// KernelCaches: what the kernel is told to forget. Failures are of no interest: what the
// kernel does not know of is not stale.
class KernelCaches {
 public:
  virtual ~KernelCaches() = default;
  virtual void forget_name(NodeId folder, std::string_view name) = 0;
  virtual void forget_folder(NodeId folder) = 0;  // its listing (or bytes) and attributes
  virtual void forget_attributes(NodeId file) = 0;
  // Every name is asked for again before it is used; no listing is forgotten. Since Linux 6.16.
  virtual void forget_all_names() {}
  // Returns once the kernel has heard all of it.
  virtual void settle() = 0;
};

class Notifier {
 public:
  Notifier(Tree& tree, MountState& state, KernelCaches& kernel, Herald& herald);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Begins to follow. io if the catalog cannot be watched.
  [[nodiscard]] Status start();
  // Called for each file and version that was purged, after the kernel was told; from the thread
  // that notifies. To be set before start().
  void on_gone(std::function<void(NodeId)> tell) { gone_ = std::move(tell); }
  // There may be something new. soon: nobody waits to see it elsewhere, so that what comes next may
  // be told together with it.
  enum class When { now, soon };
  void wake(When when = When::now);
  // The root shows something else from now on.
  void forget_root();
  // Runs `then` on the notifier's thread once the kernel was told of all that is committed now.
  void after_telling(std::function<void()> then);

 private:
  void run(const std::stop_token& stop);
  // Whether the catalog may have changed meanwhile.
  bool wait(int milliseconds);
  // Tells of all changes there are. True if there were any.
  [[nodiscard]] Result<bool> tell_all();
  void tell(const Stale& stale);
  [[nodiscard]] std::shared_ptr<const TypedFolders> typed();
  void tell_results();
  void tell_root();
  void tell_all_names();
  void tell_everything();
  [[nodiscard]] std::vector<std::function<void()>> take_waiting();

  Tree& tree_;
  MountState& state_;
  KernelCaches& kernel_;
  Herald& herald_;
  std::function<void(NodeId)> gone_;
  Fd wake_, soon_;  // eventfds
  CommitWatch watch_;
  std::mutex mutex_;  // guards waiting_; rank: leaf
  std::vector<std::function<void()>> waiting_;
  std::atomic<bool> root_is_old_{false};
  std::shared_ptr<const TypedFolders> typed_;  // the thread's own, made anew when more are known
  std::size_t typed_count_ = 0;
  std::jthread thread_;
};

}  // namespace lensfs
