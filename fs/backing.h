// BackingTable: which node is registered with the kernel as which backing file.
//
// The kernel allows one backing file per inode while any passthrough handle is open, and asks for
// EIO otherwise; so each node has one registration, shared by its handles, counted here. The table
// lies in the mount's state: a new worker finds the registrations of the one that died.
// Registrations that nobody uses are kept, up to a number, to make the next open cheaper.
// Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "fs/mount_state.h"
#include "fs/node_id.h"

namespace lensfs {

class BackingTable {
 public:
  // How a file is registered with the kernel and taken off again; from the session.
  using Register = std::function<Result<std::int32_t>()>;
  using Unregister = std::function<void(std::int32_t)>;

  BackingTable(MountState& state, Unregister unregister);

  // The backing id for one more handle of `node`. `again` says that the kernel resends a request
  // that an earlier worker counted. no_space when the table is full.
  enum class Counted { no, already };
  [[nodiscard]] Result<std::int32_t> open(NodeId node, Counted counted, const Register& add);
  // One handle less. Unknown nodes are ignored.
  void release(NodeId node);
  [[nodiscard]] std::size_t registered() const;

 private:
  void trim();  // under mutex_

  MountState& state_;
  Unregister unregister_;
  mutable std::mutex mutex_;  // guards all below and the slots; held over one ioctl; rank: leaf
  std::unordered_map<NodeId, std::size_t> slot_of_;
  std::vector<std::size_t> free_;
  std::deque<NodeId> idle_;  // registered, no handle; oldest first; may name nodes opened since
};

}  // namespace lensfs
