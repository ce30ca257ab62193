#include "fs/ops.h"

#include <linux/fuse.h>

#include <array>

#include "fs/request.h"

namespace lensfs {
namespace {

// Counts a request, then handles it.
template <unsigned Opcode, auto Handler>
struct Counted;
template <unsigned Opcode, typename... Args, void (*Handler)(fuse_req_t, Args...)>
struct Counted<Opcode, Handler> {
  static void handle(fuse_req_t request, Args... args) {
    mount_of(request).state->requests[Opcode].fetch_add(1, std::memory_order_relaxed);
    Handler(request, args...);
  }
};

// Refuses whatever would change files or folders.
template <unsigned Opcode, typename... Args>
void refuse(fuse_req_t request, Args...) {
  mount_of(request).state->requests[Opcode].fetch_add(1, std::memory_order_relaxed);
  fuse_reply_err(request, EROFS);
}

struct Named {
  unsigned opcode;
  const char* name;
};
constexpr std::array<Named, 24> kNames = {{
    {FUSE_LOOKUP, "LOOKUP"},
    {FUSE_GETATTR, "GETATTR"},
    {FUSE_SETATTR, "SETATTR"},
    {FUSE_READLINK, "READLINK"},
    {FUSE_SYMLINK, "SYMLINK"},
    {FUSE_MKNOD, "MKNOD"},
    {FUSE_MKDIR, "MKDIR"},
    {FUSE_UNLINK, "UNLINK"},
    {FUSE_RMDIR, "RMDIR"},
    {FUSE_RENAME, "RENAME"},
    {FUSE_LINK, "LINK"},
    {FUSE_OPEN, "OPEN"},
    {FUSE_READ, "READ"},
    {FUSE_STATFS, "STATFS"},
    {FUSE_RELEASE, "RELEASE"},
    {FUSE_SETXATTR, "SETXATTR"},
    {FUSE_GETXATTR, "GETXATTR"},
    {FUSE_LISTXATTR, "LISTXATTR"},
    {FUSE_REMOVEXATTR, "REMOVEXATTR"},
    {FUSE_OPENDIR, "OPENDIR"},
    {FUSE_READDIR, "READDIR"},
    {FUSE_CREATE, "CREATE"},
    {FUSE_READDIRPLUS, "READDIRPLUS"},
    {FUSE_LSEEK, "LSEEK"},
}};

fuse_lowlevel_ops make_operations() {
  fuse_lowlevel_ops ops{};
  ops.lookup = Counted<FUSE_LOOKUP, op_lookup>::handle;
  ops.getattr = Counted<FUSE_GETATTR, op_getattr>::handle;
  ops.readlink = Counted<FUSE_READLINK, op_readlink>::handle;
  ops.statfs = Counted<FUSE_STATFS, op_statfs>::handle;
  ops.opendir = Counted<FUSE_OPENDIR, op_opendir>::handle;
  ops.readdir = Counted<FUSE_READDIR, op_readdir>::handle;
  ops.readdirplus = Counted<FUSE_READDIRPLUS, op_readdirplus>::handle;
  ops.open = Counted<FUSE_OPEN, op_open>::handle;
  ops.release = Counted<FUSE_RELEASE, op_release>::handle;
  ops.read = Counted<FUSE_READ, op_read>::handle;
  ops.lseek = Counted<FUSE_LSEEK, op_lseek>::handle;
  ops.getxattr = Counted<FUSE_GETXATTR, op_getxattr>::handle;
  ops.listxattr = Counted<FUSE_LISTXATTR, op_listxattr>::handle;
  ops.setxattr = Counted<FUSE_SETXATTR, op_setxattr>::handle;
  ops.removexattr = Counted<FUSE_REMOVEXATTR, op_removexattr>::handle;
  ops.setattr = refuse<FUSE_SETATTR, fuse_ino_t, struct stat*, int, fuse_file_info*>;
  ops.mknod = refuse<FUSE_MKNOD, fuse_ino_t, const char*, mode_t, dev_t>;
  ops.mkdir = refuse<FUSE_MKDIR, fuse_ino_t, const char*, mode_t>;
  ops.unlink = refuse<FUSE_UNLINK, fuse_ino_t, const char*>;
  ops.rmdir = refuse<FUSE_RMDIR, fuse_ino_t, const char*>;
  ops.symlink = refuse<FUSE_SYMLINK, const char*, fuse_ino_t, const char*>;
  ops.rename = refuse<FUSE_RENAME, fuse_ino_t, const char*, fuse_ino_t, const char*, unsigned>;
  ops.link = refuse<FUSE_LINK, fuse_ino_t, fuse_ino_t, const char*>;
  ops.create = refuse<FUSE_CREATE, fuse_ino_t, const char*, mode_t, fuse_file_info*>;
  return ops;
}

}  // namespace

const fuse_lowlevel_ops& operations() {
  static const fuse_lowlevel_ops ops = make_operations();
  return ops;
}

const char* name_of_opcode(unsigned opcode) {
  for (const Named& named : kNames) {
    if (named.opcode == opcode) return named.name;
  }
  return "";
}

}  // namespace lensfs
