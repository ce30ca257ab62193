// The request a thread works on: what libfuse does not show of it.
#pragma once

#include <cstdint>

#include "catalog/model/feed.h"
#include "catalog/model/request_log.h"
#include "fs/asker.h"
#include "fs/fuse.h"
#include "fs/mount.h"

namespace lensfs {

// The kernel's header of the request that this thread is carrying out. Set by the session's loop.
struct CurrentRequest {
  std::uint64_t unique = 0;  // 0 when the request came by io_uring, which shows no header
  bool resent = false;       // an earlier worker may have carried it out
  std::size_t thread = 0;    // number of this thread in the session
};
[[nodiscard]] CurrentRequest& current_request();

[[nodiscard]] inline Mount& mount_of(fuse_req_t request) {
  return *static_cast<Mount*>(fuse_req_userdata(request));
}
[[nodiscard]] inline NodeId node(fuse_ino_t ino) {
  return static_cast<NodeId>(ino);
}

// Who asks, as the change log and versions name people. Their kernel knows what they ask for.
[[nodiscard]] Actor actor_of(fuse_req_t request);

// The key under which a changing request is noted, so that it is done once.
[[nodiscard]] inline RequestKey key_of(fuse_req_t request) {
  const CurrentRequest& current = current_request();
  if (current.unique == 0) return {};
  return {.mount = mount_of(request).state->mount_id,
          .request = static_cast<std::int64_t>(current.unique),
          .resent = current.resent};
}

[[nodiscard]] inline Asking asking_of(fuse_req_t request) {
  return {actor_of(request), key_of(request)};
}

// For whom a request is carried out: null for root and the owner of the library, and while there
// are no rules of access. Groups are asked of the kernel, and kept for a moment.
[[nodiscard]] Asker asker_of(fuse_req_t request);

// The number of a mount as the change log has it.
[[nodiscard]] std::int64_t origin_of(std::string_view mount_id);

}  // namespace lensfs
