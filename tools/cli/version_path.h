// Which version a path on a command line means: "clip@v3.mov", "clip.mov@v3", a file below
// ".versions" or of /Versions; a plain path and a number beside it.
#pragma once

#include <optional>
#include <string>

#include "catalog/model/asset.h"
#include "tools/cli/asset_path.h"

namespace lensfs {

// `number` wins over what the path says. not_found, is_directory; usage where neither says which.
[[nodiscard]] Result<Version> version_of_path(AssetPaths& paths, Database& db,
                                              const std::string& path,
                                              std::optional<std::uint64_t> number);
// The same; a plain path means the current version. not_found if there is none yet.
[[nodiscard]] Result<Version> version_or_current(AssetPaths& paths, Database& db,
                                                 const std::string& path,
                                                 std::optional<std::uint64_t> number);

}  // namespace lensfs
