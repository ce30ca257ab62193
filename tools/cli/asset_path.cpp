#include "tools/cli/asset_path.h"

#include "tools/cli/library_path.h"

namespace lensfs {
namespace {

// The part of a path below the root of its mount.
std::string below_mount(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error).lexically_normal();
  auto root = whole;
  while (root != root.parent_path() && library_of_mounted(root.parent_path().string())) {
    root = root.parent_path();
  }
  return whole.lexically_relative(root).string();
}

}  // namespace

AssetPaths::AssetPaths(Catalog& catalog) : catalog_(catalog), tree_(catalog, log_) {}

Status AssetPaths::check_library(const std::string& library, const std::string& path) const {
  std::error_code error;
  if (std::filesystem::equivalent(library, catalog_.path(), error)) return {};
  return fail(Error(Errc::invalid, "lies in another library").with(path));
}

Result<NodeId> AssetPaths::node_at(const std::string& path) {
  std::string inside = path;
  if (const auto library = library_of_mounted(path)) {
    LENSFS_CHECK(check_library(*library, path));
    inside = below_mount(path);
    if (inside == ".") inside = "/";
  }
  auto node = tree_.resolve(inside);
  if (!node) return fail(node.error().with(path));
  return *node;
}

Result<AssetId> AssetPaths::asset_at(const std::string& path) {
  if (const auto asset = asset_of_mounted(path)) {
    LENSFS_CHECK(check_library(library_of_mounted(path).value_or(""), path));
    return *asset;
  }
  LENSFS_TRY(const NodeId node, node_at(path));
  LENSFS_TRY(const Pool::Reader reader, catalog_.read());
  if (is_version(node)) {
    LENSFS_TRY(const Version version, find_version(*reader, version_of(node)));
    return version.asset;
  }
  if (!is_of_asset(node)) {
    return fail(Error(Errc::is_directory, "a folder; name the files in it").with(path));
  }
  LENSFS_TRY(const Asset asset, find_asset(*reader, file_of(node)));
  return asset.id;
}

Status AssetPaths::add_assets(Database& db, NodeId node, AssetSet& into) {
  if (is_version(node)) {
    const auto version = find_version(db, version_of(node));
    if (version) into.add(version->asset);
    return version || is_missing(version) ? Status() : Status(fail(version.error()));
  }
  if (is_of_asset(node)) {
    const auto asset = find_asset(db, file_of(node));
    if (asset) into.add(asset->id);
    return asset || is_missing(asset) ? Status() : Status(fail(asset.error()));
  }
  LENSFS_TRY(const Tree::Shared listing, tree_.list(node, Tree::Read::fresh));
  for (const Listing::Entry& entry : listing->entries()) {
    // "+" shows the same assets once more.
    if (listing->name(entry) == "+" || S_ISLNK(entry.attributes.mode)) continue;
    LENSFS_CHECK(add_assets(db, entry.node, into));
  }
  return {};
}

Result<AssetSet> AssetPaths::assets_at(const std::string& path) {
  LENSFS_TRY(const NodeId node, node_at(path));
  if (node == NodeId::root) {
    return fail(Error(Errc::usage, "that is everything; leave the path out").with(path));
  }
  LENSFS_TRY(const Pool::Reader reader, catalog_.read());
  AssetSet set;
  LENSFS_CHECK(add_assets(*reader, node, set));
  return set;
}

}  // namespace lensfs
