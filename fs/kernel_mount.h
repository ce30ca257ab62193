// The mount(2) side of FUSE: a connection to the kernel at a mountpoint, and its end.
#pragma once

#include <filesystem>
#include <string>

#include "catalog/base/fd.h"
#include "catalog/base/result.h"

namespace lensfs {

struct KernelMount {
  std::filesystem::path mountpoint;
  std::string source;  // shown by findmnt: the library
  bool read_only = false;
  bool allow_other = true;  // users other than the one who mounts may enter
};

// Mounts and gives the connection. Root mounts by itself, others through fusermount3.
// denied, not_found (/dev/fuse or the mountpoint), not_directory.
[[nodiscard]] Result<Fd> mount_fuse(const KernelMount& mount);
// Takes the mount out of the tree of names at once; what is open stays usable until closed.
[[nodiscard]] Status detach(const std::filesystem::path& mountpoint);
// The same for one that nobody serves; whoever waits for an answer gets ECONNABORTED. Where the
// caller is not root it is only detached.
[[nodiscard]] Status end_by_force(const std::filesystem::path& mountpoint);

}  // namespace lensfs
