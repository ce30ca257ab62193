// SidecarFiles: sidecars that are open. What is written is text in memory until it is closed; then
// the catalog says it (view_sidecar.h), or close(2) says why not. What a dead worker had in memory
// is gone with it: its handles are answered stale. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "fs/tree.h"

namespace lensfs {

class SidecarFiles {
 public:
  class File {
   public:
    explicit File(Fd bytes) : bytes_(std::move(bytes)) {}
    [[nodiscard]] int fd() const { return bytes_.get(); }
    void changed() { ++changes_; }

   private:
    friend class SidecarFiles;
    Fd bytes_;
    std::atomic<std::uint64_t> changes_{0};
    std::uint64_t taken_ = 0;  // changes_ as the catalog has them; under the mutex
    int opens_ = 0;            // under the mutex
  };
  using Shared = std::shared_ptr<File>;

  explicit SidecarFiles(Tree& tree) : tree_(tree) {}

  // One handle more; all see the same text.
  [[nodiscard]] Result<Shared> open(NodeId node);
  [[nodiscard]] Result<Shared> find(NodeId node);  // stale if nobody has it open
  [[nodiscard]] Result<Attributes> attributes(NodeId node);
  // Makes the catalog say what was written so far. invalid for what makes no sense.
  // That the text is empty counts when it is closed for good.
  enum class Closed { once, for_good };
  [[nodiscard]] Status take(const Asking& asking, NodeId node, Closed closed = Closed::once);
  void release(const Asking& asking, NodeId node);  // one handle less

 private:
  Tree& tree_;
  std::mutex mutex_;  // guards files_; rank: leaf
  std::unordered_map<NodeId, Shared> files_;
};

}  // namespace lensfs
