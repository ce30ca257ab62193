// Making sequences of frames; sequence_split.cpp makes frames of sequences.
#include <sys/stat.h>

#include <algorithm>
#include <map>

#include "catalog/model/edit.h"
#include "catalog/model/file.h"
#include "catalog/model/sequence.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

Nanoseconds newest_of(const std::vector<NewFrame>& frames) {
  Nanoseconds newest = 0;
  for (const NewFrame& frame : frames) newest = std::max(newest, frame.mtime);
  return newest;
}

// Whoever may read the files may enter the folder.
std::int64_t folder_mode(std::int64_t mode) {
  constexpr std::int64_t kRead = 0444;
  return mode | ((mode & kRead) >> 2);
}

Status insert_frames(Transaction& txn, VersionId version, const std::vector<NewFrame>& frames) {
  for (const NewFrame& frame : frames) {
    LENSFS_TRY(const ObjectId object, object_row(txn, frame.object));
    LENSFS_CHECK(
        txn.db().run("INSERT INTO sequence_frames (version_id, frame, object_id, name, mtime_ns)"
                     " VALUES (?1, ?2, ?3, ?4, ?5)",
                     version, frame.number, object, frame.name, frame.mtime));
  }
  return {};
}

Status check_still_planned(Database& db, const PlannedSequence& planned) {
  const auto frame = frame_name(planned.frames.front().name);
  const auto now = find_sequence(db, planned.folder, *frame);
  if (!now && !is_missing(now)) return fail(now.error());
  const bool same = planned.before ? now && now->asset.id == planned.before->id &&
                                         now->asset.version == planned.before->version
                                   : !now;
  if (same) return {};
  return fail(Error(Errc::changed, "the sequence changed meanwhile; run the same command again")
                  .with(planned.name));
}

Result<Ingested> make_new(Transaction& txn, const Actor& actor, const PlannedSequence& planned,
                          const ObjectKey& manifest, const SequenceOwner& owner) {
  if (find_place(txn.db(), planned.folder, planned.name)) {
    return fail(Error(Errc::exists, "a file has the sequence's name").with(planned.name));
  }
  LENSFS_TRY(const AssetId id, add_asset(txn, actor,
                                         {.name = planned.name,
                                          .kind = std::string(kSequenceKind),
                                          .uid = owner.uid,
                                          .gid = owner.gid,
                                          .mode = folder_mode(owner.mode),
                                          .first = {.object = manifest,
                                                    .mtime = newest_of(planned.frames),
                                                    .reason = owner.reason},
                                          .type = S_IFDIR}));
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), id));
  LENSFS_CHECK(insert_frames(txn, asset.version, planned.frames));
  LENSFS_CHECK(add_place(txn, actor, planned.folder, id, {.name = planned.name}));
  return Ingested{id, IngestOutcome::added};
}

Result<Ingested> make_version(Transaction& txn, const Actor& actor, const PlannedSequence& planned,
                              const ObjectKey& manifest, const SequenceOwner& owner) {
  const Asset& before = *planned.before;
  LENSFS_TRY(const VersionId version,
             add_version(
                 txn, actor, before.id,
                 {.object = manifest, .mtime = newest_of(planned.frames), .reason = owner.reason}));
  if (version == before.version) return Ingested{before.id, IngestOutcome::unchanged};
  LENSFS_CHECK(insert_frames(txn, version, planned.frames));
  if (planned.name == planned.name_before) return Ingested{before.id, IngestOutcome::new_version};
  static const ScratchNames kNone({});
  LENSFS_CHECK(move_entry(txn, actor,
                          {.from = {.folder = planned.folder, .name = planned.name_before},
                           .to = {.folder = planned.folder, .name = planned.name},
                           .over = Move::Over::refuse},
                          kNone));
  return Ingested{before.id, IngestOutcome::new_version};
}

// A file of the folder that is a frame: the sequence stands for it from now on.
Status take_in(Transaction& txn, const Actor& actor, FolderId folder, const NewFrame& frame,
               const Asset& sequence) {
  const auto placed = find_placed(txn.db(), folder, frame.name);
  if (!placed) return is_missing(placed) ? Status() : Status(fail(placed.error()));
  const Asset& file = placed->asset;
  if (file.type != 0 || file.draft || number(file.version) == 0) return {};
  LENSFS_TRY(const ObjectKey object, object_of(txn.db(), file.version));
  if (object != frame.object) return {};
  LENSFS_CHECK(add_tags_of(txn, actor, file.id, sequence));
  LENSFS_TRY([[maybe_unused]] const Asset taken,
             remove_file(txn, actor, folder, frame.name, Writing::no));
  return {};
}

}  // namespace

std::string PlannedSequence::missing() const {
  std::vector<FrameNumber> numbers;
  for (const NewFrame& frame : frames) numbers.push_back(frame.number);
  return missing_frames(numbers);
}

Result<PlannedSequence> plan_sequence(Database& db, FolderId folder, std::vector<NewFrame> fresh) {
  PlannedSequence planned{.folder = folder};
  const auto named = fresh.empty() ? std::nullopt : frame_name(fresh.front().name);
  if (!named) return fail(Errc::invalid, "these are no frames of a sequence");
  std::map<FrameNumber, NewFrame> frames;
  auto there = find_sequence(db, folder, *named);
  if (!there && !is_missing(there)) return fail(there.error());
  if (there) {
    LENSFS_TRY(const std::vector<Frame> old, frames_of(db, there->asset.version));
    for (const Frame& frame : old) {
      if (frame.hidden) continue;  // the next version is without it
      LENSFS_TRY(const ObjectKey object, object_of(db, frame));
      frames[frame.number] = {frame.number, object, frame.mtime, frame.name};
    }
    planned.before = std::move(there->asset);
    planned.name_before = std::move(there->name);
  }
  for (NewFrame& frame : fresh) frames[frame.number] = std::move(frame);
  for (auto& [number, frame] : frames) planned.frames.push_back(std::move(frame));
  if (planned.frames.size() < kFewestFrames) {
    return fail(Errc::invalid, "a sequence has at least three frames");
  }
  planned.name = name_of_sequence(*frame_name(planned.frames.front().name),
                                  *frame_name(planned.frames.back().name));
  return planned;
}

Result<ObjectKey> keep_manifest(Store& store, const PlannedSequence& planned,
                                const std::stop_token& stop) {
  LENSFS_TRY(const Stored stored, store.keep_text(planned.manifest(), stop));
  return stored.key;
}

Result<Ingested> put_sequence(Transaction& txn, const Actor& actor, const PlannedSequence& planned,
                              const ObjectKey& manifest, const SequenceOwner& owner) {
  LENSFS_CHECK(check_still_planned(txn.db(), planned));
  LENSFS_TRY(const Ingested made, planned.before
                                      ? make_version(txn, actor, planned, manifest, owner)
                                      : make_new(txn, actor, planned, manifest, owner));
  LENSFS_TRY(const Asset sequence, find_asset(txn.db(), made.asset));
  for (const NewFrame& frame : planned.frames) {
    LENSFS_CHECK(take_in(txn, actor, planned.folder, frame, sequence));
  }
  return made;
}

Result<std::vector<NewFrame>> frames_from(Database& db, const std::vector<Place>& files) {
  std::vector<NewFrame> frames;
  std::optional<FrameName> first;
  for (const Place& file : files) {
    const auto named = frame_name(file.name);
    if (!named) return fail(Error(Errc::invalid, "no frame of a sequence").with(file.name));
    if (!first) first = named;
    if (named->head != first->head || named->extension != first->extension) {
      return fail(Error(Errc::invalid, "a frame of another sequence").with(file.name));
    }
    LENSFS_TRY(const Asset asset, find_asset(db, file.asset));
    if (asset.type != 0) return fail(Error(Errc::invalid, "not a regular file").with(file.name));
    if (asset.draft || number(asset.version) == 0) {
      return fail(Error(Errc::busy, "is being written; close it and wait until it is saved")
                      .with(file.name));
    }
    LENSFS_TRY(const ObjectKey object, object_of(db, asset.version));
    frames.push_back({named->number, object, asset.mtime, file.name});
  }
  return frames;
}

}  // namespace lensfs
