#include "tools/ingest/run_collector.h"

#include <utility>

namespace lensfs {

CollectedRun& RunCollector::of(const std::shared_ptr<SourceRun>& run) {
  CollectedRun& collected = runs_[run.get()];
  collected.run = run;
  return collected;
}

std::vector<CollectedRun> RunCollector::take(std::vector<Entry>& batch) {
  std::vector<Entry> others;
  for (Entry& entry : batch) {
    if (auto* staged = std::get_if<StagedSource>(&entry); staged && staged->source.run) {
      of(staged->source.run).staged.push_back(std::move(*staged));
    } else if (auto* known = std::get_if<KnownSource>(&entry); known && known->source.run) {
      of(known->source.run).known.push_back(std::move(*known));
    } else if (const auto* lost = std::get_if<LostFrame>(&entry)) {
      ++of(lost->run).lost;
    } else {
      others.push_back(std::move(entry));
    }
  }
  batch = std::move(others);
  std::vector<CollectedRun> whole;
  for (auto at = runs_.begin(); at != runs_.end();) {
    if (!at->second.is_whole()) {
      ++at;
      continue;
    }
    if (at->second.lost < at->second.run->files) whole.push_back(std::move(at->second));
    at = runs_.erase(at);
  }
  return whole;
}

}  // namespace lensfs
