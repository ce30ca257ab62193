// LensNode: a folder seen through a profile. The folder itself may be of any kind, folders in time
// included; lenses do not lie behind each other: the later one takes the place of the earlier.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "catalog/base/result.h"
#include "fs/node_id.h"

namespace lensfs {

struct LensNode {
  std::string profile;
  NodeId folder{};

  auto operator<=>(const LensNode&) const = default;
  // One line of text that says it all, and back (invalid for anything else).
  [[nodiscard]] std::string spec() const;
  [[nodiscard]] static Result<LensNode> from_spec(std::string_view spec);
  [[nodiscard]] NodeId id(unsigned salt = 0) const;
};

}  // namespace lensfs
