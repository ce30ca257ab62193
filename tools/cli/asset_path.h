// What a path on a command line stands for: a file of a mount, or a path of the drive such as
// Projects/demo/clip.mov, whether it is mounted or not.
#pragma once

#include <filesystem>
#include <string>

#include "catalog/model/catalog.h"
#include "fs/tree.h"

namespace lensfs {

class AssetPaths {
 public:
  explicit AssetPaths(Catalog& catalog);

  // not_found, is_directory, or invalid for a mount of another library; the path is in the detail.
  [[nodiscard]] Result<AssetId> asset_at(const std::string& path);
  [[nodiscard]] Result<NodeId> node_at(const std::string& path);
  // The assets that a file, or a folder with all below it, shows.
  [[nodiscard]] Result<AssetSet> assets_at(const std::string& path);
  [[nodiscard]] Tree& tree() { return tree_; }

 private:
  [[nodiscard]] Status add_assets(Database& db, NodeId node, AssetSet& into);
  [[nodiscard]] Status check_library(const std::string& library, const std::string& path) const;

  Catalog& catalog_;
  PathLog log_;
  Tree tree_;
};

}  // namespace lensfs
