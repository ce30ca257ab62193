#include "tools/cli/version_path.h"

#include "catalog/model/history.h"

namespace lensfs {

Result<Version> version_of_path(AssetPaths& paths, Database& db, const std::string& path,
                                std::optional<std::uint64_t> number) {
  if (number) {
    LENSFS_TRY(const AssetId asset, paths.asset_at(path));
    auto version = find_version(db, asset, static_cast<std::int64_t>(*number));
    if (version) return version;
    return fail(version.error().with("version " + std::to_string(*number)).with(path));
  }
  LENSFS_TRY(const NodeId node, paths.node_at(path));
  if (is_version(node)) return find_version(db, version_of(node));
  if (!is_of_asset(node)) {
    return fail(Error(Errc::is_directory, "a folder; name a version of a file").with(path));
  }
  return fail(Error(Errc::usage, "which version? Give PATH@v3 or --version 3").with(path));
}

Result<Version> version_or_current(AssetPaths& paths, Database& db, const std::string& path,
                                   std::optional<std::uint64_t> number) {
  auto version = version_of_path(paths, db, path, number);
  if (version || version.error().code() != Errc::usage) return version;
  LENSFS_TRY(const AssetId id, paths.asset_at(path));
  LENSFS_TRY(const Asset asset, find_asset(db, id));
  if (lensfs::number(asset.version) == 0) {
    return fail(Error(Errc::not_found, "was never saved").with(path));
  }
  return find_version(db, asset.version);
}

}  // namespace lensfs
