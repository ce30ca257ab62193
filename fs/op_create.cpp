// create, mknod, mkdir, symlink, link, tmpfile: what makes names.
#include <fcntl.h>
#include <sys/stat.h>

#include "catalog/base/log.h"
#include "catalog/base/text.h"
#include "catalog/model/ingest.h"
#include "fs/opening.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

constexpr mode_t kPermissions = 07777;

NewFile file_named(fuse_req_t request, const char* name, mode_t mode) {
  Spelling spelling = spelled(name);
  const fuse_ctx* const who = fuse_req_ctx(request);
  return {.name = std::move(spelling.name),
          .raw_name = std::move(spelling.raw),
          .uid = who->uid,
          .gid = who->gid,
          .mode = mode & kPermissions};
}

// A name that is shown in another spelling must be asked for again each time.
Keep keep_of(const char* name) {
  return is_legal_name(name) ? Keep::until_told : Keep::no;
}

Status check_length(const char* name) {
  return std::string_view(name).size() > kNameLimit ? Status(fail(Errc::name_too_long)) : Status();
}

// Makes a file in a folder; a regular one with an empty draft.
Result<Found> make_file(fuse_req_t request, NodeId folder, const char* name, NewFile file) {
  LENSFS_CHECK(check_length(name));
  Mount& mount = mount_of(request);
  LENSFS_TRY(View* const view, mount.tree.view_of(folder));
  std::optional<Found> found;
  LENSFS_CHECK(mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
    LENSFS_TRY(Asset asset, view->create(editing, folder, file));
    if (asset.type == 0) {
      LENSFS_TRY(const DraftId draft, mount.files.begin_empty(editing.txn, editing.actor, asset));
      asset.draft = draft;
    }
    const Attributes attributes = attributes_of(asset, mount.tree.context().drafts);
    found = Found{node_of(asset.file), attributes, keep_of(name)};
    return {};
  }));
  if (found) return *found;
  return mount.tree.lookup(folder, name);  // an earlier worker made it
}

void reply_made(fuse_req_t request, const Result<Found>& found) {
  mount_of(request).notifier.wake();
  if (!found) return reply_error(request, found.error());
  reply_entry(request, *found);
}

void reply_created(fuse_req_t request, const Result<Found>& found, fuse_file_info* file) {
  Mount& mount = mount_of(request);
  mount.notifier.wake();
  if (!found) return reply_error(request, found.error());
  const Access access = (file->flags & O_ACCMODE) == O_RDONLY ? Access::read : Access::write;
  const Status opened = hand_out(mount, request, {.at = found->node, .access = access}, *file);
  if (!opened) return reply_error(request, opened.error());
  const fuse_entry_param entry = entry_of(found->node, found->attributes, found->keep);
  fuse_reply_create(request, &entry, file);
}

}  // namespace

void op_create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode,
               fuse_file_info* file) {
  reply_created(request, make_file(request, node(parent), name, file_named(request, name, mode)),
                file);
}

void op_mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t) {
  Mount& mount = mount_of(request);
  NewFile file = file_named(request, name, mode);
  const mode_t type = mode & S_IFMT;
  if (type == S_IFCHR || type == S_IFBLK) return reply_error(request, Error(Errc::not_permitted));
  if (type != 0 && type != S_IFREG) file.type = type;
  const auto found = make_file(request, node(parent), name, file);
  reply_made(request, found);
  if (!found || file.type != 0) return;
  const Status closed =
      mount.files.released(found->node, Access::write, mount.open_files.left(found->node));
  if (!closed) log::error("a new file is not saved: {}", closed.error().message());
}

void op_symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name) {
  NewFile file = file_named(request, name, 0777);
  file.type = S_IFLNK;
  file.target = target;
  reply_made(request, make_file(request, node(parent), name, file));
}

void op_mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
  Mount& mount = mount_of(request);
  const auto make = [&]() -> Result<Found> {
    LENSFS_CHECK(check_length(name));
    LENSFS_TRY(View* const view, mount.tree.view_of(node(parent)));
    Spelling spelling = spelled(name);
    const fuse_ctx* const who = fuse_req_ctx(request);
    const NewFolder folder{.name = std::move(spelling.name),
                           .raw_name = std::move(spelling.raw),
                           .uid = who->uid,
                           .gid = who->gid,
                           .mode = mode & kPermissions};
    std::optional<Found> found;
    LENSFS_CHECK(mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
      LENSFS_TRY(found, view->make_folder(editing, node(parent), folder));
      found->keep = keep_of(name);
      return {};
    }));
    if (found) return *found;
    return mount.tree.lookup(node(parent), name);
  };
  reply_made(request, make());
}

void op_link(fuse_req_t request, fuse_ino_t ino, fuse_ino_t parent, const char* name) {
  Mount& mount = mount_of(request);
  const auto link = [&]() -> Result<Found> {
    LENSFS_CHECK(check_length(name));
    LENSFS_TRY(View* const view, mount.tree.view_of(node(parent)));
    if (class_of(node(ino)) == NodeClass::version) return fail(Errc::read_only);
    if (class_of(node(ino)) != NodeClass::file) return fail(Errc::not_permitted);
    Spelling spelling = spelled(name);
    const NewPlace place{.name = std::move(spelling.name), .raw_name = std::move(spelling.raw)};
    LENSFS_CHECK(mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
      LENSFS_TRY(const Asset asset, find_asset(editing.txn.db(), file_of(node(ino))));
      return view->link(editing, node(parent), asset, place);
    }));
    LENSFS_TRY(const Attributes attributes, mount.tree.attributes(node(ino)));
    // In a folder that flattens names the asset may show under another one.
    const bool own_name = class_of(node(parent)) == NodeClass::folder;
    return Found{node(ino), attributes, own_name ? keep_of(name) : Keep::no};
  };
  reply_made(request, link());
}

void op_tmpfile(fuse_req_t request, fuse_ino_t parent, mode_t mode, fuse_file_info* file) {
  Mount& mount = mount_of(request);
  const auto make = [&]() -> Result<Found> {
    if (class_of(node(parent)) != NodeClass::folder) return fail(Errc::not_supported);
    std::optional<Found> found;
    LENSFS_CHECK(mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
      LENSFS_TRY(Asset asset,
                 create_unplaced(editing.txn, editing.actor, file_named(request, "unnamed", mode),
                                 AssetState::aside));
      LENSFS_TRY(const DraftId draft, mount.files.begin_empty(editing.txn, editing.actor, asset));
      asset.draft = draft;
      found = Found{node_of(asset.file), attributes_of(asset, mount.tree.context().drafts)};
      return {};
    }));
    if (!found) return fail(Errc::io, "a file without a name was lost with the worker");
    mount.files.note_nameless(found->node);
    return *found;
  };
  reply_created(request, make(), file);
}

}  // namespace lensfs
