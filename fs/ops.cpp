#include "fs/ops.h"

#include <linux/fuse.h>

#include <array>

#include "fs/op_herald.h"
#include "fs/request.h"

namespace lensfs {
namespace {

// Whether a handler itself looks for what is in NewFiles, or has nothing to do with it. For all
// others it goes into the catalog first.
constexpr bool knows_new_files(unsigned opcode) {
  switch (opcode) {
    case FUSE_LOOKUP:
    case FUSE_GETATTR:
    case FUSE_SETATTR:
    case FUSE_GETXATTR:
    case FUSE_CREATE:
    case FUSE_MKNOD:
    case FUSE_RELEASE:
    case FUSE_STATFS:
    case FUSE_FLUSH:
      return true;
    default:
      return false;
  }
}

// Counts a request, then handles it on behalf of who asks.
template <unsigned Opcode, auto Handler>
struct Counted;
template <unsigned Opcode, typename... Args, void (*Handler)(fuse_req_t, Args...)>
struct Counted<Opcode, Handler> {
  static void handle(fuse_req_t request, Args... args) {
    mount_of(request).state->requests[Opcode].fetch_add(1, std::memory_order_relaxed);
    if constexpr (!knows_new_files(Opcode)) mount_of(request).new_files.settle();
    const ActingFor caller(asker_of(request));
    Handler(request, args...);
  }
};

// The same, but for the herald, which is nobody and is not counted.
template <unsigned Opcode, auto Handler, auto ForHerald>
struct Heralded;
template <unsigned Opcode, typename... Args, void (*Handler)(fuse_req_t, Args...),
          void (*ForHerald)(fuse_req_t, Args...)>
struct Heralded<Opcode, Handler, ForHerald> {
  static void handle(fuse_req_t request, Args... args) {
    if (is_herald(request)) return ForHerald(request, args...);
    Counted<Opcode, Handler>::handle(request, args...);
  }
};

struct Named {
  unsigned opcode;
  const char* name;
};
constexpr std::array<Named, 31> kNames = {{
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
    {FUSE_WRITE, "WRITE"},
    {FUSE_FLUSH, "FLUSH"},
    {FUSE_FSYNC, "FSYNC"},
    {FUSE_FSYNCDIR, "FSYNCDIR"},
    {FUSE_FALLOCATE, "FALLOCATE"},
    {FUSE_COPY_FILE_RANGE, "COPY_FILE_RANGE"},
    {FUSE_TMPFILE, "TMPFILE"},
}};

fuse_lowlevel_ops make_operations() {
  fuse_lowlevel_ops ops{};
  ops.lookup = Heralded<FUSE_LOOKUP, op_lookup, herald_lookup>::handle;
  ops.getattr = Counted<FUSE_GETATTR, op_getattr>::handle;
  ops.readlink = Counted<FUSE_READLINK, op_readlink>::handle;
  ops.statfs = Counted<FUSE_STATFS, op_statfs>::handle;
  ops.opendir = Counted<FUSE_OPENDIR, op_opendir>::handle;
  ops.readdir = Counted<FUSE_READDIR, op_readdir>::handle;
  ops.readdirplus = Counted<FUSE_READDIRPLUS, op_readdirplus>::handle;
  ops.open = Counted<FUSE_OPEN, op_open>::handle;
  ops.flush = Counted<FUSE_FLUSH, op_flush>::handle;
  ops.release = Counted<FUSE_RELEASE, op_release>::handle;
  ops.read = Counted<FUSE_READ, op_read>::handle;
  ops.lseek = Counted<FUSE_LSEEK, op_lseek>::handle;
  ops.getxattr = Counted<FUSE_GETXATTR, op_getxattr>::handle;
  ops.listxattr = Counted<FUSE_LISTXATTR, op_listxattr>::handle;
  ops.setxattr = Counted<FUSE_SETXATTR, op_setxattr>::handle;
  ops.removexattr = Counted<FUSE_REMOVEXATTR, op_removexattr>::handle;
  ops.setattr = Heralded<FUSE_SETATTR, op_setattr, herald_setattr>::handle;
  ops.mknod = Heralded<FUSE_MKNOD, op_mknod, herald_mknod>::handle;
  ops.mkdir = Heralded<FUSE_MKDIR, op_mkdir, herald_mkdir>::handle;
  ops.unlink = Counted<FUSE_UNLINK, op_unlink>::handle;
  ops.rmdir = Counted<FUSE_RMDIR, op_rmdir>::handle;
  ops.symlink = Heralded<FUSE_SYMLINK, op_symlink, herald_symlink>::handle;
  ops.rename = Counted<FUSE_RENAME, op_rename>::handle;
  ops.link = Counted<FUSE_LINK, op_link>::handle;
  ops.create = Counted<FUSE_CREATE, op_create>::handle;
  ops.tmpfile = Counted<FUSE_TMPFILE, op_tmpfile>::handle;
  ops.write_buf = Counted<FUSE_WRITE, op_write_buf>::handle;
  ops.fallocate = Counted<FUSE_FALLOCATE, op_fallocate>::handle;
  ops.copy_file_range = Counted<FUSE_COPY_FILE_RANGE, op_copy_file_range>::handle;
  ops.fsync = Counted<FUSE_FSYNC, op_fsync>::handle;
  ops.fsyncdir = Counted<FUSE_FSYNCDIR, op_fsyncdir>::handle;
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
