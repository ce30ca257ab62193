// unlink and rmdir: what takes names away.
#include "catalog/base/text.h"
#include "fs/made_sidecar.h"
#include "fs/ops.h"
#include "fs/removal.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {

namespace {

enum class Call { unlink, rmdir };

// A sequence is a folder to the kernel, and an asset to its folder: rmdir(2) takes its name away.
Result<bool> is_sequence_at(Editing& editing, View& view, NodeId folder, std::string_view name) {
  const auto found = view.child(editing.txn.db(), folder, name);
  if (is_missing(found)) return false;
  if (!found) return fail(found.error());
  return class_of(found->node) == NodeClass::file && S_ISDIR(found->attributes.mode);
}

Status remove(fuse_req_t request, NodeId parent, const char* name, Call call) {
  Mount& mount = mount_of(request);
  if (call == Call::unlink) LENSFS_CHECK(make_sidecar_real(request, parent, name));
  LENSFS_CHECK(mount.tree.allow_removal(parent, name));
  LENSFS_TRY(View* const view, mount.tree.view_of(parent));
  // What is purged must not be on its way from a draft to an object that nothing will name.
  std::optional<Store::Hold> alone;
  if (parent == NodeId::trash) {
    LENSFS_TRY(alone, mount.catalog.store().hold_alone());
  }
  Removal removal(mount);
  Reclaimer::Freed freed;
  LENSFS_CHECK(mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
    const std::string shown = shown_spelling(name);
    if (call == Call::rmdir) {
      LENSFS_TRY(const bool is_sequence, is_sequence_at(editing, *view, parent, shown));
      if (!is_sequence) return view->remove_folder(editing, parent, shown);
    }
    LENSFS_TRY(const Writing writing, removal.look_at(editing, parent, name));
    LENSFS_TRY(const Asset asset, view->remove(editing, parent, shown, writing));
    freed = {.asset = asset.id, .objects = std::move(editing.freed)};
    return removal.removed(editing, asset);
  }));
  if (!freed.objects.empty()) mount.reclaimer.add(std::move(freed));
  return removal.finish();
}

void remove_and_reply(fuse_req_t request, NodeId parent, const char* name, Call call) {
  Mount& mount = mount_of(request);
  const Status removed = mount.tree.explained(remove(request, parent, name, call), parent, name);
  reply_status(request, removed);
  mount.notifier.wake();
}

}  // namespace

void op_unlink(fuse_req_t request, fuse_ino_t parent, const char* name) {
  remove_and_reply(request, node(parent), name, Call::unlink);
}

void op_rmdir(fuse_req_t request, fuse_ino_t parent, const char* name) {
  remove_and_reply(request, node(parent), name, Call::rmdir);
}

}  // namespace lensfs
