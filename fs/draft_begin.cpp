// How a file gets a draft to be written in.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/base/log.h"
#include "catalog/model/file.h"
#include "catalog/store/mount_marks.h"
#include "fs/saver.h"
#include "fs/working_files.h"

namespace lensfs {
namespace {

// Larger originals are copied when somebody writes to them, not when they are opened for writing,
// unless a copy costs nothing. Smaller ones can then be mapped for writing, which the kernel does
// not do with files that this process serves.
constexpr std::int64_t kCopiedLate = std::int64_t{64} << 20;

// Up to this size a file that shares its bytes with another open one is given its own.
constexpr std::int64_t kSetApart = std::int64_t{1} << 20;

std::vector<NodeId> nodes_of(const Showing& showing) {
  std::vector<NodeId> nodes;
  for (const VersionId version : showing.versions) nodes.push_back(node_of(version));
  for (const FileId file : showing.files) nodes.push_back(node_of(file));
  for (const auto& [version, frame] : showing.frames) nodes.push_back(node_of(version, frame));
  return nodes;
}

}  // namespace

Result<WorkingFiles::Subject> WorkingFiles::subject_of(NodeId file) const {
  LENSFS_TRY(const auto db, tree_.catalog().read());
  auto found = find_asset(*db, file_of(file));
  if (found) return Subject{.asset = *std::move(found)};
  if (!is_missing(found)) return fail(found.error());
  LENSFS_TRY(const LostFile lost, find_lost_file(*db, file_of(file)));
  LENSFS_TRY(Asset asset, find_asset(*db, lost.asset));
  asset.file = lost.file;
  asset.version = lost.version.value_or(VersionId{0});
  asset.draft = lost.draft;
  asset.size = lost.size;
  asset.mtime = lost.mtime;
  return Subject{.asset = std::move(asset), .is_lost = true};
}

Result<bool> WorkingFiles::is_copied_late(NodeId file) const {
  if (class_of(file) != NodeClass::file) return false;
  LENSFS_TRY(const auto db, tree_.catalog().read());
  const auto asset = find_asset(*db, file_of(file));
  if (!asset) return is_missing(asset) ? Result<bool>(false) : fail(asset.error());
  return !asset->draft && number(asset->version) != 0 && asset->size >= kCopiedLate &&
         asset->state == AssetState::live && !tree_.catalog().store().shares_extents();
}

Status WorkingFiles::make_writable(NodeId file, const Actor& actor, Content content) {
  if (is_version(file)) return fail(Errc::read_only);
  if (class_of(file) != NodeClass::file) return fail(Errc::is_directory);
  Move move;  // ends after the turn: whoever waits for it takes the next one, on this thread
  const std::scoped_lock turn(turn_of(file));
  const auto subject = subject_of(file);
  if (!subject) return is_missing(subject) ? fail(Errc::stale) : fail(subject.error());
  const Asset& asset = subject->asset;
  if (asset.state == AssetState::trashed && !asset.draft) return fail(Errc::not_permitted);
  if (!asset.draft) {
    const Status begun = begin(*subject, actor, content, move);
    tree_.draft_begun();
    return begun;
  }

  LENSFS_TRY(const Drafts* const all, drafts());
  LENSFS_TRY(const struct stat before, all->status(number(*asset.draft)));
  // An object already, though no version says so yet: saving it was interrupted.
  const bool is_object = before.st_nlink > 1;
  // A save that is still on its way into the store is a version of its own.
  const bool is_save =
      content == Content::empty && before.st_size > 0 && open_files_.left(file).opens == 0;
  if (is_object || is_save) {
    const Status begun = begin_again(*subject, actor, content, move);
    tree_.draft_begun();
    if (begun || is_object || begun.error().code() != Errc::busy) return begun;
  }
  if (content == Content::keep) return {};
  LENSFS_TRY(const Fd draft, all->open(number(*asset.draft), O_RDWR));
  if (::ftruncate(draft.get(), 0) != 0) return last_error("truncate");
  return {};
}

// What was set on a new file while it was written is the asset's from now on, whatever becomes of
// that draft.
Status WorkingFiles::settle_kept(const Asset& asset, const Actor& actor) {
  LENSFS_TRY(const Drafts* const all, drafts());
  const auto kept = all->kept(number(*asset.draft));
  if (!kept) return {};
  return tree_.catalog().write_soon([&](Transaction& txn) -> Status {
    LENSFS_TRY([[maybe_unused]] const Asset then,
               change_attributes(txn, actor, asset, {.mode = kept->mode, .atime = kept->atime}));
    return {};
  });
}

// Leaves the draft to the saver and goes on with another. busy, or for an object's file stale, if
// the draft is being read through the kernel.
Status WorkingFiles::begin_again(const Subject& subject, const Actor& actor, Content content,
                                 Move& move) {
  const Asset& asset = subject.asset;
  move = open_files_.begin_move(node_of(asset.file));
  if (!move && content == Content::empty) return fail(Errc::busy);
  if (!move) return subject.is_lost ? Status(fail(Errc::stale)) : lead_elsewhere(asset, actor);
  const DraftId old = *asset.draft;
  LENSFS_CHECK(settle_kept(asset, actor));
  saver_.add(old);
  if (content == Content::empty) return begin_anew(asset, actor);
  return begin_copied(asset, actor, [&](DraftId draft) -> Status {
    LENSFS_TRY(const Fd copy,
               tree_.catalog().store().copy_draft_to_draft(number(old), number(draft)));
    return {};
  });
}

bool WorkingFiles::is_set_apart(NodeId file, std::int64_t size) const {
  const Store& store = tree_.catalog().store();
  return class_of(file) == NodeClass::file && store.drafts() &&
         (size <= kSetApart || store.shares_extents());
}

Status WorkingFiles::set_apart(NodeId file, const Actor& actor) {
  LENSFS_TRY(const OpenFiles::Intent intent, open_files_.intend_to_write(file));
  LENSFS_CHECK(make_writable(file, actor, Content::keep));
  LENSFS_TRY(const auto db, tree_.catalog().read());
  LENSFS_TRY(const std::optional<DraftId> draft, draft_of(*db, file));
  if (draft) saver_.add_when_closed(file, *draft);
  return {};
}

Status WorkingFiles::begin(const Subject& subject, const Actor& actor, Content content,
                           Move& move) {
  const Asset& asset = subject.asset;
  move = open_files_.begin_move(node_of(asset.file));
  if (move) {
    if (content == Content::empty || number(asset.version) == 0) return begin_anew(asset, actor);
    return begin_copy(asset, actor);
  }
  const Status begun = begin_behind_readers(asset, actor, content, move);
  if (begun) return {};
  const Errc why = begun.error().code();
  const bool cannot = why == Errc::busy || why == Errc::changed || why == Errc::not_supported;
  if (!cannot || subject.is_lost) return begun;
  log::info("readers keep the bytes that they opened name=\"{}\": {}", asset.name,
            begun.error().message());
  return lead_elsewhere(asset, actor);
}

Result<WorkingFiles::Begun> WorkingFiles::begin_empty(Transaction& txn, const Actor& actor,
                                                      const Asset& asset) const {
  LENSFS_TRY(const DraftId draft,
             begin_draft(txn, actor, asset, {.mount = mount_, .copied = false}));
  LENSFS_TRY(const Drafts* const all, drafts());
  LENSFS_TRY(Fd file, all->create(number(draft), O_RDONLY));
  return Begun{.draft = draft, .file = std::move(file)};
}

Status WorkingFiles::begin_anew(const Asset& asset, const Actor& actor) {
  return tree_.catalog().write_soon([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Begun begun, begin_empty(txn, actor, asset));
    return {};
  });
}

Result<ObjectKey> WorkingFiles::object_behind(const Asset& asset) const {
  LENSFS_TRY(const auto db, tree_.catalog().read());
  return object_of(*db, asset.version);
}

// The bytes are copied before anything shows the draft, so that no transaction lasts so long.
Status WorkingFiles::begin_copied(const Asset& asset, const Actor& actor, const Fill& fill) {
  LENSFS_TRY(const DraftId draft,
             tree_.catalog().write_soon([&](Transaction& txn) -> Result<DraftId> {
               return add_draft(txn, actor, asset, {.mount = mount_, .copied = true});
             }));
  LENSFS_TRY(const Drafts* const all, drafts());
  Status begun = fill(draft);
  if (begun) begun = all->set_mtime(number(draft), asset.mtime);
  const Status shown = tree_.catalog().write_soon([&](Transaction& txn) -> Status {
    return begun ? show_draft(txn, draft) : end_draft(txn, draft);
  });
  if (begun && shown) return {};
  static_cast<void>(all->remove(number(draft)));
  return begun ? shown : begun;
}

Status WorkingFiles::begin_copy(const Asset& asset, const Actor& actor) {
  LENSFS_TRY(const ObjectKey object, object_behind(asset));
  return begin_copied(asset, actor, [&](DraftId draft) -> Status {
    LENSFS_TRY(const Fd copy, tree_.catalog().store().copy_to_draft(object, number(draft)));
    return {};
  });
}

// The kernel allows no second backing file beside the one that is read: it becomes the draft, and a
// copy becomes the object's file.
Status WorkingFiles::begin_behind_readers(const Asset& asset, const Actor& actor, Content content,
                                          Move& move) {
  if (is_mounted_by_others(tree_.catalog().path(), mount_)) return fail(Errc::busy);
  LENSFS_TRY(const ObjectKey object, object_behind(asset));
  return begin_copied(asset, actor, [&](DraftId draft) -> Status {
    LENSFS_TRY(move, take_object_file(object, asset.file, draft));
    if (content == Content::keep) return {};
    LENSFS_TRY(const Drafts* const all, drafts());
    LENSFS_TRY(const Fd bytes, all->open(number(draft), O_RDWR));
    if (::ftruncate(bytes.get(), 0) != 0) return last_error("truncate");
    return {};
  });
}

Result<OpenFiles::Move> WorkingFiles::take_object_file(const ObjectKey& object, FileId file,
                                                       DraftId draft) {
  Store& store = tree_.catalog().store();
  LENSFS_TRY(const Store::Hold hold, store.hold());
  { LENSFS_TRY(const Fd copy, store.copy_to_draft(object, number(draft))); }
  LENSFS_CHECK(store.prepare_exchange(number(draft)));
  const auto sharers = [&]() -> Result<std::vector<NodeId>> {
    LENSFS_TRY(const auto db, tree_.catalog().read());
    LENSFS_TRY(const Showing all, showing(*db, object));
    return nodes_of(all);
  };
  LENSFS_TRY(OpenFiles::Move move,
             open_files_.change_behind(node_of(file), sharers, [&](std::uint64_t inode) {
               return store.exchange_with_draft(object, number(draft), inode);
             }));
  LENSFS_CHECK(store.sync());  // before a byte of what was the object changes
  return move;
}

// The readers keep the file that they opened; the names get another one.
Status WorkingFiles::lead_elsewhere(const Asset& asset, const Actor& actor) {
  LENSFS_CHECK(tree_.edit({actor, {}}, [&](Editing& editing) -> Status {
    LENSFS_CHECK(renew_file(editing.txn, asset));
    return record_change(
        editing.txn, {.uid = actor.uid, .name = actor.name},
        {.kind = ChangeKind::version_added, .asset = asset.id, .name = asset.name});
  }));
  return fail(Errc::stale);
}

}  // namespace lensfs
