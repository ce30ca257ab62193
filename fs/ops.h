// The table of operations. Each family lives in a file of its own; a handler replies exactly once,
// never waits for a client, and never notifies the kernel (that is the notifier's).
#pragma once

#include "fs/fuse.h"

namespace lensfs {

// op_lookup.cpp
void op_lookup(fuse_req_t request, fuse_ino_t parent, const char* name);
// op_getattr.cpp
void op_getattr(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file);
void op_readlink(fuse_req_t request, fuse_ino_t ino);
void op_statfs(fuse_req_t request, fuse_ino_t ino);
// op_readdir.cpp
void op_opendir(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file);
void op_readdir(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset,
                fuse_file_info* file);
void op_readdirplus(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset,
                    fuse_file_info* file);
// op_open.cpp
void op_open(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file);
void op_release(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file);
void op_flush(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file);
// op_read.cpp
void op_read(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset, fuse_file_info* file);
void op_lseek(fuse_req_t request, fuse_ino_t ino, off_t offset, int whence, fuse_file_info* file);
// op_create.cpp
void op_create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode,
               fuse_file_info* file);
void op_mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t device);
void op_symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name);
void op_mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode);
void op_link(fuse_req_t request, fuse_ino_t ino, fuse_ino_t parent, const char* name);
void op_tmpfile(fuse_req_t request, fuse_ino_t parent, mode_t mode, fuse_file_info* file);
// op_remove.cpp
void op_unlink(fuse_req_t request, fuse_ino_t parent, const char* name);
void op_rmdir(fuse_req_t request, fuse_ino_t parent, const char* name);
// op_rename.cpp
void op_rename(fuse_req_t request, fuse_ino_t from, const char* name, fuse_ino_t to,
               const char* to_name, unsigned flags);
// op_setattr.cpp
void op_setattr(fuse_req_t request, fuse_ino_t ino, struct stat* to, int what,
                fuse_file_info* file);
// op_write.cpp
void op_write_buf(fuse_req_t request, fuse_ino_t ino, fuse_bufvec* bytes, off_t offset,
                  fuse_file_info* file);
void op_fallocate(fuse_req_t request, fuse_ino_t ino, int mode, off_t offset, off_t length,
                  fuse_file_info* file);
void op_copy_file_range(fuse_req_t request, fuse_ino_t from, off_t from_offset,
                        fuse_file_info* from_file, fuse_ino_t into, off_t into_offset,
                        fuse_file_info* into_file, size_t size, int flags);
void op_fsync(fuse_req_t request, fuse_ino_t ino, int data_only, fuse_file_info* file);
void op_fsyncdir(fuse_req_t request, fuse_ino_t ino, int data_only, fuse_file_info* file);
// op_xattr.cpp
void op_getxattr(fuse_req_t request, fuse_ino_t ino, const char* name, size_t size);
void op_listxattr(fuse_req_t request, fuse_ino_t ino, size_t size);
void op_setxattr(fuse_req_t request, fuse_ino_t ino, const char* name, const char* value,
                 size_t size, int flags);
void op_removexattr(fuse_req_t request, fuse_ino_t ino, const char* name);

// All of the above, each counted in the mount's state.
[[nodiscard]] const fuse_lowlevel_ops& operations();
// "LOOKUP" for opcode 1 …; empty for numbers without a name.
[[nodiscard]] const char* name_of_opcode(unsigned opcode);

}  // namespace lensfs
