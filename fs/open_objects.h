// OpenObjects: descriptors of objects that this process reads for the kernel, kept while they are
// in use and a little longer. Found by node, not by handle, so that a new worker goes on serving
// files that were opened under the one before. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "catalog/model/catalog.h"
#include "fs/node_id.h"

namespace lensfs {

class OpenObjects {
 public:
  using Shared = std::shared_ptr<const Fd>;  // shared with the requests that read from it

  explicit OpenObjects(Catalog& catalog) : catalog_(catalog) {}
  // The bytes of a file node. not_found if its version or object is gone.
  [[nodiscard]] Result<Shared> open(NodeId file);
  // A descriptor that nobody else uses.
  [[nodiscard]] Result<Fd> open_own(NodeId file);

 private:
  Catalog& catalog_;
  std::mutex mutex_;                           // guards kept_; rank: leaf
  std::list<std::pair<NodeId, Shared>> kept_;  // newest use first
};

}  // namespace lensfs
