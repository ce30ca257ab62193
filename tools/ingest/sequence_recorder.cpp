#include "tools/ingest/sequence_recorder.h"

#include <unistd.h>

namespace lensfs {
namespace {

NewFrame frame_from(const StagedSource& staged) {
  std::string name = spelled(staged.source.name).name;
  const auto parts = frame_name(name);
  return {.number = parts ? parts->number : FrameNumber{0},
          .object = staged.object,
          .mtime = staged.print.mtime,
          .name = std::move(name)};
}

SequenceOwner owner_of(const SourceFile& file) {
  const bool keep_owner = ::geteuid() == 0;
  return {.uid = keep_owner ? file.seen.st_uid : ::geteuid(),
          .gid = keep_owner ? file.seen.st_gid : ::getegid(),
          .mode = file.seen.st_mode & 0777U,
          .reason = "ingest"};
}

// One that an earlier run took in is as the catalog has it.
Result<NewFrame> frame_from(Database& db, const KnownSource& known) {
  LENSFS_TRY(const Asset sequence, find_asset(db, known.asset));
  LENSFS_TRY(Frame frame, find_frame(db, sequence.version, spelled(known.source.name).name));
  LENSFS_TRY(const ObjectKey object, object_of(db, frame));
  return NewFrame{frame.number, object, frame.mtime, std::move(frame.name)};
}

}  // namespace

FileStatus status_of(IngestOutcome outcome) {
  switch (outcome) {
    case IngestOutcome::added:
      return FileStatus::added;
    case IngestOutcome::new_version:
      return FileStatus::new_version;
    case IngestOutcome::linked:
      return FileStatus::linked;
    case IngestOutcome::unchanged:
      break;
  }
  return FileStatus::unchanged;
}

Result<PlannedRun> SequenceRecorder::plan(CollectedRun run, FolderId folder) {
  PlannedRun planned;
  std::vector<NewFrame> frames;
  for (const StagedSource& staged : run.staged) frames.push_back(frame_from(staged));
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    const Snapshot snapshot(*reader);
    for (const KnownSource& known : run.known) {
      LENSFS_TRY(NewFrame frame, frame_from(*reader, known));
      frames.push_back(std::move(frame));
    }
    LENSFS_TRY(planned.sequence, plan_sequence(*reader, folder, std::move(frames)));
  }
  LENSFS_TRY(planned.hold, holds_.current());
  LENSFS_TRY(planned.manifest, keep_manifest(catalog_.store(), planned.sequence));
  planned.run = std::move(run);
  return planned;
}

Result<FileEvent> SequenceRecorder::record(Transaction& txn, const Actor& actor,
                                           const PlannedRun& planned) const {
  const CollectedRun& run = planned.run;
  const SourceFile& any = run.any();
  LENSFS_TRY(const Ingested made,
             put_sequence(txn, actor, planned.sequence, planned.manifest, owner_of(any)));
  return FileEvent{.status = status_of(made.outcome),
                   .path = joined(any.directory->shown, planned.sequence.name),
                   .asset = made.asset,
                   .object = planned.manifest,
                   .files = run.staged.size() + run.known.size(),
                   .frames = planned.sequence.frames.size(),
                   .missing = planned.sequence.missing()};
}

}  // namespace lensfs
