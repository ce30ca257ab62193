#include "fs/backing.h"

namespace lensfs {
namespace {

constexpr std::size_t kMostIdle = 1024;

}  // namespace

BackingTable::BackingTable(MountState& state, Unregister unregister)
    : state_(state), unregister_(std::move(unregister)) {
  for (std::size_t i = kBackingSlots; i-- > 0;) {
    const BackingSlot& slot = state_->slots[i];
    if (slot.node == 0) {
      free_.push_back(i);
      continue;
    }
    const auto node = static_cast<NodeId>(slot.node);
    slot_of_[node] = i;
    if (slot.opens == 0) idle_.push_back(node);
  }
}

Result<std::int32_t> BackingTable::open(NodeId node, Counted counted, const Register& add) {
  const std::scoped_lock lock(mutex_);
  if (const auto at = slot_of_.find(node); at != slot_of_.end()) {
    BackingSlot& slot = state_->slots[at->second];
    if (counted == Counted::no) ++slot.opens;
    return slot.backing_id;
  }
  if (free_.empty()) return fail(Errc::no_space);
  LENSFS_TRY(const std::int32_t backing_id, add());
  const std::size_t index = free_.back();
  free_.pop_back();
  BackingSlot& slot = state_->slots[index];
  slot.backing_id = backing_id;
  slot.opens = 1;
  // The node makes the slot count; a worker that dies before leaves only an unused registration.
  std::atomic_ref(slot.node).store(static_cast<std::uint64_t>(node));
  slot_of_[node] = index;
  return backing_id;
}

void BackingTable::release(NodeId node) {
  const std::scoped_lock lock(mutex_);
  const auto at = slot_of_.find(node);
  if (at == slot_of_.end()) return;
  BackingSlot& slot = state_->slots[at->second];
  if (slot.opens > 0) --slot.opens;
  if (slot.opens != 0) return;
  idle_.push_back(node);
  trim();
}

void BackingTable::trim() {
  while (idle_.size() > kMostIdle) {
    const NodeId node = idle_.front();
    idle_.pop_front();
    const auto at = slot_of_.find(node);
    if (at == slot_of_.end()) continue;
    BackingSlot& slot = state_->slots[at->second];
    if (slot.opens != 0) continue;  // in use again
    const std::int32_t backing_id = slot.backing_id;
    std::atomic_ref(slot.node).store(0);
    free_.push_back(at->second);
    slot_of_.erase(at);
    unregister_(backing_id);
  }
}

std::size_t BackingTable::registered() const {
  const std::scoped_lock lock(mutex_);
  return slot_of_.size();
}

}  // namespace lensfs
