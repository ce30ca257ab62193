// The one statement pair that makes a version and lets its asset show it; shared by add_asset and
// add_version, not for others.
#pragma once

#include "catalog/model/asset.h"

namespace lensfs {

struct NumberedVersion {
  AssetId asset{};
  std::int64_t number = 0;
  ObjectId object{};
};

// The row alone.
[[nodiscard]] Result<VersionId> insert_version_row(Transaction& txn, const Actor& actor,
                                                   const NumberedVersion& at,
                                                   const NewVersion& version);
// The row, and the asset shows it. Logs nothing: the caller knows what happened.
[[nodiscard]] Result<VersionId> insert_version(Transaction& txn, const Actor& actor,
                                               const NumberedVersion& at,
                                               const NewVersion& version);

}  // namespace lensfs
