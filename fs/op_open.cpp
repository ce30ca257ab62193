// open and release: a file's bytes are handed to the kernel, which then reads and writes them by
// itself.
#include <fcntl.h>

#include "catalog/base/log.h"
#include "fs/clips.h"
#include "fs/control.h"
#include "fs/op_brought.h"
#include "fs/opening.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

bool truncates(const fuse_file_info& file) {
  return (file.flags & O_TRUNC) != 0;
}

bool may_write(const fuse_file_info& file) {
  return (file.flags & O_ACCMODE) != O_RDONLY;
}

// What is open stays open, whatever the rules say later: as on any disk, opening is what is allowed
// or not, and the kernel reads and writes by itself from then on.
Status check_right(Tree& tree, NodeId at, const fuse_file_info& file) {
  // Jobs have the names of files, and searches are what others looked for.
  const bool is_of_all = at == NodeId::control_jobs || at == NodeId::control_searches;
  if (is_of_all) return tree.allow(NodeId::root, Right::manage);
  // What the catalog knows of a file is seen with its name.
  const Right to_read = is_sidecar(at)     ? Right::list
                        : is_rendition(at) ? Right::proxy
                                           : Right::read;
  if (is_control(at)) return {};
  return tree.allow(at, may_write(file) || truncates(file) ? Right::write : to_read);
}

Status check_openable(NodeId at, const fuse_file_info& file) {
  const bool changes = may_write(file) || truncates(file);
  if (is_control(at)) return changes ? Status(fail(Errc::not_permitted)) : Status();
  if (is_version(at)) return changes ? Status(fail(Errc::read_only)) : Status();
  if (class_of(at) != NodeClass::file) return fail(Errc::is_directory);
  return {};
}

Status open_file(Mount& mount, fuse_req_t request, NodeId at, fuse_file_info& file) {
  if (!may_write(file) && !truncates(file)) {
    Handout handout{.at = at};
    const Status handed = hand_out(mount, request, handout, file);
    if (handed || handed.error().code() != Errc::changed) return handed;
    const Status apart = mount.files.set_apart(at, actor_of(request));
    if (!apart && apart.error().code() == Errc::busy) return apart;
    handout.sharing = Handout::Sharing::yes;  // there may be no room for a copy
    return hand_out(mount, request, handout, file);
  }
  LENSFS_TRY(const OpenFiles::Intent intent, mount.open_files.intend_to_write(at));
  const auto content = truncates(file) ? WorkingFiles::Content::empty : WorkingFiles::Content::keep;
  Handout handout{.at = at, .access = may_write(file) ? Access::write : Access::read};
  LENSFS_CHECK(take_set_id(mount, request, at));
  bool late = false;
  if (content == WorkingFiles::Content::keep) {
    LENSFS_TRY(late, mount.files.is_copied_late(at));
  }
  if (late) {
    handout.through = OpenFiles::Opening::Through::worker;
    const Status handed = hand_out(mount, request, handout, file);
    // busy: somebody reads it through the kernel, so it has to be written through the kernel too.
    if (handed || handed.error().code() != Errc::busy) return handed;
    handout.through = OpenFiles::Opening::Through::kernel;
  }
  LENSFS_CHECK(mount.files.make_writable(at, actor_of(request), content));
  return hand_out(mount, request, handout, file);
}

void open_and_reply(fuse_req_t request, NodeId at, fuse_file_info file, CurrentRequest current) {
  Mount& mount = mount_of(request);
  const WithRequest as(current);
  for (;;) {
    fuse_file_info opened = file;
    const Status status = open_file(mount, request, at, opened);
    if (status) {
      if (class_of(at) == NodeClass::rendition) mount.tree.lens().opened(at);
      if (truncates(file) && !may_write(file)) {
        static_cast<void>(mount.files.released(at, Access::write, mount.open_files.left(at)));
      }
      note_use(mount, request, at, may_write(file) ? UseAct::write : UseAct::read, opened);
      fuse_reply_open(request, &opened);
      return;
    }
    if (status.error().code() != Errc::busy) return reply_error(request, status.error());
    // It is being saved: it can be written again in a moment.
    const auto again = [=] { open_and_reply(request, at, file, current); };
    if (mount.open_files.after_saving(at, again)) return;
  }
}

}  // namespace

void op_open(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file) {
  if (is_brought(node(ino))) return open_brought(request, node(ino), *file);
  Tree& tree = mount_of(request).tree;
  if (const Status right = check_right(tree, node(ino), *file); !right) {
    return reply_error(request, right.error());
  }
  if (is_sidecar(node(ino))) return open_sidecar(request, node(ino), *file);
  const bool anew = is_version(node(ino)) && may_write(*file) && truncates(*file);
  if (anew && open_to_replace(request, node(ino))) return;
  if (const Status openable = check_openable(node(ino), *file); !openable) {
    return reply_error(request, openable.error());
  }
  const bool is_outline = class_of(node(ino)) == NodeClass::outline;
  if (is_outline && !mount_of(request).clips.may_open(fuse_req_ctx(request)->pid)) {
    return reply_error(request, Error(Errc::denied));
  }
  if (is_outline || is_control(node(ino))) {
    file->noflush = 1;
    file->fh = kServedHere;
    file->keep_cache = is_outline;  // its bytes never change
    file->direct_io = !is_outline;
    if (is_outline) note_use(mount_of(request), request, node(ino), UseAct::read, *file);
    fuse_reply_open(request, file);
    return;
  }
  open_and_reply(request, node(ino), *file, current_request());
}

void op_release(fuse_req_t request, fuse_ino_t ino, fuse_file_info* file) {
  Mount& mount = mount_of(request);
  const NodeId at = node(ino);
  if (is_served_here(at)) return release_brought(request, at);
  mount.uses.closed(use_of_handle(file->fh));
  const CurrentRequest current = current_request();
  if ((file->fh & kCounted) == 0 || was_counted(mount, current)) {
    fuse_reply_err(request, 0);
    return;
  }
  const Access access = (file->fh & kWrites) != 0 ? Access::write : Access::read;
  OpenFiles::Left left;
  {
    const Pending pending(mount, current);
    left = mount.open_files.release(at, access);
    fuse_reply_err(request, 0);
  }
  if (access == Access::write && left.writers == 0) mount.objects.forget(at);
  if (left.opens == 0) mount.saver.closed(at);
  if (left.opens == 0 && class_of(at) == NodeClass::rendition) mount.tree.lens().closed(at);
  if (access == Access::read && !mount.files.is_nameless(at)) return;
  if (const auto draft = mount.new_files.draft_of(at)) {
    if (access == Access::write && left.writers == 0) mount.saver.add(*draft);
    return;
  }
  const Status status = mount.files.released(at, access, left);
  if (!status) log::error("after the last close: {}", status.error().message());
}

}  // namespace lensfs
