#include "catalog/model/originals.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lensfs {
namespace {

// Most files have the number of their asset.
const std::string kOfOwnFiles = fmt::format(
    "SELECT {}, {} FROM json_each(?1) n CROSS JOIN assets a ON a.id = n.value"
    " AND a.file_id IS NULL JOIN versions v ON v.id = a.version_id /* SCAN: those asked for */",
    Asset::kColumns, Version::kColumns);
const std::string kOfOtherFiles = fmt::format(
    "SELECT {}, {} FROM json_each(?1) n CROSS JOIN assets a ON a.file_id = n.value"
    " JOIN versions v ON v.id = a.version_id /* SCAN: those asked for */",
    Asset::kColumns, Version::kColumns);

// The rows of a table for those objects and that recipe.
template <typename T>
const std::string kMadeOf = fmt::format(
    "SELECT {} FROM {} WHERE recipe_id = ?2 AND source_id IN (SELECT value FROM json_each(?1))"
    " /* SCAN: those asked for */",
    T::kColumns, T::kTable);

template <typename Id>
std::string json_of(std::span<const Id> ids) {
  fmt::memory_buffer text;
  text.push_back('[');
  for (const Id id : ids) fmt::format_to(std::back_inserter(text), "{},", number(id));
  if (!ids.empty()) text.resize(text.size() - 1);
  text.push_back(']');
  return fmt::to_string(text);
}

}  // namespace

Original Original::from(const Row& row) {
  return {.asset = Asset::from(row), .version = Version::from(row, Asset::kColumnCount)};
}

Result<std::unordered_map<FileId, Original>> originals_of(Database& db,
                                                          std::span<const FileId> files) {
  std::unordered_map<FileId, Original> all;
  all.reserve(files.size());
  const auto take = [&](Original original) {
    const FileId file = original.asset.file;
    all.emplace(file, std::move(original));
  };
  LENSFS_CHECK(db.each<Original>(kOfOwnFiles, take, json_of(files)));
  std::vector<FileId> others;
  for (const FileId file : files) {
    if (!all.contains(file)) others.push_back(file);
  }
  if (others.empty()) return all;
  LENSFS_CHECK(db.each<Original>(kOfOtherFiles, take, json_of(std::span<const FileId>(others))));
  return all;
}

Result<std::unordered_map<ObjectId, Standing>> standings_of(Database& db,
                                                            std::span<const ObjectId> sources,
                                                            RecipeId recipe) {
  std::unordered_map<ObjectId, Standing> all;
  all.reserve(sources.size());
  for (const ObjectId source : sources) all.try_emplace(source);
  const std::string wanted = json_of(sources);
  std::size_t ready = 0;
  LENSFS_CHECK(db.each<Rendition>(
      kMadeOf<Rendition>,
      [&](Rendition made) {
        const ObjectId source = made.source;
        all[source].ready = std::move(made);
        ++ready;
      },
      wanted, recipe));
  if (ready == all.size()) return all;
  LENSFS_CHECK(db.each<Outline>(
      kMadeOf<Outline>,
      [&](Outline made) {
        Standing& standing = all[made.source];
        if (!standing.ready) standing.outline = std::move(made);
      },
      wanted, recipe));
  LENSFS_CHECK(db.each<Job>(
      kMadeOf<Job>,
      [&](Job job) {
        Standing& standing = all[job.source];
        if (!standing.ready) standing.job = std::move(job);
      },
      wanted, recipe));
  return all;
}

}  // namespace lensfs
