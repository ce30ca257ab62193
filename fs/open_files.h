// OpenFiles: which files are open, by how many handles, for writing or not, and as which backing
// file each is registered with the kernel.
//
// The kernel allows one backing file per inode while any passthrough handle is open, and answers
// EIO otherwise; so each node has one registration, shared by its handles, counted here. The table
// lies in the mount's state: a new worker finds what was open under the one that died.
// Registrations that nobody uses are kept, up to a number, to make the next open cheaper.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fs/mount_state.h"
#include "fs/node_id.h"

namespace lensfs {

enum class Access { read, write };

class OpenFiles {
 public:
  // How a file is registered with the kernel and taken off again; from the session. What is not
  // registered (no passthrough) has the backing id 0.
  struct Registration {
    std::int32_t backing_id = 0;
    std::uint64_t inode = 0;  // of the backing file
  };
  // Whether another node has that backing file open.
  using InUse = std::function<bool(std::uint64_t inode)>;
  using Register = std::function<Result<Registration>(const InUse& in_use)>;
  using Unregister = std::function<void(std::int32_t)>;

  OpenFiles(MountState& state, Unregister unregister);
  // Called when a node's bytes lie elsewhere from now on; before any other thread is let in.
  void on_moved(std::function<void(NodeId)> tell) { moved_ = std::move(tell); }

  struct Opening {
    Access access = Access::read;
    // `already`: the kernel resends a request that an earlier worker counted.
    enum class Counted { no, already } counted = Counted::no;
    // worker: the handle must not be registered; busy if the file is, and is in use.
    enum class Through { kernel, worker } through = Through::kernel;
  };
  // The backing id for one more handle of `node`. busy while its bytes move, or it is being saved
  // and is to be written; no_space when the table is full.
  [[nodiscard]] Result<std::int32_t> open(NodeId node, const Opening& opening, const Register& add);
  // Keeps the file from being saved while its owner lives: it is about to be written.
  class Intent {
   public:
    Intent(OpenFiles* files, NodeId node) : files_(files), node_(node) {}
    Intent(Intent&& other) noexcept
        : files_(std::exchange(other.files_, nullptr)), node_(other.node_) {}
    Intent& operator=(Intent&&) = delete;
    ~Intent() {
      if (files_ != nullptr) files_->end_intent(node_);
    }

   private:
    OpenFiles* files_;
    NodeId node_;
  };
  // busy while it is being saved.
  [[nodiscard]] Result<Intent> intend_to_write(NodeId node);

  struct Left {
    std::uint32_t opens = 0;
    std::uint32_t writers = 0;
  };
  // One handle less. Unknown nodes are ignored.
  Left release(NodeId node, Access access);
  [[nodiscard]] Left left(NodeId node) const;
  // --- bytes that come to lie elsewhere
  // While its owner lives, nothing of the node is registered with the kernel: who opens it has to
  // wait (after_saving).
  class Move {
   public:
    Move(OpenFiles* files, NodeId node) : files_(files), node_(node) {}
    Move(Move&& other) noexcept
        : files_(std::exchange(other.files_, nullptr)), node_(other.node_) {}
    Move& operator=(Move&& other) noexcept {
      std::swap(files_, other.files_);
      std::swap(node_, other.node_);
      return *this;
    }
    ~Move() {
      if (files_ != nullptr) files_->end_move(node_);
    }

   private:
    OpenFiles* files_;
    NodeId node_;
  };
  // Nothing if the node is read or written through the kernel just now.
  [[nodiscard]] std::optional<Move> begin_move(NodeId node);
  // Calls `change` with the inode behind the node's registration, while nobody can open anything;
  // the move lasts until what was changed is shown. Moves of `others`, which may be copies of that
  // file, are waited for. busy if one of them has that inode open; where it is registered but not
  // in use, it is taken off. changed if the node is not registered.
  [[nodiscard]] Result<Move> change_behind(
      NodeId node, const std::function<Result<std::vector<NodeId>>()>& others,
      const std::function<Status(std::uint64_t inode)>& change);
  // The node's bytes lie elsewhere now: a registration that no handle uses is taken off.
  void moved(NodeId node);
  // They lie where they did, but must not be written there any more.
  void settled(NodeId node) const {
    if (moved_) moved_(node);
  }

  // --- saving: nobody may begin to write to a file while it is made an object
  // False if somebody writes to it, or began to since `as_of`.
  [[nodiscard]] bool begin_saving(NodeId node, std::uint64_t as_of);
  void end_saving(NodeId node);
  // Runs `then` when the node is saved, or its bytes have moved; does nothing, and says false, if
  // neither is going on.
  [[nodiscard]] bool after_saving(NodeId node, std::function<void()> then);
  // Grows with each handle that is opened for writing, and each intent that begins or ends.
  [[nodiscard]] std::uint64_t write_opens() const;

  // The frames of a version that are open or registered.
  [[nodiscard]] std::vector<NodeId> frames_of(VersionId version) const;
  // Nothing is to be known of the node any more: it is gone.
  void forget(NodeId node);

  [[nodiscard]] std::size_t registered() const;
  [[nodiscard]] std::vector<NodeId> written() const;  // nodes that have writers

 private:
  using Waiting = std::vector<std::function<void()>>;
  using WaitingByNode = std::unordered_map<NodeId, Waiting>;
  // Takes the node out; nothing if it is not in. Under mutex_.
  static std::optional<Waiting> taken(WaitingByNode& from, NodeId node);
  void end_intent(NodeId node);
  void end_move(NodeId node);
  using Idle = std::list<NodeId>;
  struct Place {
    std::size_t index;    // of the slot
    Idle::iterator idle;  // idle_.end() while there are handles
  };
  using Places = std::unordered_map<NodeId, Place>;
  // --- under mutex_
  OpenSlot& slot(const Place& place) { return state_->slots[place.index]; }
  OpenSlot* slot(NodeId node);  // nothing if it is not in the table
  void count(Place& place, Access access);
  void trim();
  void free_slot(Places::iterator at);

  MountState& state_;
  Unregister unregister_;
  std::function<void(NodeId)> moved_;
  mutable std::mutex mutex_;  // guards all below and the slots; held over one ioctl; rank: leaf
  Places places_;
  std::vector<std::size_t> free_;
  Idle idle_;  // registered, no handle; the longest so first
  std::unordered_map<std::uint64_t, int>
      in_use_;  // inodes of backing files: nodes that have it open
  WaitingByNode saving_;
  std::unordered_map<NodeId, int> intents_;
  WaitingByNode moving_;  // one move at a time: make_writable's or the saver's
  std::condition_variable move_ended_;
  std::unordered_map<NodeId, std::uint64_t> opened_to_write_;  // when last; until it is saved
  std::uint64_t write_opens_ = 0;
};

}  // namespace lensfs
