// RunCollector: keeps the frames of a run until all of them have come, so that the sequence is
// recorded as a whole. Their bytes are held in the store until then.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "tools/ingest/batch.h"

namespace lensfs {

// What has come of a run.
struct CollectedRun {
  std::shared_ptr<SourceRun> run;
  std::vector<StagedSource> staged;
  std::vector<KnownSource> known;
  std::size_t lost = 0;  // those that could not be read

  [[nodiscard]] bool is_whole() const { return staged.size() + known.size() + lost == run->files; }
  // Any of them: they lie in one directory.
  [[nodiscard]] const SourceFile& any() const {
    return staged.empty() ? known.front().source : staged.front().source;
  }
};

class RunCollector {
 public:
  // Takes the frames out of a batch. The runs that are whole now; those of which nothing could be
  // read are left out.
  [[nodiscard]] std::vector<CollectedRun> take(std::vector<Entry>& batch);

 private:
  CollectedRun& of(const std::shared_ptr<SourceRun>& run);
  std::map<const SourceRun*, CollectedRun> runs_;
};

}  // namespace lensfs
