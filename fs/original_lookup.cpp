#include "fs/original_lookup.h"

#include "catalog/model/sequence.h"

namespace lensfs {

Status OriginalLookup::foresee(const Listing& folder) {
  std::vector<FileId> files;
  for (const Listing::Entry& entry : folder.entries()) {
    if (class_of(entry.node) == NodeClass::file) files.push_back(file_of(entry.node));
  }
  LENSFS_TRY(originals_, originals_of(db_, files));
  for (const auto& [file, original] : originals_) sources_.push_back(original.version.object);
  return {};
}

Result<std::optional<Original>> OriginalLookup::original(NodeId file) {
  Original found;
  if (class_of(file) == NodeClass::version) {
    LENSFS_TRY(found.version, find_version(db_, version_of(file)));
    LENSFS_TRY(found.asset, find_asset(db_, found.version.asset));
    return std::optional(std::move(found));
  }
  const auto foreseen = originals_.find(file_of(file));
  if (foreseen != originals_.end()) {
    found = foreseen->second;
  } else {
    LENSFS_TRY(found.asset, find_asset(db_, file_of(file)));
  }
  const Asset& asset = found.asset;
  const bool has_bytes = number(asset.version) != 0 && (asset.type == 0 || is_sequence(asset));
  if (!has_bytes || asset.state == AssetState::aside) return std::optional<Original>();
  if (foreseen == originals_.end()) {
    LENSFS_TRY(found.version, find_version(db_, asset.version));
  }
  return std::optional(std::move(found));
}

Result<OriginalLookup::Known*> OriginalLookup::known(const Recipe& recipe) {
  const auto [known, fresh] = recipes_.try_emplace(recipe.text());
  if (!fresh) return &known->second;
  LENSFS_TRY(known->second.id, find_recipe(db_, recipe));
  if (known->second.id && !sources_.empty()) {
    LENSFS_TRY(known->second.standings, standings_of(db_, sources_, *known->second.id));
  }
  return &known->second;
}

Result<Standing> OriginalLookup::standing(ObjectId source, const Recipe& recipe) {
  LENSFS_TRY(Known* const by, known(recipe));
  if (!by->id) return Standing{};
  const auto at = by->standings.find(source);
  if (at != by->standings.end()) return at->second;
  return standing_of(db_, source, by->id);
}

}  // namespace lensfs
