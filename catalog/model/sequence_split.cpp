// Making frames of sequences, and hiding some; sequence_edit.cpp makes sequences.
#include "catalog/model/edit.h"
#include "catalog/model/kind.h"
#include "catalog/model/sequence.h"
#include "catalog/model/tag.h"
#include "catalog/model/trash.h"

namespace lensfs {
namespace {

// The file that a frame was before it was taken into the sequence, if it is in the trash still.
Result<std::optional<Asset>> file_before(Database& db, FolderId folder, const Frame& frame) {
  LENSFS_TRY(const auto id,
             db.maybe<AssetId>("SELECT t.asset_id FROM trash t JOIN assets a ON a.id = t.asset_id"
                               " JOIN versions v ON v.id = a.version_id WHERE t.folder_id = ?1"
                               " AND t.name = ?2 AND v.object_id = ?3 ORDER BY t.id DESC LIMIT 1",
                               folder, frame.name, frame.object));
  if (!id) return std::optional<Asset>();
  LENSFS_TRY(Asset asset, find_asset(db, *id));
  return std::optional(std::move(asset));
}

// Splitting: one frame after another becomes a file again.
class Splitting {
 public:
  Splitting(Transaction& txn, const Actor& actor, const Asset& sequence)
      : txn_(txn), actor_(actor), sequence_(sequence) {}

  Status place(const Frame& frame, const std::vector<Place>& places) {
    std::optional<AssetId> file;
    for (const Place& place : places) {
      if (find_place(txn_.db(), place.folder, frame.name)) {
        return fail(Error(Errc::exists, "a file has the name of a frame").with(frame.name));
      }
      if (file) {
        LENSFS_CHECK(add_place(txn_, actor_, place.folder, *file, {.name = frame.name}));
        continue;
      }
      LENSFS_TRY(file, make(frame, place.folder));
    }
    if (!file) return {};
    LENSFS_TRY(const Asset made, find_asset(txn_.db(), *file));
    return add_tags_of(txn_, actor_, sequence_.id, made);
  }

 private:
  Result<AssetId> make(const Frame& frame, FolderId folder) {
    LENSFS_TRY(const std::optional<Asset> before, file_before(txn_.db(), folder, frame));
    if (before) {
      LENSFS_CHECK(restore_to(txn_, actor_, *before, folder, {.name = frame.name}));
      return before->id;
    }
    constexpr std::int64_t kFileBits = 0666;
    LENSFS_TRY(const ObjectKey object, find_object(txn_.db(), frame.object));
    LENSFS_TRY(const AssetId id,
               add_asset(txn_, actor_,
                         {.name = frame.name,
                          .kind = std::string(kind_of({}, frame.name)),
                          .uid = sequence_.uid,
                          .gid = sequence_.gid,
                          .mode = sequence_.mode & kFileBits,
                          .first = {.object = object, .mtime = frame.mtime, .reason = "split"}}));
    LENSFS_CHECK(add_place(txn_, actor_, folder, id, {.name = frame.name}));
    return id;
  }

  Transaction& txn_;
  const Actor& actor_;
  const Asset& sequence_;
};

}  // namespace

Result<std::uint64_t> split_sequence(Transaction& txn, const Actor& actor, const Asset& sequence) {
  if (!is_sequence(sequence)) return fail(Error(Errc::invalid, "no sequence").with(sequence.name));
  if (sequence.places == 0) {
    return fail(
        Error(Errc::invalid, "has no place in a project; give it one first").with(sequence.name));
  }
  LENSFS_TRY(const std::vector<Place> places, places_of(txn.db(), sequence.id));
  LENSFS_TRY(const std::vector<Frame> frames, frames_of(txn.db(), sequence.version));
  Splitting splitting(txn, actor, sequence);
  std::uint64_t made = 0;
  for (const Frame& frame : frames) {
    if (frame.hidden) continue;
    LENSFS_CHECK(splitting.place(frame, places));
    ++made;
  }
  for (const Place& place : places) {
    LENSFS_TRY([[maybe_unused]] const Asset taken,
               remove_file(txn, actor, place.folder, place.name, Writing::no));
  }
  return made;
}

Status hide_frame(Transaction& txn, const Actor& actor, const Asset& sequence, FrameNumber frame) {
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("UPDATE sequence_frames SET hidden = 1 WHERE version_id = ?1"
                          " AND frame = ?2 AND hidden = 0",
                          sequence.version, frame));
  if (rows == 0) return fail(Errc::not_found);
  LENSFS_CHECK(txn.db().run("UPDATE assets SET mtime_ns = ?2, changed_ns = ?2 WHERE id = ?1",
                            sequence.id, txn.now()));
  return record_change(txn, actor, {.kind = ChangeKind::attributes_changed, .asset = sequence.id});
}

Status show_if_all_hidden(Transaction& txn, VersionId version) {
  LENSFS_TRY(const bool any_shown,
             txn.db().one<bool>("SELECT EXISTS (SELECT 1 FROM sequence_frames WHERE version_id = ?1"
                                " AND hidden = 0)",
                                version));
  if (any_shown) return {};
  LENSFS_TRY([[maybe_unused]] const bool were_hidden, show_frames(txn, version));
  return {};
}

Result<bool> show_frames(Transaction& txn, VersionId version) {
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("UPDATE sequence_frames SET hidden = 0 WHERE version_id = ?1"
                          " AND hidden <> 0",
                          version));
  return rows > 0;
}

Status copy_frames(Transaction& txn, VersionId from, VersionId to) {
  LENSFS_CHECK(txn.db().run(
      "INSERT OR IGNORE INTO sequence_frames (version_id, frame, object_id, name, mtime_ns)"
      " SELECT ?2, frame, object_id, name, mtime_ns FROM sequence_frames WHERE version_id = ?1",
      from, to));
  return {};
}

}  // namespace lensfs
