// OpenObjects: descriptors of objects and drafts that this process reads for the kernel, kept while
// they are in use and a little longer. Found by node, not by handle, so that a new worker goes on
// serving files that were opened under the one before. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "fs/working_files.h"

namespace lensfs {

class OpenObjects {
 public:
  using Shared = std::shared_ptr<const Fd>;  // shared with the requests that read from it

  explicit OpenObjects(const WorkingFiles& files) : files_(files) {}
  // The bytes of a file node. not_found if its version or object is gone.
  [[nodiscard]] Result<Shared> open(NodeId file);
  // Its bytes lie elsewhere now.
  void forget(NodeId file);

 private:
  const WorkingFiles& files_;
  std::mutex mutex_;                           // guards kept_; rank: leaf
  std::list<std::pair<NodeId, Shared>> kept_;  // newest use first
};

}  // namespace lensfs
