// unlink and rmdir: what takes names away.
#include "catalog/base/text.h"
#include "fs/ops.h"
#include "fs/removal.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {

void op_unlink(fuse_req_t request, fuse_ino_t parent, const char* name) {
  Mount& mount = mount_of(request);
  const auto remove = [&]() -> Status {
    LENSFS_TRY(View* const view, mount.tree.view_of(node(parent)));
    // What is purged must not be on its way from a draft to an object that nothing will name.
    std::optional<Store::Hold> alone;
    if (node(parent) == NodeId::trash) {
      LENSFS_TRY(alone, mount.catalog.store().hold_alone());
    }
    Removal removal(mount);
    Reclaimer::Freed freed;
    LENSFS_CHECK(mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
      LENSFS_TRY(const Writing writing, removal.look_at(editing, node(parent), name));
      LENSFS_TRY(const Asset asset,
                 view->remove(editing, node(parent), shown_spelling(name), writing));
      freed = {.asset = asset.id, .objects = std::move(editing.freed)};
      return removal.removed(editing, asset);
    }));
    if (!freed.objects.empty()) mount.reclaimer.add(std::move(freed));
    return removal.finish();
  };
  const Status removed = mount.tree.explained(remove(), node(parent), name);
  reply_status(request, removed);
  mount.notifier.wake();
}

void op_rmdir(fuse_req_t request, fuse_ino_t parent, const char* name) {
  Mount& mount = mount_of(request);
  const auto remove = [&]() -> Status {
    LENSFS_TRY(View* const view, mount.tree.view_of(node(parent)));
    return mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
      return view->remove_folder(editing, node(parent), shown_spelling(name));
    });
  };
  reply_status(request, mount.tree.explained(remove(), node(parent), name));
  mount.notifier.wake();
}

}  // namespace lensfs
