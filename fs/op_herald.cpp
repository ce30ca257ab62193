#include "fs/op_herald.h"

#include <sys/stat.h>

#include "catalog/base/text.h"
#include "catalog/model/saved_search.h"
#include "fs/herald_message.h"
#include "fs/op_brought.h"
#include "fs/ops.h"
#include "fs/reply.h"

namespace lensfs {
namespace {

HeraldAct act_of(fuse_req_t request) {
  return static_cast<HeraldAct>(mount_of(request).state->herald_act.load());
}

// A query that is not saved is not listed.
Result<Found> listed(Mount& mount, NodeId folder, const char* name) {
  if (folder == NodeId::search) {
    LENSFS_TRY(const auto db, mount.catalog.read());
    LENSFS_TRY(const bool saved, is_saved_search(*db, text_from_segment(name)));
    if (!saved) return fail(Errc::not_found);
  }
  return mount.tree.lookup(folder, name);
}

// What is there already comes to be there in the kernel's eyes, too.
void reply_come(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t type) {
  const auto found = listed(mount_of(request), node(parent), name);
  if (!found) return reply_error(request, found.error());
  if ((found->attributes.mode & S_IFMT) != type) return reply_error(request, Error(Errc::exists));
  reply_entry(request, found_for(request, node(parent), name, *found));
}

}  // namespace

void herald_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  const std::string_view text = name;
  // Asked by number for a folder that the kernel does not know: then nobody watches it.
  if (text == "." || text == "..") return reply_error(request, Error(Errc::stale));
  switch (act_of(request)) {
    case HeraldAct::came:
      return reply_no_entry(request, Keep::no);
    case HeraldAct::look:
    case HeraldAct::changed:
    case HeraldAct::written:
    case HeraldAct::touched:
      break;
  }
  const auto found = mount_of(request).tree.lookup(node(parent), name);
  if (!found) return reply_error(request, found.error());
  reply_entry(request, found_for(request, node(parent), name, *found));
}

void herald_setattr(fuse_req_t request, fuse_ino_t ino, struct stat*, int, fuse_file_info*) {
  op_getattr(request, ino, nullptr);
}

void herald_mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t) {
  reply_come(request, parent, name, mode & S_IFMT);
}

void herald_mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t) {
  reply_come(request, parent, name, S_IFDIR);
}

void herald_symlink(fuse_req_t request, const char*, fuse_ino_t parent, const char* name) {
  reply_come(request, parent, name, S_IFLNK);
}

}  // namespace lensfs
