// lookup: a name in a folder -> a node and its attributes.
#include <sys/syscall.h>

#include <cstdlib>

#include "catalog/base/text.h"
#include "catalog/model/saved_search.h"
#include "fs/clips.h"
#include "fs/control.h"
#include "fs/op_brought.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

// Names that are not there may be remembered as such, for the kernel is told when one appears. Not
// so what is typed rather than listed: what makes it valid is not a name in this folder.
Keep keep_missing(NodeId folder, std::string_view name) {
  if (folder == NodeId::search || folder == NodeId::versions) return Keep::no;
  if (class_of(folder) == NodeClass::path || class_of(folder) == NodeClass::time) return Keep::no;
  if (is_behind_lens(folder)) return Keep::no;
  if (name.find('=') != std::string_view::npos || may_be_typed(name) || may_be_sidecar(name)) {
    return Keep::no;
  }
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
  if (const auto made = mount.new_files.look_up(folder, name)) return *made;
  return mount.tree.lookup(folder, name);
}

// Whether what is found under a name may depend on files that are not in the catalog yet, without
// being one of them.
bool may_show_new_files(const Mount& mount, NodeId folder, std::string_view name) {
  if (!mount.new_files.any()) return false;
  return class_of(folder) != NodeClass::folder || !is_legal_name(name) || may_be_typed(name) ||
         may_be_sidecar(name) || mount.tree.access().is_active();
}

// Any query can be looked up in /Search, so mkdir(2) would always find that the name is there. What
// the caller is about to do shows in the number of its system call.
bool is_making_a_folder(fuse_req_t request) {
  const std::string file = "/proc/" + std::to_string(fuse_req_ctx(request)->pid) + "/syscall";
  const auto text = read_text(file, 256);
  if (!text) return false;
  const long call = std::strtol(text->c_str(), nullptr, 10);
#ifdef SYS_mkdir
  if (call == SYS_mkdir) return true;
#endif
  return call == SYS_mkdirat;
}

bool hides_unsaved(Mount& mount, fuse_req_t request, NodeId folder, std::string_view name) {
  if (folder != NodeId::search || !is_making_a_folder(request)) return false;
  const auto db = mount.catalog.read();
  if (!db) return false;
  const auto saved = is_saved_search(**db, text_from_segment(name));
  return saved && !*saved;
}

// Where a rendition may be that is still to be made.
bool may_be_missing(NodeId folder, std::string_view name) {
  return class_of(folder) == NodeClass::lens || selected_rendition(name).has_value();
}

void reply_found(fuse_req_t request, NodeId folder, const char* name, const Result<Found>& found) {
  if (found) {
    if (class_of(found->node) == NodeClass::outline) mount_of(request).clips.expect();
    return reply_entry(request, found_for(request, folder, name, *found));
  }
  if (found.error().code() != Errc::not_found) return reply_error(request, found.error());
  const bool is_hidden = mount_of(request).tree.is_hidden(folder, name);
  reply_no_entry(request, is_hidden ? Keep::no : keep_missing(folder, name));
}

// Asks for a rendition that is not there, and answers when it is, or when there will be none for
// now. False if nothing is to be made under that name.
bool waits_for_rendition(fuse_req_t request, NodeId folder, const char* name) {
  Mount& mount = mount_of(request);
  auto job = mount.tree.missing(folder, name);
  if (!job) {
    reply_error(request, job.error());
    return true;
  }
  if (!*job) return false;
  (*job)->uid = static_cast<std::int64_t>(fuse_req_ctx(request)->uid);
  const auto answer = [&mount, request, folder, text = std::string(name), asker = current_asker()] {
    const ActingFor caller(asker);
    reply_found(request, folder, text.c_str(), mount.tree.lookup(folder, text));
  };
  const Status asked = mount.awaited.ask(**job, answer);
  if (!asked) reply_error(request, asked.error());
  return true;
}

}  // namespace

void op_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  if (may_show_new_files(mount_of(request), node(parent), name)) {
    mount_of(request).new_files.settle();
  }
  if (hides_unsaved(mount_of(request), request, node(parent), name)) {
    return reply_no_entry(request, Keep::no);
  }
  const Result<Found> found = find(mount_of(request), node(parent), name);
  const bool is_missing_here = is_missing(found) && may_be_missing(node(parent), name);
  if (is_missing_here && waits_for_rendition(request, node(parent), name)) return;
  reply_found(request, node(parent), name, found);
}

}  // namespace lensfs
