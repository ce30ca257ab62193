// MountState: the memory that outlives a serving process. The keeper makes it, every worker of the
// mount maps it. It holds what a new worker must know to go on where the last one stopped:
// the kernel's INIT request, how far the change log was followed, which files are open through
// passthrough, and what typed folders their node numbers stand for.
//
// Only one worker lives at a time; inside it fields are guarded by the owner named beside them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "catalog/base/fd.h"
#include "catalog/base/result.h"
#include "fs/path_nodes.h"

namespace lensfs {

inline constexpr std::size_t kOpCount = 64;       // FUSE opcodes fit
inline constexpr std::size_t kOpenSlots = 16384;  // files open at once
inline constexpr std::size_t kMostThreads = 64;
inline constexpr std::size_t kPathLogBytes = std::size_t{64} << 20;

// A file that is open or registered with the kernel. Guarded by OpenFiles.
struct OpenSlot {
  std::uint64_t node;       // 0: free
  std::uint64_t inode;      // of the backing file that is registered
  std::int32_t backing_id;  // 0: read and written through the worker
  std::uint32_t opens;      // handles that the kernel holds
  std::uint32_t writers;    // those of them that may write
};

// An open or release on its way: tells a later worker whether a resent request was already counted.
struct PendingOpen {
  std::atomic<std::uint64_t> unique;  // 0: none
};

struct MountStateLayout {
  std::uint64_t magic;
  std::uint32_t layout_version;
  std::int32_t keeper_pid;
  std::atomic<std::int32_t> worker_pid;
  std::atomic<std::uint32_t> restarts;
  std::atomic<std::int32_t> herald_pid;   // 0: there is none
  std::atomic<std::uint32_t> herald_act;  // HeraldAct: what its request is about
  char mount_id[40];                      // uuid of this mount
  char mountpoint[4096];
  char library[4096];
  char device[32];                        // "major:minor" of the mount
  std::atomic<std::uint32_t> init_bytes;  // 0 until the first worker got INIT
  char init[1024];
  std::atomic<std::int64_t> followed;  // last change the kernel was told of
  char passthrough[256];               // "on", or "off: why"; written once per INIT
  char io_uring[256];
  char lens[128];  // the profile that the root shows the drive through; empty: none
  std::atomic<std::uint64_t> requests[kOpCount];
  PendingOpen pending[kMostThreads];
  OpenSlot slots[kOpenSlots];
  std::atomic<std::uint64_t> path_log_used;
  char path_log[kPathLogBytes];  // records of 4-byte length and text; sparse until used
};

class MountState final : public PathLog {
 public:
  // New, zeroed state in anonymous memory with a descriptor that children inherit by number.
  [[nodiscard]] static Result<std::unique_ptr<MountState>> make();
  [[nodiscard]] static Result<std::unique_ptr<MountState>> attach(Fd fd);
  ~MountState() override;
  MountState(const MountState&) = delete;
  MountState& operator=(const MountState&) = delete;

  MountStateLayout* operator->() { return layout_; }
  const MountStateLayout* operator->() const { return layout_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

  [[nodiscard]] Status append(std::string_view spec) override;  // under PathNodes' lock
  void each(const std::function<void(std::string_view)>& visit) override;

 private:
  MountState(Fd fd, MountStateLayout* layout) : fd_(std::move(fd)), layout_(layout) {}
  Fd fd_;
  MountStateLayout* layout_;
};

// Copies text into one of the fixed fields above, cut to fit.
template <std::size_t Size>
void put_text(char (&field)[Size], std::string_view text) {
  const std::size_t size = text.size() < Size ? text.size() : Size - 1;
  text.copy(field, size);
  field[size] = '\0';
}

}  // namespace lensfs
