// setattr: chmod, chown, truncate, utimensat.
#include "fs/access_attribute.h"
#include "fs/op_brought.h"
#include "fs/opening.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

constexpr std::int64_t kSetId = S_ISUID | S_ISGID;

struct Change {
  struct stat to;
  int what = 0;
  [[nodiscard]] bool has(int flag) const { return (what & flag) != 0; }
};

NewAttributes attributes_in(const Change& change) {
  NewAttributes to;
  const Nanoseconds now = Clock().now();
  if (change.has(FUSE_SET_ATTR_MODE)) to.mode = change.to.st_mode & 07777;
  if (change.has(FUSE_SET_ATTR_UID)) to.uid = change.to.st_uid;
  if (change.has(FUSE_SET_ATTR_GID)) to.gid = change.to.st_gid;
  if (change.has(FUSE_SET_ATTR_ATIME_NOW)) {
    to.atime = now;
  } else if (change.has(FUSE_SET_ATTR_ATIME)) {
    to.atime = from_timespec(change.to.st_atim);
  }
  if (change.has(FUSE_SET_ATTR_MTIME_NOW)) {
    to.mtime = now;
  } else if (change.has(FUSE_SET_ATTR_MTIME)) {
    to.mtime = from_timespec(change.to.st_mtim);
  }
  return to;
}

bool is_any(const NewAttributes& to) {
  return to.mode || to.uid || to.gid || to.atime || to.mtime;
}

// Truncation by somebody else than root takes the set-id bits away.
void drop_set_id(fuse_req_t request, const Asset& asset, const Change& change, NewAttributes& to) {
  if (!change.has(FUSE_SET_ATTR_SIZE) || to.mode || fuse_req_ctx(request)->uid == 0) return;
  if ((asset.mode & kSetId) != 0) to.mode = asset.mode & ~kSetId;
}

// What the file shows then; nothing if that is still to be read.
using Shown = std::optional<Attributes>;

Shown stored(const Attributes& attributes) {
  return attributes.outdated ? Shown() : Shown(attributes);
}

// Unpacking sets time, owner and permissions on each file it makes, which would be three
// transactions. On a file that is new and still being written they are kept with its draft, where
// that is enough; nothing: it is not.
Result<Shown> set_on_new_file(Mount& mount, NodeId at, const NewAttributes& to) {
  const Drafts* const drafts = mount.tree.context().drafts;
  if (drafts == nullptr || mount.open_files.left(at).writers == 0) return Shown();
  LENSFS_TRY(const OpenFiles::Intent unsaved, mount.open_files.intend_to_write(at));
  LENSFS_TRY(const auto db, mount.catalog.read());
  const auto asset = find_asset(*db, file_of(at));
  if (is_missing(asset)) return Shown();
  if (!asset) return fail(asset.error());
  const bool is_new = asset->draft && number(asset->version) == 0 && asset->type == 0;
  const bool is_owner_same =
      to.uid.value_or(asset->uid) == asset->uid && to.gid.value_or(asset->gid) == asset->gid;
  const bool is_special = ((asset->mode | to.mode.value_or(0)) & kSpecialBits) != 0;
  if (!is_new || !is_owner_same || is_special) return Shown();
  const std::int64_t draft = number(*asset->draft);
  const auto kept = drafts->kept(draft);
  if (!drafts->keep_mode(draft, to.mode.value_or(kept ? kept->mode : asset->mode))) return Shown();
  if (to.atime) LENSFS_CHECK(drafts->set_atime(draft, *to.atime));
  if (to.mtime) LENSFS_CHECK(drafts->set_mtime(draft, *to.mtime));
  return stored(attributes_of(*asset, drafts));
}

// What was kept with its draft belongs to the asset for whoever changes it.
Result<Asset> asset_with_kept(Database& db, NodeId at, const Drafts* drafts) {
  LENSFS_TRY(Asset asset, find_asset(db, file_of(at)));
  if (!asset.draft || drafts == nullptr) return asset;
  if (const auto kept = drafts->kept(number(*asset.draft))) {
    asset.mode = kept->mode;
    asset.atime = kept->atime;
  }
  return asset;
}

Status set_on_draft(const Drafts* drafts, DraftId draft, const Asset& then,
                    const NewAttributes& to) {
  if (drafts == nullptr) return {};
  if (drafts->kept(number(draft))) {
    LENSFS_CHECK(drafts->keep_mode(number(draft), then.mode));
    if (to.atime) LENSFS_CHECK(drafts->set_atime(number(draft), *to.atime));
  }
  return to.mtime ? drafts->set_mtime(number(draft), *to.mtime) : Status();
}

// `asset` with what is kept.
Result<Asset> store(Editing& editing, const Asset& asset, const NewAttributes& to,
                    const Drafts* drafts) {
  LENSFS_TRY(Asset then, change_attributes(editing.txn, editing.actor, asset, to));
  if (asset.draft) LENSFS_CHECK(set_on_draft(drafts, *asset.draft, then, to));
  return then;
}

Result<Shown> set_on_file(Mount& mount, fuse_req_t request, NodeId at, const Change& change) {
  Shown shown;
  if (change.has(FUSE_SET_ATTR_SIZE)) {
    LENSFS_CHECK(mount.files.truncate(at, actor_of(request), change.to.st_size));
  }
  const NewAttributes wanted = attributes_in(change);
  if (!is_any(wanted) && fuse_req_ctx(request)->uid == 0) return shown;
  if (is_any(wanted) && !change.has(FUSE_SET_ATTR_SIZE)) {
    LENSFS_TRY(const bool is_set, mount.new_files.set(at, wanted));
    if (is_set) return mount.new_files.attributes(at);
    LENSFS_TRY(shown, set_on_new_file(mount, at, wanted));
    if (shown) return shown;
  }
  const Drafts* const drafts = mount.tree.context().drafts;
  // Not noted as done: what is asked for again before it was answered may well be done again.
  const Status set = mount.tree.edit({actor_of(request), {}}, [&](Editing& editing) -> Status {
    LENSFS_TRY(const Asset asset, asset_with_kept(editing.txn.db(), at, drafts));
    NewAttributes to = wanted;
    drop_set_id(request, asset, change, to);
    if (!is_any(to)) return {};
    LENSFS_TRY(const Asset then, store(editing, asset, to, drafts));
    shown = stored(attributes_of(then, drafts));
    return {};
  });
  if (set || set.error().code() != Errc::not_found) return set.map([&] { return shown; });
  // A file without an asset of its own any more is only known to who has it open.
  LENSFS_TRY(const auto db, mount.catalog.read());
  LENSFS_TRY(const std::optional<DraftId> draft, mount.files.draft_of(*db, at));
  LENSFS_CHECK(mount.files.set_times(draft, wanted.mtime));
  return shown;
}

Status set_on_folder(Mount& mount, fuse_req_t request, NodeId at, const Change& change) {
  const NewAttributes to = attributes_in(change);
  if (!is_any(to)) return {};
  return mount.tree.edit({actor_of(request), {}}, [&](Editing& editing) -> Status {
    return change_attributes(editing.txn, editing.actor, folder_of(at), to);
  });
}

Result<Shown> set_attributes(fuse_req_t request, NodeId at, const Change& change) {
  Mount& mount = mount_of(request);
  if (class_of(at) == NodeClass::file) return set_on_file(mount, request, at, change);
  if (class_of(at) == NodeClass::sequence) {
    LENSFS_CHECK(set_on_file(mount, request, at, change));
    return Shown();
  }
  if (class_of(at) == NodeClass::folder) {
    LENSFS_CHECK(set_on_folder(mount, request, at, change));
    return Shown();
  }
  return fail(is_through_lens(at) ? Errc::read_only : Errc::not_permitted);
}

// Who has a file open for writing may set its size; everything else is for who may write it now.
// A mode that rules give is not stored.
Status check_rules(Mount& mount, NodeId at, Change& change, bool by_handle) {
  const bool is_owned = change.has(FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID);
  if (by_handle && change.has(FUSE_SET_ATTR_SIZE) && !is_owned) return {};
  LENSFS_CHECK(mount.tree.allow(at, Right::write));
  if (!change.has(FUSE_SET_ATTR_MODE)) return {};
  LENSFS_TRY(const bool is_given, check_mode(mount.tree, at, change.to.st_mode));
  if (is_given) change.what &= ~FUSE_SET_ATTR_MODE;
  return {};
}

void set_and_reply(fuse_req_t request, NodeId at, Change change, CurrentRequest current) {
  Mount& mount = mount_of(request);
  const WithRequest as(current);
  for (;;) {
    const Result<Shown> set = set_attributes(request, at, change);
    if (set || set.error().code() != Errc::busy) {
      mount.notifier.wake(Notifier::When::soon);
      if (!set) return reply_error(request, set.error());
      const bool as_stored = *set && !mount.tree.access().is_active();
      const auto shown = as_stored ? Result<Attributes>(**set) : mount.tree.attributes(at);
      return reply_attributes(request, shown, Keep::until_told);
    }
    const auto again = [=] { set_and_reply(request, at, change, current); };
    if (mount.open_files.after_saving(at, again)) return;
  }
}

void set_if_allowed(fuse_req_t request, NodeId at, Change change, bool by_handle) {
  const Status allowed = check_rules(mount_of(request), at, change, by_handle);
  if (!allowed) return reply_error(request, allowed.error());
  set_and_reply(request, at, change, current_request());
}

}  // namespace

Status take_set_id(Mount& mount, fuse_req_t request, NodeId at) {
  if (fuse_req_ctx(request)->uid == 0) return {};
  LENSFS_TRY(const Attributes attributes, mount.tree.attributes(at));
  if ((attributes.mode & kSetId) == 0) return {};
  const Drafts* const drafts = mount.tree.context().drafts;
  return mount.tree.edit({actor_of(request), {}}, [&](Editing& editing) -> Status {
    LENSFS_TRY(const Asset asset, asset_with_kept(editing.txn.db(), at, drafts));
    LENSFS_CHECK(store(editing, asset, {.mode = asset.mode & ~kSetId}, drafts));
    return {};
  });
}

void op_setattr(fuse_req_t request, fuse_ino_t ino, struct stat* to, int what,
                fuse_file_info* file) {
  if ((what & FUSE_SET_ATTR_SIZE) != 0) mount_of(request).new_files.settle();
  if (is_sidecar(node(ino))) {
    const Status allowed = mount_of(request).tree.allow(node(ino), Right::write);
    if (!allowed) return reply_error(request, allowed.error());
  }
  if (is_served_here(node(ino))) return set_brought(request, node(ino), *to, what);
  set_if_allowed(request, node(ino), {*to, what}, file != nullptr);
}

}  // namespace lensfs
