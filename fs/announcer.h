// Announcer: hands the notifications of the worker to the kernel, from a process of its own.
//
// A notification waits for the lock of its folder, which is held by whoever waits for an answer
// about that folder; it cannot be interrupted. Inside the worker it would keep a worker that was
// killed from ending, with its locks and descriptors, and nobody would ever answer. So it is the
// announcer that waits, and the next worker that answers.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "catalog/base/fd.h"
#include "fs/notifier.h"

namespace lensfs {

// The keeper's side. One thread.
class Announcer {
 public:
  // Starts the process. `connection` is the mount's.
  [[nodiscard]] static Result<Announcer> start(int connection);
  // Starts it again if it has ended.
  void reap();
  // Ends it for good. False while it is still saying something: then the worker has to live on,
  // because what it says waits for an answer of the worker's.
  [[nodiscard]] bool end();
  // Where workers send what they announce; inherited by number.
  [[nodiscard]] int for_workers() const { return workers_end_.get(); }

 private:
  explicit Announcer(int connection) : connection_(connection) {}
  [[nodiscard]] Status fork_off();
  int connection_;
  Fd workers_end_, own_end_;
  pid_t process_ = 0;
};

// The worker's side. One thread: the notifier's.
class Announcements final : public KernelCaches {
 public:
  explicit Announcements(int announcer) : announcer_(announcer) {}
  void forget_name(NodeId folder, std::string_view name) override;
  void forget_folder(NodeId folder) override;
  void forget_attributes(NodeId file) override;
  void forget_all_names() override;
  void settle() override;

 private:
  void send(const void* message, std::size_t size) const;
  int announcer_;
  std::uint64_t settled_ = 0;  // the last token that was sent
};

}  // namespace lensfs
