// open and release: a file's bytes are handed to the kernel, which then reads them by itself.
#include <fcntl.h>

#include "fs/control.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

constexpr std::uint64_t kServedHere = 0;   // reads come to this process
constexpr std::uint64_t kPassthrough = 1;  // the kernel reads the object itself

// Registers the object with the kernel; the descriptor need not stay open.
Result<std::int32_t> register_object(Mount& mount, fuse_req_t request, NodeId file) {
  LENSFS_TRY(const Fd object, mount.objects.open_own(file));
  const int backing_id = fuse_passthrough_open(request, object.get());
  if (backing_id <= 0) return fail(Errc::not_supported, "the kernel takes no backing file");
  return backing_id;
}

// Marks an open or release as counted until its reply is out, for the worker after this one.
class Pending {
 public:
  Pending(Mount& mount, const CurrentRequest& current)
      : slot_(mount.state->pending[current.thread].unique) {
    slot_.store(current.unique);
  }
  ~Pending() { slot_.store(0); }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

 private:
  std::atomic<std::uint64_t>& slot_;
};

BackingTable::Counted counted_before(Mount& mount, const CurrentRequest& current) {
  if (!current.resent) return BackingTable::Counted::no;
  for (PendingOpen& pending : mount.state->pending) {
    std::uint64_t unique = current.unique;
    if (pending.unique.compare_exchange_strong(unique, 0)) return BackingTable::Counted::already;
  }
  return BackingTable::Counted::no;
}

Status check_readable(fuse_file_info& file, NodeId at) {
  if ((file.flags & O_ACCMODE) != O_RDONLY || (file.flags & O_TRUNC) != 0) {
    return fail(Errc::read_only);
  }
  if (class_of(at) != NodeClass::file && !is_control(at)) return fail(Errc::is_directory);
  return {};
}

}  // namespace

void op_open(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file) {
  Mount& mount = mount_of(request);
  if (const Status readable = check_readable(*file, node(ino)); !readable) {
    return reply_error(request, readable.error());
  }
  file->noflush = 1;
  file->fh = kServedHere;
  if (is_control(node(ino))) {
    file->direct_io = 1;
    fuse_reply_open(request, file);
    return;
  }
  if (!mount.passthrough) {
    file->keep_cache = 1;  // objects never change
    fuse_reply_open(request, file);
    return;
  }
  const CurrentRequest current = current_request();
  const BackingTable::Counted counted = counted_before(mount, current);
  const Pending pending(mount, current);
  const auto backing_id = mount.backing.open(
      node(ino), counted, [&] { return register_object(mount, request, node(ino)); });
  if (backing_id) {
    file->fh = kPassthrough;
    file->backing_id = *backing_id;
  } else if (backing_id.error().code() == Errc::not_found) {
    return reply_error(request, backing_id.error());
  } else {
    // Uncached, because an inode that was ever read through the cache cannot be passed through.
    file->direct_io = 1;
  }
  fuse_reply_open(request, file);
}

void op_release(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file) {
  Mount& mount = mount_of(request);
  const CurrentRequest current = current_request();
  if (file->fh == kPassthrough && counted_before(mount, current) == BackingTable::Counted::no) {
    const Pending pending(mount, current);
    mount.backing.release(node(ino));
    fuse_reply_err(request, 0);
    return;
  }
  fuse_reply_err(request, 0);
}

}  // namespace lensfs
