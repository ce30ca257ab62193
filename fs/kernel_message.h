// Notifications that wait for no lock of a folder, as the kernel takes them: they may be written to
// the connection from anywhere. All others are the announcer's.
#pragma once

#include <linux/fuse.h>

#include <cstdint>

#include "fs/node_id.h"

namespace lensfs {

// Of every node: numbers are not used again.
inline constexpr std::uint32_t kGeneration = 1;

struct InvalidInode {
  fuse_out_header header;
  fuse_notify_inval_inode_out body;
};

// The attributes of a node are to be asked for again and, unless `offset` is negative, its bytes or
// its listing.
[[nodiscard]] inline InvalidInode invalid_inode(NodeId node, std::int64_t offset) {
  InvalidInode message{};
  message.header.len = sizeof message;
  message.header.error = FUSE_NOTIFY_INVAL_INODE;
  message.body.ino = static_cast<std::uint64_t>(node);
  message.body.off = offset;
  return message;
}

// Every name is to be asked for again before it is used. Since Linux 6.16; not in older headers.
[[nodiscard]] inline fuse_out_header all_names_message() {
  constexpr std::int32_t kNotifyIncreaseEpoch = 8;
  fuse_out_header message{};
  message.len = sizeof message;
  message.error = kNotifyIncreaseEpoch;
  return message;
}

}  // namespace lensfs
