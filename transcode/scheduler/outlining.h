// Outlines among the jobs: a job of an edit recipe makes the outline, which takes no time, unless
// somebody asked for the whole rendition (Priority::asked).
#pragma once

#include "transcode/scheduler/batch.h"

namespace lensfs {

// Whether an outline will do for the batch, and there is none yet that this engine could go on
// with.
[[nodiscard]] Result<bool> is_outline_wanted(Catalog& catalog, const Engines& engines,
                                             const Batch& batch);
// Makes it; outlined, or as outcome_of() says. The batch has one job.
[[nodiscard]] Outcome outline_batch(Catalog& catalog, Engines& engines, const Batch& batch,
                                    const std::stop_token& stop);
// Gives it its name, in the transaction that makes it known. What it replaces is removed from the
// disk with the strays.
[[nodiscard]] Status keep_outline(Transaction& txn, const Job& job, const MadeOutline& outline);

// Has those made anew that another build began and nobody can go on with.
[[nodiscard]] Status renew_outlines(Catalog& catalog, const std::string& build);

}  // namespace lensfs
