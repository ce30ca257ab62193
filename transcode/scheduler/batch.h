// Batch: jobs of one source that an engine makes of one decoding, from the source's bytes to
// objects. The catalog hears of it from the worker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/job.h"
#include "catalog/model/profile.h"
#include "catalog/store/outline_files.h"
#include "transcode/client/engines.h"

namespace lensfs {

// An outline that was made, and its files.
struct MadeOutline {
  OutlineStore store;
  OutlineStore::Files files;
  NewOutline made;
};

// What became of one job.
struct Outcome {
  enum class Kind {
    made,       // `made` is in the store; not yet in the catalog
    outlined,   // `outline` is still without a name
    read,       // `facts` is what the source says of itself
    damaged,    // its outline is whole, and stays one, for it tells what the source has damaged
    yielded,    // something comes before it: it is planned anew
    failed,     // for good: the source, or what is wanted of it, is at fault
    postponed,  // something else is at fault; another attempt may succeed
    stopped,    // somebody asked to stop: as if it had not begun
  } kind = Kind::stopped;
  NewRendition made{};
  std::shared_ptr<const MadeOutline> outline{};
  std::string facts{};  // JSON (transcode/facts.h)
  std::string why{};    // of what failed or is postponed
};

// One claim: all of one source, one engine and one priority.
struct Batch {
  ObjectKey source;
  Engine engine{};
  std::vector<Job> jobs;        // at least one
  std::vector<Recipe> recipes;  // one for each
};

struct MakingBatch {
  Store& store;
  Engines& engines;
  std::int64_t limit = 0;  // bytes, of one rendition
};
// What an engine made, checked and hashed; still in staging.
struct MadeFile {
  StagedFile file;
  Made made;
};
// What an engine does not find, a frame or a page, its source does not have: for good.
[[nodiscard]] Error of_engine(const Error& error);
// corrupt if it is not there.
[[nodiscard]] Result<Fd> open_source(const Store& store, const ObjectKey& key);
// Has them made. One answer for each job.
[[nodiscard]] std::vector<Result<MadeFile>> make_batch(const MakingBatch& with, const Batch& batch,
                                                       const Progress& progress,
                                                       const std::stop_token& stop);
// The same for the one job of a batch, into that file; nothing is checked.
[[nodiscard]] Result<Made> make_one(const MakingBatch& with, const Batch& batch, int output,
                                    const Progress& progress, const std::stop_token& stop);
// Makes objects of what was made. The caller holds the store (Store::hold) from before until what
// was made is in the catalog, and calls Store::sync() in between.
[[nodiscard]] std::vector<Outcome> keep_batch(Store& store, std::vector<Result<MadeFile>> made,
                                              const std::stop_token& stop);

// What a failure means for the job that met it.
[[nodiscard]] Outcome outcome_of(const Error& error, const std::stop_token& stop);

}  // namespace lensfs
