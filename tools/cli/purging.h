// What purge and gc share: who may destroy, what lensfs.toml says goes, and doing it.
#pragma once

#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/purge.h"

namespace lensfs {

// denied unless the caller owns the library or is root.
[[nodiscard]] Status check_may_purge(const Catalog& catalog);
// Files that lost their names cannot be open when the library is not mounted: what they showed is
// free to go.
[[nodiscard]] Status forget_closed_files(Catalog& catalog);

struct PurgeOptions {
  VersionRule::Labelled labelled = VersionRule::Labelled::stay;  // of the plan's versions
  enum class Dry { no, yes } dry = Dry::no;
  enum class Collect { later, now } collect = Collect::later;
};
struct Purged {
  PurgeSum sum;
  CollectReport collected;  // where collecting was asked for
};
// Destroys what the plan says, many at a time. What came to be held since the plan was made stays,
// and is not counted.
[[nodiscard]] Result<Purged> carry_out(Catalog& catalog, const PurgePlan& plan,
                                       const PurgeOptions& options);

}  // namespace lensfs
