#include "tools/cli/place_paths.h"

namespace lensfs {

Result<std::string> PlacePaths::folder(Database& db, FolderId id) {
  if (const auto known = folders_.find(id); known != folders_.end()) return known->second;
  LENSFS_TRY(const std::string path, path_of(db, id));
  return folders_.emplace(id, "Projects/" + path).first->second;
}

Result<std::vector<std::string>> PlacePaths::of(Database& db, AssetId asset) {
  LENSFS_TRY(const auto places, places_of(db, asset));
  std::vector<std::string> paths;
  paths.reserve(places.size());
  for (const Place& place : places) {
    LENSFS_TRY(const std::string above, folder(db, place.folder));
    paths.push_back(above + "/" + place.name);
  }
  return paths;
}

}  // namespace lensfs
