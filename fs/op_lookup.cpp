// lookup: a name in a folder -> a node and its attributes.
#include "catalog/base/text.h"
#include "fs/control.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

// Names that are not there may be remembered as such, for the kernel is told when one appears. Not
// so what is typed rather than listed: what makes it valid is not a name in this folder.
Keep keep_missing(NodeId folder, std::string_view name) {
  if (folder == NodeId::search || class_of(folder) == NodeClass::path) return Keep::no;
  if (name.find('=') != std::string_view::npos || name.starts_with('@')) return Keep::no;
  return is_legal_name(name) ? Keep::until_told : Keep::no;
}

// "." and ".." are asked for by number when an exported handle is opened again.
Result<Found> by_number(Mount& mount, NodeId at, std::string_view name) {
  if (name == "..") return fail(Errc::stale);
  LENSFS_TRY(const Attributes attributes, mount.tree.attributes(at));
  return Found{at, attributes};
}

Result<Found> find(Mount& mount, NodeId folder, std::string_view name) {
  if (name == "." || name == "..") return by_number(mount, folder, name);
  if (folder == NodeId::root && name == kControlName) {
    LENSFS_TRY(const Attributes root, mount.tree.attributes(NodeId::root));
    return Found{NodeId::control, control_attributes(root, NodeId::control)};
  }
  if (folder == NodeId::control) {
    LENSFS_TRY(const Attributes root, mount.tree.attributes(NodeId::root));
    return find_control(root, name);
  }
  return mount.tree.lookup(folder, name);
}

}  // namespace

void op_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  const Result<Found> found = find(mount_of(request), node(parent), name);
  if (found) return reply_entry(request, *found);
  if (found.error().code() != Errc::not_found) return reply_error(request, found.error());
  reply_no_entry(request, keep_missing(node(parent), name));
}

}  // namespace lensfs
