#include "fs/op_brought.h"

#include <fcntl.h>
#include <unistd.h>

#include "catalog/base/log.h"
#include "fs/made_sidecar.h"
#include "fs/opening.h"
#include "fs/ops.h"
#include "fs/reply.h"

namespace lensfs {
namespace {

constexpr mode_t kPermissions = 07777;

BroughtFiles::Owner owner_of(fuse_req_t request, mode_t mode) {
  const fuse_ctx* const who = fuse_req_ctx(request);
  return {.uid = who->uid, .gid = who->gid, .mode = mode & kPermissions};
}

Result<std::optional<BroughtAs>> brought_as(Mount& mount, NodeId folder, std::string_view name,
                                            std::optional<NodeId> shown) {
  LENSFS_TRY(const auto db, mount.catalog.snapshot());
  return mount.tree.lens().brought_as(*db, folder, name, shown);
}

// Written and read by this process: the kernel's copy would be of no use, and every close is told.
void serve_here(fuse_file_info& file) {
  file.fh = kServedHere;
  file.direct_io = 1;
  file.noflush = 0;
}

// Its size while it is open; times and mode follow the file beside it.
void set_sidecar(fuse_req_t request, NodeId node, const struct stat& to, int what) {
  if (is_xmp_sidecar(node)) {
    if (!open_to_replace(request, node)) reply_error(request, Error(Errc::read_only));
    return;
  }
  SidecarFiles& sidecars = mount_of(request).sidecars;
  const auto set = [&]() -> Result<Attributes> {
    if ((what & FUSE_SET_ATTR_SIZE) != 0) {
      const auto file = sidecars.find(node);
      if (!file) return fail(Errc::not_permitted);
      if (::ftruncate((*file)->fd(), to.st_size) != 0) return last_error("truncate");
      (*file)->changed();
    }
    return sidecars.attributes(node);
  };
  reply_attributes(request, set(), Keep::no);
}

// A file that cannot be compared is not a disk that fails.
Status refused_as_invalid(const Status& taken) {
  if (taken) return taken;
  const Errc code = taken.error().code();
  const bool is_ours = code == Errc::io || code == Errc::no_space || code == Errc::stale;
  return is_ours ? taken : Status(fail(Error::quoted(Errc::invalid, taken.error().message())));
}

}  // namespace

bool create_brought(fuse_req_t request, NodeId folder, const char* name, mode_t mode,
                    const fuse_file_info& file) {
  Mount& mount = mount_of(request);
  auto as = brought_as(mount, folder, name, std::nullopt);
  if (as && !*as) return false;
  const auto made = as ? mount.brought.create(**std::move(as), owner_of(request, mode))
                       : Result<Found>(fail(as.error()));
  if (!made) {
    reply_error(request, made.error());
    return true;
  }
  const fuse_entry_param entry = entry_of(made->node, made->attributes, made->keep);
  fuse_file_info opened = file;
  serve_here(opened);
  fuse_reply_create(request, &entry, &opened);
  return true;
}

Found found_for(fuse_req_t request, NodeId folder, std::string_view name, const Found& found) {
  Mount& mount = mount_of(request);
  const pid_t who = fuse_req_ctx(request)->pid;
  if (is_xmp_sidecar(found.node)) {
    if (!mount.brought.is_replacing(who, found.node)) return found;
    const auto made = make_sidecar_real(request, folder, name);
    if (!made) log::warn("{} cannot be written: {}", name, made.error().message());
    if (!made || !*made) return found;
    const auto real = mount.tree.lookup(folder, name);
    return real ? *real : found;
  }
  if (!is_version(found.node) || !mount.brought.is_replacing(who, found.node)) return found;
  auto as = brought_as(mount, folder, name, found.node);
  if (!as || !*as) return found;
  return mount.brought.replace(who, found.node, **std::move(as),
                               owner_of(request, found.attributes.mode | S_IRUSR | S_IWUSR));
}

bool open_to_replace(fuse_req_t request, NodeId shown) {
  if (!mount_of(request).brought.note_replacing(fuse_req_ctx(request)->pid, shown)) return false;
  reply_error(request, Error(Errc::stale));
  return true;
}

void open_brought(fuse_req_t request, NodeId node, fuse_file_info file) {
  const auto opened = mount_of(request).brought.open(node);
  if (!opened) return reply_error(request, opened.error());
  if ((file.flags & O_TRUNC) != 0) {
    if (::ftruncate((*opened)->fd(), 0) != 0) log::warn("a file that is brought stays as it was");
    (*opened)->changed();
  }
  serve_here(file);
  fuse_reply_open(request, &file);
}

void op_flush(fuse_req_t request, fuse_ino_t ino, fuse_file_info*) {
  if (is_sidecar(node(ino))) {
    // Not noted by the request: what is taken twice says the same.
    const Asking asking{actor_of(request), {}};
    Mount& mount = mount_of(request);
    const Status taken = mount.sidecars.take(asking, node(ino));
    mount.notifier.wake();
    return reply_status(request, taken);
  }
  if (!is_brought(node(ino))) return reply_status(request, {});
  mount_of(request).brought.flush(node(ino), [request](const Status& taken) {
    reply_status(request, refused_as_invalid(taken));
  });
}

void open_sidecar(fuse_req_t request, NodeId node, fuse_file_info file) {
  const bool writes = (file.flags & O_ACCMODE) != O_RDONLY || (file.flags & O_TRUNC) != 0;
  if (writes && is_xmp_sidecar(node)) {
    // The name leads to a real file from now on.
    if (!open_to_replace(request, node)) reply_error(request, Error(Errc::read_only));
    return;
  }
  const auto opened = mount_of(request).sidecars.open(node);
  if (!opened) return reply_error(request, opened.error());
  if ((file.flags & O_TRUNC) != 0) {
    if (::ftruncate((*opened)->fd(), 0) != 0) log::warn("a sidecar stays as it was");
    (*opened)->changed();
  }
  serve_here(file);
  fuse_reply_open(request, &file);
}

void release_brought(fuse_req_t request, NodeId node) {
  if (is_sidecar(node)) {
    mount_of(request).sidecars.release({actor_of(request), {}}, node);
    mount_of(request).notifier.wake();
    fuse_reply_err(request, 0);
    return;
  }
  mount_of(request).brought.release(node);
  fuse_reply_err(request, 0);
}

// Size and time; owner and mode are those of the file that is shown afterwards.
void set_brought(fuse_req_t request, NodeId node, const struct stat& to, int what) {
  if (is_sidecar(node)) return set_sidecar(request, node, to, what);
  BroughtFiles& brought = mount_of(request).brought;
  const auto set = [&]() -> Result<Attributes> {
    LENSFS_TRY(const BroughtFiles::Shared file, brought.find(node));
    if ((what & FUSE_SET_ATTR_SIZE) != 0) {
      if (::ftruncate(file->fd(), to.st_size) != 0) return last_error("truncate");
      file->changed();
    }
    if ((what & FUSE_SET_ATTR_MTIME) != 0) file->set_modified(from_timespec(to.st_mtim));
    return brought.attributes(node);
  };
  reply_attributes(request, set(), Keep::no);
}

Result<FileBytes> FileBytes::to_read(fuse_req_t request, NodeId node) {
  FileBytes bytes;
  if (is_sidecar(node)) {
    LENSFS_TRY(bytes.sidecar_, mount_of(request).sidecars.find(node));
  } else if (is_brought(node)) {
    LENSFS_TRY(bytes.brought_, mount_of(request).brought.find(node));
  } else {
    LENSFS_TRY(bytes.object_, mount_of(request).objects.open(node));
  }
  return bytes;
}

Result<FileBytes> FileBytes::to_write(fuse_req_t request, NodeId node) {
  if (is_served_here(node)) return to_read(request, node);
  FileBytes bytes;
  LENSFS_TRY(bytes.object_, mount_of(request).objects.open_to_write(node, actor_of(request)));
  return bytes;
}

}  // namespace lensfs
