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
  using Shared = std::shared_ptr<const WorkingFiles::Bytes>;  // with the requests that use it

  explicit OpenObjects(WorkingFiles& files) : files_(files) {}
  // The bytes of a file node. not_found if its version or object is gone.
  [[nodiscard]] Result<Shared> open(NodeId file);
  // Its draft, which is begun now if it was opened for writing and nobody wrote so far. The caller
  // has it open for writing.
  [[nodiscard]] Result<Shared> open_to_write(NodeId file, const Actor& actor);
  // Its bytes lie elsewhere now.
  void forget(NodeId file);

 private:
  struct Kept {
    NodeId file{};
    bool for_writing = false;
    Shared bytes;
  };
  [[nodiscard]] Result<Shared> opened(NodeId file, bool for_writing);

  WorkingFiles& files_;
  std::mutex mutex_;             // guards all below; rank: leaf
  std::list<Kept> kept_;         // newest use first
  std::uint64_t forgotten_ = 0;  // calls of forget
};

}  // namespace lensfs
