// Originals: files and what their names lead to now, asked for many at once. A folder of 10,000
// files costs a few queries instead of several for each.
#pragma once

#include <span>
#include <unordered_map>

#include "catalog/model/job.h"

namespace lensfs {

// A file's asset and the version of it that is shown.
struct Original {
  Asset asset;
  Version version;
  static Original from(const Row& row);
};
// Of those that have a version; files that lost their names are not among them.
[[nodiscard]] Result<std::unordered_map<FileId, Original>> originals_of(
    Database& db, std::span<const FileId> files);

// How far the renditions of many objects are by one recipe (standing_of), for each of them.
[[nodiscard]] Result<std::unordered_map<ObjectId, Standing>> standings_of(
    Database& db, std::span<const ObjectId> sources, RecipeId recipe);

}  // namespace lensfs
