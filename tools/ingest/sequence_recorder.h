// SequenceRecorder: how the runs that an ingest found become sequences.
#pragma once

#include <vector>

#include "catalog/model/sequence.h"
#include "tools/ingest/ingest.h"
#include "tools/ingest/run_collector.h"

namespace lensfs {

// A run that is ready to be recorded.
struct PlannedRun {
  CollectedRun run;
  PlannedSequence sequence;
  ObjectKey manifest;
  SharedHold hold;  // of the manifest
};

class SequenceRecorder {
 public:
  SequenceRecorder(Catalog& catalog, HoldSource& holds) : catalog_(catalog), holds_(holds) {}

  // Reads what the folder has, and stores the manifest; not durable until Store::sync. invalid
  // where too few frames are left.
  [[nodiscard]] Result<PlannedRun> plan(CollectedRun run, FolderId folder);
  // What became of it. `place` is left to the caller.
  [[nodiscard]] Result<FileEvent> record(Transaction& txn, const Actor& actor,
                                         const PlannedRun& planned) const;

 private:
  Catalog& catalog_;
  HoldSource& holds_;
};

[[nodiscard]] FileStatus status_of(IngestOutcome outcome);

}  // namespace lensfs
