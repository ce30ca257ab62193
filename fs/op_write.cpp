// write, fallocate, copy_file_range, fsync: changes to bytes that the kernel does not make by
// itself.
#include <fcntl.h>
#include <unistd.h>

#include "fs/op_brought.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

void note_copy(fuse_req_t request, NodeId from, UseHandle use, std::int64_t bytes) {
  const fuse_ctx* const who = fuse_req_ctx(request);
  mount_of(request).uses.copied(
      use, {.node = from, .act = UseAct::copy, .uid = who->uid, .process = who->pid}, bytes);
}

}  // namespace

void op_write_buf(fuse_req_t request, fuse_ino_t ino, fuse_bufvec* bytes, off_t offset,
                  fuse_file_info*) {
  const auto file = FileBytes::to_write(request, node(ino));
  if (!file) return reply_error(request, file.error());
  fuse_bufvec into = FUSE_BUFVEC_INIT(fuse_buf_size(bytes));
  into.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK);
  into.buf[0].fd = file->fd();
  into.buf[0].pos = offset;
  const ssize_t written = fuse_buf_copy(&into, bytes, FUSE_BUF_SPLICE_NONBLOCK);
  file->changed();
  if (written < 0) {
    fuse_reply_err(request, static_cast<int>(-written));
  } else {
    fuse_reply_write(request, static_cast<size_t>(written));
  }
}

void op_fallocate(fuse_req_t request, fuse_ino_t ino, int mode, off_t offset, off_t length,
                  fuse_file_info*) {
  const auto file = FileBytes::to_write(request, node(ino));
  if (!file) return reply_error(request, file.error());
  const int error = ::fallocate(file->fd(), mode, offset, length) == 0 ? 0 : errno;
  file->changed();
  fuse_reply_err(request, error);
}

void op_copy_file_range(fuse_req_t request, fuse_ino_t from, off_t from_offset,
                        fuse_file_info* from_file, fuse_ino_t into, off_t into_offset,
                        fuse_file_info*, size_t size, int flags) {
  const auto target = FileBytes::to_write(request, node(into));
  if (!target) return reply_error(request, target.error());
  const auto source = FileBytes::to_read(request, node(from));
  if (!source) return reply_error(request, source.error());
  const ssize_t copied = ::copy_file_range(source->fd(), &from_offset, target->fd(), &into_offset,
                                           size, static_cast<unsigned>(flags));
  const int error = copied < 0 ? errno : 0;
  target->changed();
  if (copied > 0) note_copy(request, node(from), use_of_handle(from_file->fh), copied);
  if (copied < 0) {
    fuse_reply_err(request, error);
  } else {
    fuse_reply_write(request, static_cast<size_t>(copied));
  }
}

void op_fsync(fuse_req_t request, fuse_ino_t ino, int, fuse_file_info*) {
  if (!is_served_here(node(ino))) {
    return reply_status(request, mount_of(request).files.sync(node(ino)));
  }
  const auto file = FileBytes::to_write(request, node(ino));
  if (!file) return reply_error(request, file.error());
  fuse_reply_err(request, ::fdatasync(file->fd()) == 0 ? 0 : errno);
}

void op_fsyncdir(fuse_req_t request, fuse_ino_t, int, fuse_file_info*) {
  reply_status(request, mount_of(request).catalog.sync());
}

}  // namespace lensfs
