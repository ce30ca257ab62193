// Files that are brought (brought_files.h) and sidecars (sidecar_files.h): what becomes of requests
// for them. The handlers of the other op_*.cpp ask is_served_here() first.
#pragma once

#include <sys/stat.h>

#include <optional>

#include "fs/request.h"

namespace lensfs {

[[nodiscard]] constexpr bool is_brought(NodeId node) {
  return class_of(node) == NodeClass::brought;
}

// Makes one under this name and replies; false if nothing may be written there.
[[nodiscard]] bool create_brought(fuse_req_t request, NodeId folder, const char* name, mode_t mode,
                                  const fuse_file_info& file);
// What a look-up of somebody finds who is about to replace what it found.
[[nodiscard]] Found found_for(fuse_req_t request, NodeId folder, std::string_view name,
                              const Found& found);
// Opens what a lens shows, to write it anew: replies that it has to be looked up again; false if
// that was done and led to the same file.
[[nodiscard]] bool open_to_replace(fuse_req_t request, NodeId shown);

[[nodiscard]] constexpr bool is_sidecar(NodeId node) {
  return class_of(node) == NodeClass::sidecar;
}
// What this process reads and writes by itself: files that are brought, and sidecars.
[[nodiscard]] constexpr bool is_served_here(NodeId node) {
  return is_brought(node) || is_sidecar(node);
}

void open_sidecar(fuse_req_t request, NodeId node, fuse_file_info file);
void open_brought(fuse_req_t request, NodeId node, fuse_file_info file);
void release_brought(fuse_req_t request, NodeId node);
void set_brought(fuse_req_t request, NodeId node, const struct stat& to, int what);

// The bytes that a request reads or writes, of a file of any kind. Held while it does.
class FileBytes {
 public:
  [[nodiscard]] static Result<FileBytes> to_read(fuse_req_t request, NodeId node);
  [[nodiscard]] static Result<FileBytes> to_write(fuse_req_t request, NodeId node);
  [[nodiscard]] int fd() const {
    if (sidecar_) return sidecar_->fd();
    return brought_ ? brought_->fd() : object_->file.get();
  }
  // To be called after each write.
  void changed() const {
    if (brought_) brought_->changed();
    if (sidecar_) sidecar_->changed();
  }

 private:
  SidecarFiles::Shared sidecar_;
  BroughtFiles::Shared brought_;
  OpenObjects::Shared object_;
};

}  // namespace lensfs
