// Mounts whose keeper died: what is left at their mountpoint, and its end.
#pragma once

#include <filesystem>
#include <string>

#include "catalog/base/result.h"

namespace lensfs {

// The number of the device there, "major:minor", found without asking what is mounted; empty if it
// cannot be. The same at every path that leads to one mount.
[[nodiscard]] std::string device_at(const std::filesystem::path& mountpoint);
[[nodiscard]] std::string device_of(int fd);
// Whether a library is mounted there that no keeper holds any more. Asks the kernel and the library
// and never the mount, which may let whoever asks wait for ever.
[[nodiscard]] bool is_left_behind(const std::filesystem::path& mountpoint);
// Unmounts what a mount that died left at `mountpoint`; programs that wait for an answer of it get
// an error. busy if a living one is there.
[[nodiscard]] Status recover_mountpoint(const std::filesystem::path& mountpoint);

}  // namespace lensfs
