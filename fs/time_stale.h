// What a change makes stale of what is seen through lenses of time. Moments never are; histories,
// lists of moments and labels are.
#pragma once

#include "fs/stale.h"

namespace lensfs {

[[nodiscard]] Status add_time_stale(Tree& tree, Database& db, const Change& change, Stale& stale);

// Versions have the owner and mode of their asset.
[[nodiscard]] Status add_versions_stale(Database& db, AssetId asset, Stale& stale);

}  // namespace lensfs
