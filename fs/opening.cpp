#include "fs/opening.h"

#include <fcntl.h>

namespace lensfs {
namespace {

Result<OpenFiles::Registration> register_file(fuse_req_t request, int file) {
  LENSFS_TRY(const struct stat status, stat_of(file));
  const int backing_id = fuse_passthrough_open(request, file);
  if (backing_id <= 0) return OpenFiles::Registration();
  return OpenFiles::Registration{.backing_id = backing_id, .inode = status.st_ino};
}

// Registers the bytes with the kernel; the descriptor need not stay open. changed if another file
// has them open, and this one is better given its own (WorkingFiles::is_set_apart).
Result<OpenFiles::Registration> register_bytes(Mount& mount, fuse_req_t request,
                                               const Handout& handout,
                                               const OpenFiles::InUse& in_use) {
  const NodeId at = handout.at;
  if (!mount.passthrough) return OpenFiles::Registration();
  if (handout.draft != nullptr) return register_file(request, handout.draft->get());
  LENSFS_TRY(const WorkingFiles::Bytes bytes, mount.files.open_bytes(at, O_RDONLY));
  LENSFS_TRY(const struct stat status, stat_of(bytes.file.get()));
  const bool may_share = bytes.is_draft || handout.sharing == Handout::Sharing::yes ||
                         !mount.files.is_set_apart(at, status.st_size);
  if (!may_share && in_use(status.st_ino)) return fail(Errc::changed);
  return register_file(request, bytes.file.get());
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
  const NodeId at = handout.at;
  const Access access = handout.access;
  const CurrentRequest& current = current_request();
  file.noflush = 1;
  using Counted = OpenFiles::Opening::Counted;
  const Counted counted = was_counted(mount, current) ? Counted::already : Counted::no;
  // Counted first, marked second: a handle too many only delays the saving of a file, one too few
  // would let it be saved while it is written.
  LENSFS_TRY(
      const std::int32_t backing_id,
      mount.open_files.open(at, {.access = access, .counted = counted, .through = handout.through},
                            [&](const OpenFiles::InUse& in_use) {
                              return register_bytes(mount, request, handout, in_use);
                            }));
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

void note_use(Mount& mount, fuse_req_t request, NodeId at, UseAct act, fuse_file_info& file) {
  if (!mount.uses.is_on()) return;
  const fuse_ctx* const who = fuse_req_ctx(request);
  using Through = UseRecorder::Opening::Through;
  file.fh |= handle_bits(
      mount.uses.opened({.node = at,
                         .act = act,
                         .uid = who->uid,
                         .process = who->pid,
                         .through = file.backing_id > 0 ? Through::kernel : Through::worker}));
}

}  // namespace lensfs
