// Collecting what was just purged, without waiting for the grace time of `lensfs gc`.
#pragma once

#include <vector>

#include "catalog/model/catalog.h"

namespace lensfs {

// Removes the files and rows of those objects that no version names, and the outlines of them. busy
// while something is being ingested or saved for longer than Store::Options::patience: what is left
// is garbage.
[[nodiscard]] Result<CollectReport> collect_freed(Catalog& catalog,
                                                  const std::vector<ObjectKey>& objects);

}  // namespace lensfs
