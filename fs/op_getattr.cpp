// getattr, readlink, statfs: what a node is.
#include <sys/statvfs.h>

#include "fs/control.h"
#include "fs/op_brought.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {

namespace {

// Who has a file open may go on looking at it. The kernel does not say of fstat(2) that it is of a
// handle; who has none had to look the name up, and that was allowed or not.
bool may_be_of_handle(Mount& mount, NodeId at) {
  return class_of(at) == NodeClass::outline || mount.open_files.left(at).opens > 0;
}

// The kernel asks for these before each file that is made in it.
void reply_folder(fuse_req_t request, NodeId folder) {
  Mount& mount = mount_of(request);
  const auto read = [&] { return mount.tree.attributes(folder); };
  const bool has_new = mount.new_files.any() && !mount.tree.access().is_active();
  reply_attributes(request, has_new ? mount.new_files.folder(folder, read) : read(),
                   Keep::until_told);
}

}  // namespace

void op_getattr(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file) {
  const bool by_handle = file != nullptr || may_be_of_handle(mount_of(request), node(ino));
  const ActingFor caller(by_handle ? nullptr : current_asker());
  if (is_brought(node(ino))) {
    return reply_attributes(request, mount_of(request).brought.attributes(node(ino)), Keep::no);
  }
  if (is_sidecar(node(ino))) {
    return reply_attributes(request, mount_of(request).sidecars.attributes(node(ino)), Keep::no);
  }
  Tree& tree = mount_of(request).tree;
  if (const auto made = mount_of(request).new_files.attributes(node(ino))) {
    return reply_attributes(request, *made, Keep::until_told);
  }
  if (class_of(node(ino)) == NodeClass::folder) return reply_folder(request, node(ino));
  if (class_of(node(ino)) != NodeClass::file) mount_of(request).new_files.settle();
  if (!is_control(node(ino))) {
    return reply_attributes(request, tree.attributes(node(ino)), Keep::until_told);
  }
  const Result<Attributes> root = tree.attributes(NodeId::root);
  if (!root) return reply_error(request, root.error());
  reply_attributes(request, control_attributes(*root, node(ino)), Keep::until_told);
}

void op_readlink(fuse_req_t request, fuse_ino_t ino) {
  const Result<std::string> target = mount_of(request).tree.link_target(node(ino));
  if (!target) return reply_error(request, target.error());
  fuse_reply_readlink(request, target->c_str());
}

void op_statfs(fuse_req_t request, fuse_ino_t) {
  struct statvfs room {};
  if (::fstatvfs(mount_of(request).catalog.store().directory_fd(), &room) != 0) {
    fuse_reply_err(request, errno);
    return;
  }
  room.f_namemax = 255;
  fuse_reply_statfs(request, &room);
}

}  // namespace lensfs
