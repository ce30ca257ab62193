// PlacePaths: the paths of assets below /Projects. Paths of folders are looked up once.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/model/project.h"

namespace lensfs {

class PlacePaths {
 public:
  // "Projects/demo/day1/clip.mov" for each place.
  [[nodiscard]] Result<std::vector<std::string>> of(Database& db, AssetId asset);

 private:
  [[nodiscard]] Result<std::string> folder(Database& db, FolderId id);
  std::unordered_map<FolderId, std::string> folders_;
};

}  // namespace lensfs
