// rename: within folders, between them, and between kinds of folders (moving.h).
#include <cstdio>

#include "catalog/base/text.h"
#include "catalog/model/ingest.h"
#include "fs/made_sidecar.h"
#include "fs/moving.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

Result<Renaming::How> how_of(unsigned flags) {
  if (flags == 0) return Renaming::How::replace;
  if (flags == RENAME_NOREPLACE) return Renaming::How::refuse;
  if (flags == RENAME_EXCHANGE) return Renaming::How::exchange;
  return fail(Errc::invalid);
}

Status rename_entry(fuse_req_t request, const Renaming& renaming) {
  Mount& mount = mount_of(request);
  if (renaming.to_name.size() > kNameLimit) return fail(Errc::name_too_long);
  if (renaming.to_name == kVersionsName) return fail(Errc::read_only);
  // What was shown is what is moved, or what the new bytes are a version of.
  LENSFS_CHECK(make_sidecar_real(request, renaming.from, renaming.name));
  LENSFS_CHECK(make_sidecar_real(request, renaming.to, renaming.to_name));
  LENSFS_CHECK(mount.tree.allow_removal(renaming.from, renaming.name));
  LENSFS_CHECK(mount.tree.allow(renaming.to, Right::write));
  LENSFS_CHECK(mount.tree.allow(renaming.to, renaming.to_name, Right::write));
  Removal removal(mount);
  std::optional<DraftId> unsaved;
  LENSFS_CHECK(mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
    LENSFS_TRY(unsaved, move_between(mount, editing, renaming, removal));
    return {};
  }));
  LENSFS_CHECK(removal.finish());
  if (unsaved) mount.saver.add(*unsaved);
  return {};
}

}  // namespace

void op_rename(fuse_req_t request, fuse_ino_t from, const char* name, fuse_ino_t to,
               const char* to_name, unsigned flags) {
  Notifier& notifier = mount_of(request).notifier;
  const auto how = how_of(flags);
  if (!how) return reply_error(request, how.error());
  Status renamed = rename_entry(
      request, {.from = node(from), .name = name, .to = node(to), .to_name = to_name, .how = *how});
  renamed = mount_of(request).tree.explained(std::move(renamed), node(from), name);
  reply_status(request, renamed);
  notifier.wake();
}

}  // namespace lensfs
