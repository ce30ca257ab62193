// ActingAs: this thread looks at files as a user would, while it lives: the kernel and the drive
// decide what there is to see, by rules, modes and ACLs. Other threads stay who they are.
#pragma once

#include <sys/types.h>

#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

class ActingAs {
 public:
  // denied where this process may not act as others; only root may. Its own user, and for a process
  // that is not root's the superuser too, are acted for as it is.
  [[nodiscard]] static Result<ActingAs> user(uid_t uid);
  ~ActingAs();
  ActingAs(ActingAs&& other) noexcept;
  ActingAs(const ActingAs&) = delete;
  ActingAs& operator=(const ActingAs&) = delete;
  ActingAs& operator=(ActingAs&&) = delete;

 private:
  ActingAs() = default;
  bool is_other_ = false;
  uid_t uid_ = 0;  // that it was before
  gid_t gid_ = 0;
  std::vector<gid_t> groups_;
};

}  // namespace lensfs
