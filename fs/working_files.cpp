// What a file holds, and what becomes of it when handles go. How it gets a draft: draft_begin.cpp.
#include "fs/working_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "catalog/model/file.h"
#include "catalog/model/rendition.h"
#include "catalog/model/sequence.h"
#include "fs/saver.h"

namespace lensfs {
namespace {

// Of a version, of a rendition of it, or of one of its frames.
Result<ObjectKey> object_shown(Database& db, NodeId node, VersionId version) {
  if (class_of(node) == NodeClass::rendition) {
    LENSFS_TRY(const Rendition rendition, find_rendition(db, rendition_of(node)));
    return object_of(db, rendition);
  }
  if (class_of(node) == NodeClass::frame) {
    LENSFS_TRY(const Frame frame, find_frame(db, version, frame_of(node)));
    return object_of(db, frame);
  }
  return object_of(db, version);
}

}  // namespace

Result<WorkingFiles::Held> WorkingFiles::held_by(Database& db, NodeId file) const {
  const auto asset = find_asset(db, file_of(file));
  if (asset) return Held{asset->draft, asset->version};
  if (!is_missing(asset)) return fail(asset.error());
  const auto lost = find_lost_file(db, file_of(file));
  if (lost) return Held{lost->draft, lost->version.value_or(VersionId{0})};
  if (is_missing(lost)) return fail(Errc::stale);
  return fail(lost.error());
}

Result<std::optional<DraftId>> WorkingFiles::draft_of(Database& db, NodeId file) const {
  if (class_of(file) != NodeClass::file) return std::optional<DraftId>();
  LENSFS_TRY(const Held held, held_by(db, file));
  return held.draft;
}

Result<WorkingFiles::Bytes> WorkingFiles::open_bytes(NodeId file, int access) const {
  LENSFS_TRY(const auto db, tree_.catalog().snapshot());
  VersionId version = version_of(file);
  if (class_of(file) == NodeClass::file) {
    LENSFS_TRY(const Held held, held_by(*db, file));
    if (held.draft) {
      LENSFS_TRY(const Drafts* const all, drafts());
      LENSFS_TRY(Fd bytes, all->open(number(*held.draft), access));
      return Bytes{.file = std::move(bytes), .is_draft = true};
    }
    version = held.version;
  } else if (!is_version(file)) {
    return fail(Errc::is_directory);
  } else if (class_of(file) == NodeClass::outline) {
    return fail(Errc::not_supported, "it is rendered when it is read");
  }
  LENSFS_TRY(const ObjectKey key, object_shown(*db, file, version));
  LENSFS_TRY(Fd bytes, tree_.catalog().store().open_object(key));
  return Bytes{.file = std::move(bytes)};
}

Status WorkingFiles::truncate(NodeId file, const Actor& actor, std::int64_t size) {
  LENSFS_TRY(const OpenFiles::Intent intent, open_files_.intend_to_write(file));
  LENSFS_CHECK(make_writable(file, actor, size == 0 ? Content::empty : Content::keep));
  std::optional<DraftId> draft;
  {
    LENSFS_TRY(const auto db, tree_.catalog().read());
    LENSFS_TRY(draft, draft_of(*db, file));
  }
  if (!draft) return fail(Errc::stale);
  LENSFS_TRY(const Drafts* const all, drafts());
  LENSFS_TRY(const Fd fd, all->open(number(*draft), O_RDWR));
  if (::ftruncate(fd.get(), size) != 0) return last_error("truncate");
  if (open_files_.left(file).writers == 0) saver_.add(*draft);
  return {};
}

Status WorkingFiles::set_times(std::optional<DraftId> draft,
                               std::optional<Nanoseconds> mtime) const {
  if (!draft || !mtime) return {};
  LENSFS_TRY(const Drafts* const all, drafts());
  return all->set_mtime(number(*draft), *mtime);
}

Status WorkingFiles::sync(NodeId file) {
  std::optional<Draft> draft;
  {
    LENSFS_TRY(const auto db, tree_.catalog().read());
    LENSFS_TRY(const std::optional<DraftId> id, draft_of(*db, file));
    if (id) {
      LENSFS_TRY(draft, db->maybe<Draft>(Draft::kFind, *id));
    }
  }
  if (draft) {
    LENSFS_TRY(const Drafts* const all, drafts());
    const auto fd = all->open(number(draft->id), O_RDONLY);
    if (!fd && fd.error().code() != Errc::not_found) return fail(fd.error());
    if (fd) LENSFS_CHECK(sync_file(fd->get()));
    if (!draft->synced) {
      LENSFS_CHECK(all->sync());
      LENSFS_CHECK(tree_.catalog().write_soon(
          [&](Transaction& txn) -> Status { return note_synced(txn, draft->id); }));
    }
  }
  return tree_.catalog().sync();
}

Result<WorkingFiles::Dropped> WorkingFiles::drop_rows(Editing& editing, const Asset& asset) const {
  Database& db = editing.txn.db();
  Dropped dropped;
  dropped.files = {node_of(asset.file)};
  LENSFS_TRY(const std::vector<LostFile> lost, lost_files_of(db, asset.id));
  for (const LostFile& file : lost) dropped.files.push_back(node_of(file.file));
  for (const NodeId file : dropped.files) {
    if (open_files_.left(file).opens > 0) dropped.open.push_back(file);
  }
  if (!dropped.open.empty()) return dropped;
  LENSFS_TRY(dropped.drafts, drafts_of(db, asset.id));
  LENSFS_CHECK(drop_asset(editing.txn, editing.actor, asset));
  return dropped;
}

Status WorkingFiles::finish_drop(const Dropped& dropped) {
  for (const NodeId file : dropped.open) note_nameless(file);
  // The last close may have come before it was noted.
  const bool closed = std::none_of(dropped.open.begin(), dropped.open.end(),
                                   [&](NodeId file) { return open_files_.left(file).opens > 0; });
  if (!dropped.open.empty()) {
    return closed ? released(dropped.open.front(), Access::read, {}) : Status();
  }
  for (const NodeId file : dropped.files) {
    open_files_.forget(file);
    const std::scoped_lock lock(nameless_mutex_);
    nameless_.erase(file);
  }
  LENSFS_TRY(const Drafts* const all, drafts());
  for (const DraftId draft : dropped.drafts) LENSFS_CHECK(all->remove(number(draft)));
  return {};
}

Status WorkingFiles::drop_if_unused(AssetId id) {
  Dropped dropped;
  LENSFS_CHECK(tree_.edit({}, [&](Editing& editing) -> Status {
    const auto asset = find_asset(editing.txn.db(), id);
    if (!asset) return is_missing(asset) ? Status() : Status(fail(asset.error()));
    LENSFS_TRY(const bool nameless, lensfs::is_nameless(editing.txn.db(), *asset));
    if (!nameless) return {};
    LENSFS_TRY(dropped, drop_rows(editing, *asset));
    return {};
  }));
  return dropped.files.empty() ? Status() : finish_drop(dropped);
}

void WorkingFiles::note_nameless(NodeId file) {
  const std::scoped_lock lock(nameless_mutex_);
  nameless_.insert(file);
}

bool WorkingFiles::is_nameless(NodeId file) const {
  const std::scoped_lock lock(nameless_mutex_);
  return nameless_.contains(file);
}

Status WorkingFiles::released(NodeId file, Access access, const OpenFiles::Left& left) {
  std::int64_t draft = 0;     // none
  std::int64_t nameless = 0;  // the asset, if no name leads to it
  {
    LENSFS_TRY(const auto db, tree_.catalog().read());
    auto asset = find_asset(*db, file_of(file));
    if (asset && asset->state != AssetState::aside && asset->draft) draft = number(*asset->draft);
    if (!asset) {
      const auto lost = find_lost_file(*db, file_of(file));
      if (lost && lost->draft) draft = number(*lost->draft);
      if (lost) asset = find_asset(*db, lost->asset);
    }
    const bool aside = asset && asset->state == AssetState::aside;  // scratch is never saved
    if (aside) {
      draft = 0;
      LENSFS_TRY(const bool is_one, lensfs::is_nameless(*db, *asset));
      if (is_one) nameless = number(asset->id);
    }
  }
  if (nameless != 0) {
    return left.opens == 0 ? drop_if_unused(static_cast<AssetId>(nameless)) : Status();
  }
  const bool closed = access == Access::write && left.writers == 0;
  if (draft != 0 && closed) saver_.add(static_cast<DraftId>(draft));
  return {};
}

}  // namespace lensfs
