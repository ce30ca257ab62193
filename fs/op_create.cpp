// create, mknod, mkdir, symlink, link, tmpfile: what makes names.
#include <fcntl.h>
#include <sys/stat.h>

#include "catalog/base/log.h"
#include "catalog/base/text.h"
#include "catalog/model/ingest.h"
#include "fs/op_brought.h"
#include "fs/opening.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

constexpr mode_t kPermissions = 07777;
constexpr double kLookedAtOnce = 0.01;  // seconds

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

struct NewNode {
  Found found;
  Fd draft;  // empty for what is no regular file, or was made by an earlier worker
};

// Makes a file in a folder; a regular one with an empty draft.
Result<NewNode> make_file(fuse_req_t request, NodeId folder, const char* name, NewFile file) {
  LENSFS_CHECK(check_length(name));
  Mount& mount = mount_of(request);
  LENSFS_CHECK(mount.tree.allow(folder, Right::write));
  LENSFS_TRY(std::optional<NewFiles::Made> soon,
             mount.new_files.make(folder, file, asking_of(request)));
  if (soon) {
    return NewNode{{soon->attributes.ino, soon->attributes, keep_of(name)}, std::move(soon->draft)};
  }
  LENSFS_TRY(View* const view, mount.tree.view_of(folder));
  std::optional<NewNode> made;
  LENSFS_CHECK(mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
    LENSFS_TRY(Asset asset, view->create(editing, folder, file));
    WorkingFiles::Begun begun;
    if (asset.type == 0) {
      LENSFS_TRY(begun, mount.files.begin_empty(editing.txn, editing.actor, asset));
      asset.draft = begun.draft;
    }
    const Attributes attributes = attributes_of(asset, mount.tree.context().drafts);
    made = NewNode{{node_of(asset.file), attributes, keep_of(name)}, std::move(begun.file)};
    return {};
  }));
  if (made) {
    made->found = mount.tree.shown(folder, made->found);
    return *std::move(made);
  }
  LENSFS_TRY(const Found found, mount.tree.lookup(folder, name));  // an earlier worker made it
  return NewNode{.found = found, .draft = {}};
}

// A new file shows nowhere else until somebody tags it.
Notifier::When how_soon(NodeId parent) {
  return class_of(parent) == NodeClass::folder ? Notifier::When::soon : Notifier::When::now;
}

void reply_made(fuse_req_t request, const Result<Found>& found) {
  mount_of(request).notifier.wake();
  if (!found) return reply_error(request, found.error());
  reply_entry(request, *found);
}

void reply_made(fuse_req_t request, const Result<NewNode>& made) {
  reply_made(request, made.map([](const NewNode& done) { return done.found; }));
}

void reply_created(fuse_req_t request, NodeId parent, const Result<NewNode>& made,
                   fuse_file_info* file) {
  Mount& mount = mount_of(request);
  mount.notifier.wake(how_soon(parent));
  if (!made) return reply_error(request, made.error());
  const Found& found = made->found;
  const Handout handout{
      .at = found.node,
      .access = (file->flags & O_ACCMODE) == O_RDONLY ? Access::read : Access::write,
      .draft = made->draft ? &made->draft : nullptr};
  const Status opened = hand_out(mount, request, handout, *file);
  if (!opened) return reply_error(request, opened.error());
  note_use(mount, request, found.node, UseAct::make, *file);
  fuse_entry_param entry = entry_of(found.node, found.attributes, found.keep);
  // Most programs look at once at what they made. What they write the kernel sees; only a map could
  // change the file behind its back.
  if ((file->flags & O_ACCMODE) == O_WRONLY) entry.attr_timeout = kLookedAtOnce;
  fuse_reply_create(request, &entry, file);
}

}  // namespace

void op_create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode,
               fuse_file_info* file) {
  const bool behind_lens = class_of(node(parent)) == NodeClass::lens;
  if (behind_lens && create_brought(request, node(parent), name, mode, *file)) return;
  reply_created(request, node(parent),
                make_file(request, node(parent), name, file_named(request, name, mode)), file);
}

void op_mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t) {
  Mount& mount = mount_of(request);
  NewFile file = file_named(request, name, mode);
  const mode_t type = mode & S_IFMT;
  if (type == S_IFCHR || type == S_IFBLK) return reply_error(request, Error(Errc::not_permitted));
  if (type != 0 && type != S_IFREG) file.type = type;
  const auto made = make_file(request, node(parent), name, file);
  reply_made(request, made);
  if (!made || file.type != 0) return;
  const NodeId at = made->found.node;
  const Status closed = mount.files.released(at, Access::write, mount.open_files.left(at));
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
    LENSFS_CHECK(mount.tree.allow(node(parent), Right::write));
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
    if (found) return mount.tree.shown(node(parent), *found);
    return mount.tree.lookup(node(parent), name);
  };
  reply_made(request, make());
}

void op_link(fuse_req_t request, fuse_ino_t ino, fuse_ino_t parent, const char* name) {
  Mount& mount = mount_of(request);
  const auto link = [&]() -> Result<Found> {
    LENSFS_CHECK(check_length(name));
    LENSFS_CHECK(mount.tree.allow(node(parent), Right::write));
    LENSFS_CHECK(mount.tree.allow(node(ino), Right::write));
    LENSFS_TRY(View* const view, mount.tree.view_of(node(parent)));
    if (is_version(node(ino))) return fail(Errc::read_only);
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
    return mount.tree.shown(node(parent),
                            {node(ino), attributes, own_name ? keep_of(name) : Keep::no});
  };
  reply_made(request, link());
}

void op_tmpfile(fuse_req_t request, fuse_ino_t parent, mode_t mode, fuse_file_info* file) {
  Mount& mount = mount_of(request);
  const auto make = [&]() -> Result<NewNode> {
    if (class_of(node(parent)) != NodeClass::folder) return fail(Errc::not_supported);
    LENSFS_CHECK(mount.tree.allow(node(parent), Right::write));
    std::optional<NewNode> made;
    LENSFS_CHECK(mount.tree.edit(asking_of(request), [&](Editing& editing) -> Status {
      LENSFS_TRY(Asset asset,
                 create_unplaced(editing.txn, editing.actor, file_named(request, "unnamed", mode),
                                 AssetState::aside));
      LENSFS_TRY(auto begun, mount.files.begin_empty(editing.txn, editing.actor, asset));
      asset.draft = begun.draft;
      made = NewNode{{node_of(asset.file), attributes_of(asset, mount.tree.context().drafts)},
                     std::move(begun.file)};
      return {};
    }));
    if (!made) return fail(Errc::io, "a file without a name was lost with the worker");
    mount.files.note_nameless(made->found.node);
    return *std::move(made);
  };
  reply_created(request, node(parent), make(), file);
}

}  // namespace lensfs
