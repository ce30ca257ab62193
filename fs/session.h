// Session: one worker's life on a mount: takes over the kernel's connection, serves until it is
// unmounted. Several may follow each other on one mount, never two at a time.
#pragma once

#include <string>

#include "catalog/model/catalog.h"
#include "catalog/model/settings.h"
#include "fs/asker.h"
#include "fs/mount_state.h"

namespace lensfs {

struct SessionOptions {
  int fuse_fd = -1;      // the connection to the kernel, owned by the keeper
  int ready_fd = -1;     // one byte is written here once requests are answered; -1: nobody waits
  int announce_fd = -1;  // to the announcer
  int herald_fd = -1;    // to the herald; -1: there is none
  bool io_uring = false;
  bool passthrough = true;
  unsigned threads = 0;  // 0: as many as cores, at least 4
  Settings settings{};
  Asker audience{};  // not null: everybody is this one
};

// Serves until the mount is gone. An error says why serving could not begin.
[[nodiscard]] Status serve(Catalog& catalog, MountState& state, const SessionOptions& options);

}  // namespace lensfs
