#include "fs/opening.h"

namespace lensfs {
namespace {

// Registers the bytes with the kernel; the descriptor need not stay open.
Result<OpenFiles::Registration> register_bytes(Mount& mount, fuse_req_t request, NodeId at) {
  LENSFS_TRY(const WorkingFiles::Bytes bytes, mount.files.open_bytes(at));
  if (!mount.passthrough) return OpenFiles::Registration();
  LENSFS_TRY(const struct stat status, stat_of(bytes.file.get()));
  const int backing_id = fuse_passthrough_open(request, bytes.file.get());
  if (backing_id <= 0) return OpenFiles::Registration();
  return OpenFiles::Registration{.backing_id = backing_id, .inode = status.st_ino};
}

}  // namespace

bool was_counted(Mount& mount, const CurrentRequest& current) {
  if (!current.resent) return false;
  for (PendingOpen& pending : mount.state->pending) {
    std::uint64_t unique = current.unique;
    if (pending.unique.compare_exchange_strong(unique, 0)) return true;
  }
  return false;
}

Status hand_out(Mount& mount, fuse_req_t request, const Handout& handout, fuse_file_info& file) {
  const auto [at, access, through] = handout;
  const CurrentRequest& current = current_request();
  file.noflush = 1;
  using Counted = OpenFiles::Opening::Counted;
  const Counted counted = was_counted(mount, current) ? Counted::already : Counted::no;
  // Counted first, marked second: a handle too many only delays the saving of a file, one too few
  // would let it be saved while it is written.
  LENSFS_TRY(const std::int32_t backing_id,
             mount.open_files.open(at, {.access = access, .counted = counted, .through = through},
                                   [&] { return register_bytes(mount, request, at); }));
  mount.state->pending[current.thread].unique.store(current.unique);
  file.fh = kCounted | (access == Access::write ? kWrites : 0);
  if (backing_id != 0) {
    file.backing_id = backing_id;
  } else if (mount.passthrough) {
    // Uncached, because an inode that was ever read through the cache cannot be passed through.
    file.direct_io = 1;
  } else {
    file.keep_cache = 1;  // what changes a file goes through this kernel, or gets another inode
  }
  return {};
}

}  // namespace lensfs
