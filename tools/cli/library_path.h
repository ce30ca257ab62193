// Which library a command works on, and which asset a path on its command line means.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/ids.h"
#include "tools/command.h"

namespace lensfs {

// --library, else LENSFS_LIBRARY, else the library that one of `paths` or the working directory
// lies in, be it a mount or the library's own directory. usage if there is none.
[[nodiscard]] Result<std::filesystem::path> find_library(const Invocation& invocation,
                                                         const std::vector<std::string>& paths);
[[nodiscard]] Result<std::unique_ptr<Catalog>> open_library(const Invocation& invocation,
                                                            const std::vector<std::string>& paths);

// The library that a path inside a mount belongs to.
[[nodiscard]] std::optional<std::string> library_of_mounted(const std::string& path);
// The asset at a path inside a mount. not_found if it is no file of a mount.
[[nodiscard]] Result<AssetId> asset_of_mounted(const std::string& path);

}  // namespace lensfs
