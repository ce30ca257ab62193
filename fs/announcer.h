// Announcer: hands the notifications of the worker to the kernel, from a process of its own.
//
// A notification waits for the lock of its folder, which is held by whoever waits for an answer
// about that folder; it cannot be interrupted (helper.h).
#pragma once

#include <string_view>

#include "fs/helper.h"
#include "fs/notifier.h"

namespace lensfs {

// Starts the process. `connection` is the mount's.
[[nodiscard]] Result<Helper> start_announcer(int connection);

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
