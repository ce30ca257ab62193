// Keeper: the process that holds the mount. It opens /dev/fuse, mounts, and starts the worker that
// serves; when a worker dies it starts another, which goes on where the last one stopped. It does
// nothing else, so that there is little in it to go wrong.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "catalog/base/fd.h"
#include "fs/mount_state.h"

namespace lensfs {

struct KeeperOptions {
  std::filesystem::path library;     // absolute
  std::filesystem::path mountpoint;  // absolute
  // Arguments of a worker: the program, then options; the keeper appends the descriptors.
  std::vector<std::string> worker;
  // Arguments of the process that makes renditions meanwhile; empty: none is started.
  std::vector<std::string> renderer;
  std::string lens;  // the profile that the root shows at first; empty: none
  bool read_only = false;
  bool allow_other = true;
};

// Mounts and keeps the mount until it is unmounted, from outside or by SIGTERM or SIGINT, which
// detach it at once even when files are open. SIGHUP replaces the worker (after an upgrade).
// `ready` is called once, when the first worker serves. Must be called with one thread running.
[[nodiscard]] Status keep_mount(const KeeperOptions& options, const std::function<void()>& ready);

}  // namespace lensfs
