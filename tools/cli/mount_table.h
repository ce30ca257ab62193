// The drives that are mounted on this machine, as the kernel lists them; nothing is asked of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lensfs {

struct MountedDrive {
  std::string library;     // absolute
  std::string mountpoint;  // absolute
  bool allow_other = false;
  bool read_only = false;
};

[[nodiscard]] std::vector<MountedDrive> mounted_drives();
// What /proc/self/mountinfo would give for `text`; for tests.
[[nodiscard]] std::vector<MountedDrive> mounted_drives_in(std::string_view text);

}  // namespace lensfs
