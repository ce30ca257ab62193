// Runs of numbered pictures, from files that all have come to a recorded sequence.
#include "tools/ingest/committer.h"

namespace lensfs {

Result<std::vector<PlannedRun>> Committer::plan_runs(std::vector<CollectedRun> runs,
                                                     std::vector<Entry>& batch) {
  std::vector<PlannedRun> planned;
  for (CollectedRun& run : runs) {
    SourceDirectory& directory = *run.any().directory;
    made_.clear();
    linked_.clear();
    const auto folder = catalog_.write(
        [&](Transaction& txn) -> Result<FolderId> { return folder_of(txn, directory); });
    if (!folder) forget_transaction();
    if (folder) {
      auto one = sequences_.plan(run, *folder);
      if (one) planned.push_back(*std::move(one));
      if (one) continue;
      if (!concerns_one_file(one.error().code())) return fail(one.error());
    } else if (!concerns_one_file(folder.error().code())) {
      return fail(folder.error());
    }
    for (StagedSource& staged : run.staged) batch.emplace_back(std::move(staged));
  }
  return planned;
}

Status Committer::record_run(Transaction& txn, const PlannedRun& planned, std::vector<Done>& done) {
  const SourceDirectory& directory = *planned.run.any().directory;
  auto event = sequences_.record(txn, actor_, planned);
  if (!event) {
    const Errc code = event.error().code();
    if (!concerns_one_file(code) && code != Errc::changed) return fail(std::move(event).error());
    done.push_back({.event = {.status = FileStatus::failed,
                              .path = joined(directory.shown, planned.sequence.name),
                              .reason = event.error().message()}});
    return {};
  }
  event->place = place_path(directory, planned.sequence.name);
  LENSFS_CHECK(add_tags(txn, *event->asset));
  for (const StagedSource& staged : planned.run.staged) {
    LENSFS_CHECK(remember(txn, staged, *event->asset));
  }
  done.push_back({.event = std::move(*event), .run = &planned});
  return {};
}

}  // namespace lensfs
