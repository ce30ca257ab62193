// Planner: follows the change log and asks for what is to be made of new assets and new versions
// without anybody asking: the eager profiles of the projects in which the asset has places, and to
// have it read (reading.h). Of what people change it notes whose sidecars may have to be written.
#pragma once

#include <stop_token>

#include "catalog/model/catalog.h"
#include "catalog/model/job.h"
#include "catalog/model/profile.h"

namespace lensfs {

// Several may be at it, in any number of processes: what was asked for is not asked for again.
// Not thread-safe.
class Planner {
 public:
  // Changes that are read at once, and recorded in one transaction.
  static constexpr std::int64_t kAtOnce = 500;

  // Both must outlive it.
  Planner(Catalog& catalog, const RenditionSettings& settings)
      : catalog_(catalog), settings_(settings) {}

  // Looks at the next changes, from where any planner of this library came to. The answer: whether
  // there may be more.
  [[nodiscard]] Result<bool> plan_some();

 private:
  Catalog& catalog_;
  const RenditionSettings& settings_;
  ChangeId seen_{0};  // what came before is of no interest, though it may not be noted
};

// Asks that every asset be read whose current version was not, nor by the extractor of now: a
// library from before, or another release. What was planned already is not planned again.
[[nodiscard]] Status plan_reading(Catalog& catalog, const RenditionSettings& settings,
                                  const std::stop_token& stop);

// Asks for the profile's rendition of every asset that has none, as if the profile had been eager
// when it came in; not in projects where none is made, and not again for what failed. How many were
// asked for. Stopped, or called again, it goes on where it is needed.
[[nodiscard]] Result<std::int64_t> plan_all(Catalog& catalog, const RenditionSettings& settings,
                                            const Profile& profile, std::int64_t uid,
                                            const std::stop_token& stop);

}  // namespace lensfs
