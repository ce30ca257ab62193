#include "fs/reply.h"

#include "catalog/base/log.h"
#include "fs/kernel_message.h"

namespace lensfs {

int errno_of(Errc code) {
  switch (code) {
    case Errc::not_found:
      return ENOENT;
    case Errc::exists:
      return EEXIST;
    case Errc::denied:
      return EACCES;
    case Errc::not_permitted:
      return EPERM;
    case Errc::invalid:
      return EINVAL;
    case Errc::not_directory:
      return ENOTDIR;
    case Errc::is_directory:
      return EISDIR;
    case Errc::not_empty:
      return ENOTEMPTY;
    case Errc::no_attribute:
      return ENODATA;
    case Errc::range:
      return ERANGE;
    case Errc::too_big:
      return E2BIG;
    case Errc::name_too_long:
      return ENAMETOOLONG;
    case Errc::not_supported:
      return ENOTSUP;
    case Errc::read_only:
      return EROFS;
    case Errc::no_space:
      return ENOSPC;
    case Errc::busy:
      return EBUSY;
    case Errc::stale:
      return ESTALE;
    case Errc::io:
      return EIO;
    case Errc::corrupt:
      return EIO;
    case Errc::changed:
      return EIO;
    case Errc::interrupted:
      return EINTR;
    case Errc::cross_device:
      return EXDEV;
    case Errc::too_many_files:
      return EMFILE;
    case Errc::usage:
      return EINVAL;
  }
  return EIO;
}

struct stat stat_of(const Attributes& attributes) {
  // What a disk would need, so that a file has as many before it is saved as after: Samba takes a
  // file with another number for another one.
  constexpr std::int64_t kDiskBlock = 4096;
  const std::int64_t needed = (attributes.size + kDiskBlock - 1) / kDiskBlock * (kDiskBlock / 512);
  struct stat st {};
  st.st_ino = static_cast<ino_t>(attributes.ino);
  st.st_mode = attributes.mode;
  st.st_nlink = attributes.links;
  st.st_uid = attributes.uid;
  st.st_gid = attributes.gid;
  st.st_size = attributes.size;
  st.st_blocks = attributes.blocks.value_or(needed);
  st.st_blksize = 4096;
  st.st_mtim = to_timespec(attributes.mtime);
  st.st_atim = to_timespec(attributes.atime.value_or(attributes.mtime));
  st.st_ctim = to_timespec(attributes.ctime);
  return st;
}

fuse_entry_param entry_of(NodeId node, const Attributes& attributes, Keep keep) {
  fuse_entry_param entry{};
  entry.ino = static_cast<fuse_ino_t>(node);
  entry.generation = kGeneration;
  entry.attr = stat_of(attributes);
  entry.entry_timeout = keep == Keep::until_told ? kUntilTold : 0.0;
  entry.attr_timeout = attributes.moving ? 0.0 : entry.entry_timeout;
  return entry;
}

void reply_error(fuse_req_t request, const Error& error) {
  const Errc code = error.code();
  if (code == Errc::io || code == Errc::corrupt || code == Errc::too_many_files) {
    log::error("request failed: {}", error.message());
  }
  fuse_reply_err(request, errno_of(code));
}

void reply_status(fuse_req_t request, const Status& status) {
  if (!status) return reply_error(request, status.error());
  fuse_reply_err(request, 0);
}

void reply_entry(fuse_req_t request, const Found& found) {
  const fuse_entry_param entry = entry_of(found.node, found.attributes, found.keep);
  fuse_reply_entry(request, &entry);
}

void reply_no_entry(fuse_req_t request, Keep keep) {
  if (keep == Keep::no) {
    fuse_reply_err(request, ENOENT);
    return;
  }
  fuse_entry_param nothing{};  // node 0: a name that is known not to be there
  nothing.entry_timeout = kUntilTold;
  fuse_reply_entry(request, &nothing);
}

void reply_attributes(fuse_req_t request, const Result<Attributes>& attributes, Keep keep) {
  if (!attributes) return reply_error(request, attributes.error());
  const struct stat st = stat_of(*attributes);
  const bool kept = keep == Keep::until_told && !attributes->moving;
  fuse_reply_attr(request, &st, kept ? kUntilTold : 0.0);
}

}  // namespace lensfs
