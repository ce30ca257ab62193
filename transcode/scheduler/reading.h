// Reading: jobs that make no rendition but read what a file says of itself (facts.h). The engine
// writes it into a file as it would a rendition; what is in there is doubted and goes into the
// catalog.
#pragma once

#include <string>
#include <string_view>

#include "catalog/model/catalog.h"
#include "transcode/scheduler/batch.h"

namespace lensfs {

// The recipe of such jobs. Its text is which extractor read something.
[[nodiscard]] const Recipe& reading_recipe();
// Whether there is anything to read in what has this kind and name.
[[nodiscard]] bool is_read(std::string_view kind, std::string_view name);

[[nodiscard]] bool is_reading(const Batch& batch);
// Has it read: an outcome of kind `read`, or a failure. The batch has one job.
[[nodiscard]] Outcome read_batch(const MakingBatch& with, const Batch& batch,
                                 const Progress& progress, const std::stop_token& stop);
// Into the catalog; the job ends.
[[nodiscard]] Status keep_reading(Transaction& txn, const Job& job, const std::string& facts);

}  // namespace lensfs
