// MountStatus: what a mount says of itself in .lensfs/status, lines of "key: value".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

struct MountStatus {
  std::vector<std::pair<std::string, std::string>> lines;
  [[nodiscard]] std::optional<std::string> value(std::string_view key) const;
};

// not_found if no drive is mounted there.
[[nodiscard]] Result<MountStatus> read_mount_status(const std::string& mountpoint);

}  // namespace lensfs
