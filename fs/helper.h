// Helper: a process beside the worker that may wait in the kernel for as long as it takes, and that
// the keeper starts and ends. Workers send it messages, each whole (SOCK_SEQPACKET).
//
// What waits for an answer about a folder cannot be interrupted. Inside the worker it would keep a
// worker that was killed from ending, with its locks and descriptors, and nobody would ever answer.
// So it is a helper that waits, and the next worker that answers.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "catalog/base/fd.h"

namespace lensfs {

// The keeper's side. One thread.
class Helper {
 public:
  struct Job {
    std::string name;  // of the process, at most 15 bytes
    // What it does with its end of the socket; ends the process when that is closed, never returns.
    std::function<void(int messages)> work;
    int keeps = -1;  // a descriptor that it needs; all others are closed
    // The process is gone, and its number may be another's soon. May be empty.
    std::function<void()> gone;
  };
  [[nodiscard]] static Result<Helper> start(Job job);
  // Starts it again if it has ended.
  void reap();
  // Ends it for good. False while it still waits: then the worker has to live on, because what it
  // waits for is an answer of the worker's.
  [[nodiscard]] bool end();
  // Where workers send messages; inherited by number.
  [[nodiscard]] int for_workers() const { return workers_end_.get(); }

 private:
  explicit Helper(Job job) : job_(std::move(job)) {}
  [[nodiscard]] Status fork_off();
  Job job_;
  Fd workers_end_, own_end_;
  pid_t process_ = 0;
};

}  // namespace lensfs
