// /.lensfs: what the mount says of itself, as files. Looked up, never listed.
#pragma once

#include "fs/mount_state.h"
#include "fs/tree.h"

namespace lensfs {

inline constexpr std::string_view kControlName = ".lensfs";

// An entry of /.lensfs.
[[nodiscard]] Result<Found> find_control(const Attributes& folder, std::string_view name);
[[nodiscard]] bool is_control(NodeId node);
[[nodiscard]] Attributes control_attributes(const Attributes& root, NodeId node);
[[nodiscard]] Listing list_control(const Attributes& folder);
// The text of one of its files as of now.
[[nodiscard]] Result<std::string> control_text(const MountState& state, Tree& tree, NodeId node);

}  // namespace lensfs
