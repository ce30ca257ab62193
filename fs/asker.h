// Asker: for whom this thread works just now. Nobody: for the library itself, as commands, the
// mount's own threads, its owner and root do; nothing is kept from them.
#pragma once

#include <memory>
#include <utility>

#include "catalog/model/access_state.h"

namespace lensfs {

using Asker = std::shared_ptr<const AccessCaller>;

[[nodiscard]] inline Asker& current_asker() {
  thread_local Asker asker;
  return asker;
}

// Makes somebody the asker of this thread for as long as it lives.
class ActingFor {
 public:
  explicit ActingFor(Asker asker) : before_(std::exchange(current_asker(), std::move(asker))) {}
  ~ActingFor() { current_asker() = std::move(before_); }
  ActingFor(const ActingFor&) = delete;
  ActingFor& operator=(const ActingFor&) = delete;

 private:
  Asker before_;
};

}  // namespace lensfs
