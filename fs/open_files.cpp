#include "fs/open_files.h"

#include <algorithm>
#include <chrono>

namespace lensfs {
namespace {

// Registered, but in no use: some 2 KiB of the kernel's memory each, and a third of what an open
// costs.
constexpr std::size_t kMostIdle = 4096;
// Copying or saving another file of the same bytes is waited for so long.
constexpr auto kMovesWithin = std::chrono::seconds(10);

}  // namespace

OpenFiles::OpenFiles(MountState& state, Unregister unregister)
    : state_(state), unregister_(std::move(unregister)) {
  for (std::size_t i = kOpenSlots; i-- > 0;) {
    const OpenSlot& slot = state_->slots[i];
    if (slot.node == 0) {
      free_.push_back(i);
      continue;
    }
    const auto node = static_cast<NodeId>(slot.node);
    places_[node] = {i, slot.opens == 0 ? idle_.insert(idle_.end(), node) : idle_.end()};
    if (slot.opens > 0 && slot.backing_id != 0) ++in_use_[slot.inode];
  }
}

OpenSlot* OpenFiles::slot(NodeId node) {
  const auto at = places_.find(node);
  return at == places_.end() ? nullptr : &slot(at->second);
}

void OpenFiles::count(Place& place, Access access) {
  if (place.idle != idle_.end()) {
    idle_.erase(place.idle);
    place.idle = idle_.end();
  }
  OpenSlot& slot = this->slot(place);
  if (++slot.opens == 1 && slot.backing_id != 0) ++in_use_[slot.inode];
  if (access == Access::write) ++slot.writers;
}

Result<std::int32_t> OpenFiles::open(NodeId node, const Opening& opening, const Register& add) {
  const std::scoped_lock lock(mutex_);
  const bool writes = opening.access == Access::write;
  const bool by_worker = opening.through == Opening::Through::worker;
  if (moving_.contains(node) && slot(node) == nullptr) return fail(Errc::busy);
  if (writes && saving_.contains(node)) return fail(Errc::busy);
  if (writes) opened_to_write_[node] = ++write_opens_;
  if (const OpenSlot* const known = slot(node); known != nullptr && known->backing_id != 0) {
    if (by_worker && known->opens > 0) return fail(Errc::busy);
    // One that is idle is looked at anew if another node has the same file open by now.
    const bool shared = known->opens == 0 && in_use_.contains(known->inode);
    if (by_worker || shared) free_slot(places_.find(node));
  }
  if (const auto known = places_.find(node); known != places_.end()) {
    if (opening.counted == Opening::Counted::no) count(known->second, opening.access);
    return slot(known->second).backing_id;
  }
  if (free_.empty()) return fail(Errc::no_space);
  Registration registration;
  if (!by_worker) {
    LENSFS_TRY(registration, add([&](std::uint64_t inode) { return in_use_.contains(inode); }));
  }
  const std::size_t index = free_.back();
  free_.pop_back();
  OpenSlot& slot = state_->slots[index];
  slot.backing_id = registration.backing_id;
  slot.inode = registration.inode;
  slot.opens = 0;
  slot.writers = 0;
  Place& place = places_[node] = {index, idle_.end()};
  count(place, opening.access);
  // The node makes the slot count; a worker that dies before leaves only an unused registration.
  std::atomic_ref(slot.node).store(static_cast<std::uint64_t>(node));
  return registration.backing_id;
}

OpenFiles::Left OpenFiles::release(NodeId node, Access access) {
  const std::scoped_lock lock(mutex_);
  const auto at = places_.find(node);
  if (at == places_.end()) return {};
  OpenSlot& slot = this->slot(at->second);
  if (access == Access::write && slot.writers > 0) --slot.writers;
  if (slot.opens > 0 && --slot.opens == 0 && slot.backing_id != 0) {
    const auto used = in_use_.find(slot.inode);
    if (used != in_use_.end() && --used->second == 0) in_use_.erase(used);
  }
  const Left left{.opens = slot.opens, .writers = slot.writers};
  if (slot.opens != 0) return left;
  if (slot.backing_id == 0) {
    free_slot(at);
    return left;
  }
  if (at->second.idle == idle_.end()) at->second.idle = idle_.insert(idle_.end(), node);
  trim();
  return left;
}

OpenFiles::Left OpenFiles::left(NodeId node) const {
  const std::scoped_lock lock(mutex_);
  const auto at = places_.find(node);
  if (at == places_.end()) return {};
  const OpenSlot& slot = state_->slots[at->second.index];
  return {.opens = slot.opens, .writers = slot.writers};
}

std::optional<OpenFiles::Move> OpenFiles::begin_move(NodeId node) {
  const std::scoped_lock lock(mutex_);
  if (const OpenSlot* const known = slot(node); known != nullptr && known->backing_id != 0) {
    if (known->opens > 0) return std::nullopt;
    free_slot(places_.find(node));
  }
  moving_.try_emplace(node);
  return Move(this, node);
}

std::optional<OpenFiles::Waiting> OpenFiles::taken(WaitingByNode& from, NodeId node) {
  auto entry = from.extract(node);
  return entry ? std::optional(std::move(entry.mapped())) : std::nullopt;
}

void OpenFiles::end_move(NodeId node) {
  std::optional<Waiting> waiting;
  {
    const std::scoped_lock lock(mutex_);
    waiting = taken(moving_, node);
    if (!waiting) return;
  }
  move_ended_.notify_all();
  if (moved_) moved_(node);
  for (const auto& then : *waiting) then();
}

Result<OpenFiles::Move> OpenFiles::change_behind(
    NodeId node, const std::function<Result<std::vector<NodeId>>()>& others,
    const std::function<Status(std::uint64_t inode)>& change) {
  std::vector<NodeId> gone;
  {
    std::unique_lock lock(mutex_);
    const auto end = std::chrono::steady_clock::now() + kMovesWithin;
    const auto moves = [&](NodeId other) { return other != node && moving_.contains(other); };
    for (;;) {
      LENSFS_TRY(gone, others());
      if (std::none_of(gone.begin(), gone.end(), moves)) break;
      // One of them is being copied out of the very file.
      if (move_ended_.wait_until(lock, end) == std::cv_status::timeout) return fail(Errc::busy);
    }
    const OpenSlot* const known = slot(node);
    if (known == nullptr || known->backing_id == 0) return fail(Errc::changed);
    const auto shares = [&](NodeId other) {
      const OpenSlot* const used = slot(other);
      return other != node && used != nullptr &&
             (used->backing_id == 0 || used->inode == known->inode);
    };
    for (const NodeId other : gone) {
      if (shares(other) && slot(other)->opens > 0) return fail(Errc::busy);
    }
    for (const NodeId other : gone) {
      if (shares(other)) free_slot(places_.find(other));
    }
    LENSFS_CHECK(change(known->inode));
    moving_.try_emplace(node);
  }
  for (const NodeId other : gone) {
    if (moved_) moved_(other);
  }
  return Move(this, node);
}

void OpenFiles::free_slot(Places::iterator at) {
  OpenSlot& slot = this->slot(at->second);
  const std::int32_t backing_id = slot.backing_id;
  std::atomic_ref(slot.node).store(0);
  free_.push_back(at->second.index);
  if (at->second.idle != idle_.end()) idle_.erase(at->second.idle);
  places_.erase(at);
  if (backing_id != 0) unregister_(backing_id);
}

void OpenFiles::moved(NodeId node) {
  {
    const std::scoped_lock lock(mutex_);
    const auto at = places_.find(node);
    if (at != places_.end() && slot(at->second).opens == 0) free_slot(at);
  }
  if (moved_) moved_(node);
}

void OpenFiles::trim() {
  while (idle_.size() > kMostIdle) free_slot(places_.find(idle_.front()));
}

bool OpenFiles::begin_saving(NodeId node, std::uint64_t as_of) {
  const std::scoped_lock lock(mutex_);
  if (saving_.contains(node) || intents_.contains(node)) return false;
  const auto opened = opened_to_write_.find(node);
  if (opened != opened_to_write_.end() && opened->second > as_of) return false;
  const auto at = places_.find(node);
  if (at != places_.end() && slot(at->second).writers > 0) return false;
  saving_.try_emplace(node);
  return true;
}

void OpenFiles::end_saving(NodeId node) {
  std::optional<Waiting> waiting;
  {
    const std::scoped_lock lock(mutex_);
    waiting = taken(saving_, node);
    if (!waiting) return;
    opened_to_write_.erase(node);
  }
  for (const auto& then : *waiting) then();
}

Result<OpenFiles::Intent> OpenFiles::intend_to_write(NodeId node) {
  const std::scoped_lock lock(mutex_);
  if (saving_.contains(node)) return fail(Errc::busy);
  opened_to_write_[node] = ++write_opens_;
  ++intents_[node];
  return Intent(this, node);
}

void OpenFiles::end_intent(NodeId node) {
  const std::scoped_lock lock(mutex_);
  opened_to_write_[node] = ++write_opens_;  // what was done meanwhile counts as done now
  const auto at = intents_.find(node);
  if (at != intents_.end() && --at->second == 0) intents_.erase(at);
}

std::vector<NodeId> OpenFiles::frames_of(VersionId version) const {
  const std::scoped_lock lock(mutex_);
  std::vector<NodeId> frames;
  for (const auto& [node, place] : places_) {
    if (class_of(node) == NodeClass::frame && version_of(node) == version) frames.push_back(node);
  }
  return frames;
}

void OpenFiles::forget(NodeId node) {
  moved(node);
  const std::scoped_lock lock(mutex_);
  opened_to_write_.erase(node);
}

bool OpenFiles::after_saving(NodeId node, std::function<void()> then) {
  const std::scoped_lock lock(mutex_);
  for (auto* const going_on : {&moving_, &saving_}) {
    const auto at = going_on->find(node);
    if (at == going_on->end()) continue;
    at->second.push_back(std::move(then));
    return true;
  }
  return false;
}

std::uint64_t OpenFiles::write_opens() const {
  const std::scoped_lock lock(mutex_);
  return write_opens_;
}

std::size_t OpenFiles::registered() const {
  const std::scoped_lock lock(mutex_);
  return places_.size();
}

std::vector<NodeId> OpenFiles::written() const {
  const std::scoped_lock lock(mutex_);
  std::vector<NodeId> nodes;
  for (const auto& [node, place] : places_) {
    if (state_->slots[place.index].writers > 0) nodes.push_back(node);
  }
  return nodes;
}

}  // namespace lensfs
