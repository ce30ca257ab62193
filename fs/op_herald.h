// The herald's requests: answered so that the kernel takes what it is told of for done, and
// changing nothing (herald.h).
#pragma once

#include "fs/request.h"

namespace lensfs {

[[nodiscard]] inline bool is_herald(fuse_req_t request) {
  const std::int32_t herald = mount_of(request).state->herald_pid.load(std::memory_order_relaxed);
  return herald != 0 && fuse_req_ctx(request)->pid == herald;
}

void herald_lookup(fuse_req_t request, fuse_ino_t parent, const char* name);
void herald_setattr(fuse_req_t request, fuse_ino_t ino, struct stat* to, int what,
                    fuse_file_info* file);
void herald_mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t);
void herald_mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode);
void herald_symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name);

}  // namespace lensfs
