// Outlines among the jobs: a job of an edit recipe makes the outline, which takes no time, unless
// somebody asked for the whole rendition (Priority::asked).
#pragma once

#include "transcode/scheduler/batch.h"

namespace lensfs {

// What a batch is to make.
enum class Aim {
  whole,       // all of it, in one go
  outline,     // there is none yet that this engine could go on with
  completion,  // what the outline lacks (completing.h)
};
[[nodiscard]] Result<Aim> aim_of(Catalog& catalog, const Engines& engines, const Batch& batch);
// Makes it; outlined, or as outcome_of() says. The batch has one job.
[[nodiscard]] Outcome outline_batch(Catalog& catalog, Engines& engines, const Batch& batch,
                                    const std::stop_token& stop);
// Gives it its name, in the transaction that makes it known. What it replaces is removed from the
// disk with the strays.
[[nodiscard]] Status keep_outline(Transaction& txn, const Job& job, const MadeOutline& outline);

// Has those made anew that another build began and nobody can go on with.
[[nodiscard]] Status renew_outlines(Catalog& catalog, const std::string& build);

}  // namespace lensfs
