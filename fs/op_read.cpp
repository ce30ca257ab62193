// read and lseek, for files that the kernel does not read by itself.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>

#include "catalog/model/asset.h"
#include "fs/clips.h"
#include "fs/control.h"
#include "fs/op_brought.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

void read_control(fuse_req_t request, NodeId at, size_t size, off_t offset) {
  Mount& mount = mount_of(request);
  const auto text = control_text(mount.state, mount.tree, at);
  if (!text) return reply_error(request, text.error());
  const std::size_t from = std::min(static_cast<std::size_t>(offset), text->size());
  fuse_reply_buf(request, text->data() + from, std::min(size, text->size() - from));
}

// How much of it there is to read.
std::int64_t readable(int file, size_t size, off_t offset) {
  struct stat status {};
  if (::fstat(file, &status) != 0 || status.st_size <= offset) return 0;
  return std::min<std::int64_t>(static_cast<std::int64_t>(size), status.st_size - offset);
}

void reply_from(fuse_req_t request, int file, size_t size, off_t offset, UseHandle use) {
  UseRecorder& uses = mount_of(request).uses;
  if (use != UseHandle::none) uses.served(use, readable(file, size, offset));
  fuse_bufvec bytes = FUSE_BUFVEC_INIT(size);
  bytes.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK);
  bytes.buf[0].fd = file;
  bytes.buf[0].pos = offset;
  fuse_reply_data(request, &bytes, FUSE_BUF_SPLICE_MOVE);
}

// Answered once it is rendered.
void read_outline(fuse_req_t request, NodeId at, size_t size, off_t offset, UseHandle use) {
  mount_of(request).clips.read(at, offset, static_cast<std::int64_t>(size),
                               [=](const Result<Clips::Bytes>& bytes) {
                                 if (!bytes) return reply_error(request, bytes.error());
                                 reply_from(request, bytes->fd, size, offset, use);
                               });
}

// What is not rendered yet is no hole.
void seek_outline(fuse_req_t request, NodeId at, off_t offset, int whence) {
  const auto attributes = mount_of(request).tree.attributes(at);
  if (!attributes) return reply_error(request, attributes.error());
  if (offset < 0 || offset >= attributes->size) {
    fuse_reply_err(request, ENXIO);
    return;
  }
  fuse_reply_lseek(request, whence == SEEK_HOLE ? attributes->size : offset);
}

void reply_seek(fuse_req_t request, int file, off_t offset, int whence) {
  const off_t at = ::lseek(file, offset, whence);
  if (at < 0) {
    fuse_reply_err(request, errno);
    return;
  }
  fuse_reply_lseek(request, at);
}

}  // namespace

void op_read(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset,
             fuse_file_info* file_info) {
  if (is_control(node(ino))) return read_control(request, node(ino), size, offset);
  if (class_of(node(ino)) == NodeClass::outline) {
    return read_outline(request, node(ino), size, offset, use_of_handle(file_info->fh));
  }
  const auto file = FileBytes::to_read(request, node(ino));
  if (!file) return reply_error(request, file.error());
  reply_from(request, file->fd(), size, offset, use_of_handle(file_info->fh));
}

void op_lseek(fuse_req_t request, fuse_ino_t ino, off_t offset, int whence, fuse_file_info*) {
  if (class_of(node(ino)) == NodeClass::outline) {
    return seek_outline(request, node(ino), offset, whence);
  }
  if (is_served_here(node(ino))) {
    const auto file = FileBytes::to_read(request, node(ino));
    if (!file) return reply_error(request, file.error());
    return reply_seek(request, file->fd(), offset, whence);
  }
  const auto bytes = mount_of(request).files.open_bytes(node(ino), O_RDONLY);
  if (!bytes) return reply_error(request, bytes.error());
  reply_seek(request, bytes->file.get(), offset, whence);
}

}  // namespace lensfs
