// The herald's process: does what the worker says once more, through the mount, so that the kernel
// tells those who watch (herald.h). It asks for folders by number and finds only those that the
// kernel knows; what it does there the worker answers without changing anything (op_herald.h).
#pragma once

#include "fs/helper.h"
#include "fs/mount_state.h"

namespace lensfs {

// Starts it. `state` says where the mount is, and learns the process's number.
[[nodiscard]] Result<Helper> start_herald(MountState& state);

}  // namespace lensfs
