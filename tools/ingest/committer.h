// Committer: makes staged files durable and records them, many at a time: one barrier in the
// store, one transaction in the catalog, and only then are they reported.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/feed.h"
#include "tools/ingest/batch.h"
#include "tools/ingest/ingest.h"
#include "tools/ingest/queue.h"
#include "tools/ingest/reporter.h"
#include "tools/ingest/run_collector.h"
#include "tools/ingest/sequence_recorder.h"

namespace lensfs {

class Committer {
 public:
  Committer(Catalog& catalog, HoldSource& holds, const IngestRequest& request,
            const Project& project, Reporter& reporter);

  // Takes entries until the queue is closed and empty. An error ends it: nothing more can be
  // recorded.
  [[nodiscard]] Status run(Queue<Entry>& entries);

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
  struct Done {
    FileEvent event;
    const StagedSource* source = nullptr;
    const PlannedRun* run = nullptr;
  };

  [[nodiscard]] std::vector<Entry> next_batch(Queue<Entry>& entries) const;
  [[nodiscard]] Status commit(std::vector<Entry>& batch);
  [[nodiscard]] Status record(Transaction& txn, Entry& entry, std::vector<Done>& done);
  // Makes the folders of the runs and their manifests. Of a run that cannot be a sequence the files
  // go back into the batch.
  [[nodiscard]] Result<std::vector<PlannedRun>> plan_runs(std::vector<CollectedRun> runs,
                                                          std::vector<Entry>& batch);
  [[nodiscard]] Status record_run(Transaction& txn, const PlannedRun& planned,
                                  std::vector<Done>& done);
  [[nodiscard]] Result<FileEvent> record_staged(Transaction& txn, const StagedSource& staged);
  [[nodiscard]] Status record_known(Transaction& txn, const KnownSource& known,
                                    std::vector<Done>& done);
  [[nodiscard]] Status add_tags(Transaction& txn, AssetId asset);
  [[nodiscard]] Result<FolderId> folder_of(Transaction& txn, SourceDirectory& directory);
  [[nodiscard]] Status remember(Transaction& txn, const StagedSource& staged, AssetId asset);
  // Two operands may hold the same name: neither becomes a version of the other.
  [[nodiscard]] Status check_not_taken(Transaction& txn, const Incoming& file) const;
  void forget_transaction();
  // "project/folder/name" of what lies in a directory.
  [[nodiscard]] std::string place_path(const SourceDirectory& directory,
                                       const std::string& name) const;
  // What can be wrong with one file alone; everything else ends the run.
  [[nodiscard]] static bool concerns_one_file(Errc code);
  static void remove_sources(Done& done);
  [[nodiscard]] static Status remove_source(const StagedSource& staged);

  Catalog& catalog_;
  HoldSource& holds_;
  const IngestRequest& request_;
  const Project& project_;
  Reporter& reporter_;
  const Actor actor_;
  std::map<Identity, AssetId> hard_links_;  // files of this run with several names
  std::vector<SourceDirectory*> made_;      // folders of the open transaction
  std::vector<Identity> linked_;            // entries of hard_links_ from the open transaction
  RunCollector collector_;
  SequenceRecorder sequences_;
  const Nanoseconds started_;
};

}  // namespace lensfs
