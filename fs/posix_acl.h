// Access lists as Linux keeps them in the attribute system.posix_acl_access.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

struct AclEntry {
  enum class Tag : std::uint16_t {
    owner = 0x01,
    user = 0x02,
    owning_group = 0x04,
    group = 0x08,
    mask = 0x10,
    other = 0x20,
  };
  static constexpr std::uint32_t kNobody = 0xFFFFFFFF;  // the id of all but user and group
  Tag tag = Tag::other;
  std::uint16_t bits = 0;  // rwx
  std::uint32_t id = kNobody;
  auto operator<=>(const AclEntry&) const = default;
};

[[nodiscard]] std::string acl_bytes(std::vector<AclEntry> entries);
[[nodiscard]] Result<std::vector<AclEntry>> parse_acl(std::string_view bytes);  // invalid

}  // namespace lensfs
