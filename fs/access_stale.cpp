// What a change makes stale because other people see it now, or no more.
#include "catalog/model/asset.h"
#include "catalog/model/project.h"
#include "catalog/model/tag.h"
#include "fs/stale.h"
#include "fs/time_stale.h"

namespace lensfs {
namespace {

// An asset that was there before may be known by names that only some should see from now on.
Result<bool> moves_known_asset(Database& db, const Change& change) {
  if (!change.asset) return false;
  const auto asset = find_asset(db, *change.asset);
  if (is_missing(asset)) return false;
  if (!asset) return fail(asset.error());
  return asset->created != change.at;
}

Result<bool> holds_anything(Database& db, FolderId parent, const std::string& name) {
  return db.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM folders f WHERE f.parent_id = ?1 AND f.name = ?2 AND"
      " (EXISTS (SELECT 1 FROM places WHERE folder_id = f.id) OR"
      " EXISTS (SELECT 1 FROM folders s WHERE s.parent_id = f.id)))",
      parent, name);
}

Result<bool> moves_rights(Database& db, const AccessState& state, const Change& change) {
  switch (change.kind) {
    case ChangeKind::tagged:
    case ChangeKind::untagged:
      if (!change.tag || state.of_tag(*change.tag).empty()) return false;
      return moves_known_asset(db, change);
    case ChangeKind::place_added:
    case ChangeKind::place_removed:
      if (!change.folder || state.of_folder(*change.folder).empty()) return false;
      return moves_known_asset(db, change);
    case ChangeKind::folder_added:
      if (!change.folder || state.folders.empty()) return false;
      return holds_anything(db, *change.folder, change.name);
    case ChangeKind::project_added:
      return !state.folders.empty();
    case ChangeKind::term_renamed:
    case ChangeKind::term_links_changed:
      return !state.tags.empty();
    case ChangeKind::asset_added:
    case ChangeKind::version_added:
    case ChangeKind::project_removed:  // one that came to lie in a folder is told of as that
    case ChangeKind::folder_removed:
    case ChangeKind::tag_added:
    case ChangeKind::tag_removed:
    case ChangeKind::field_changed:
    case ChangeKind::xattr_changed:
    case ChangeKind::attributes_changed:
    case ChangeKind::saved:
    case ChangeKind::label_changed:
    case ChangeKind::trashed:
    case ChangeKind::restored:
    case ChangeKind::removed:
    case ChangeKind::renamed:
    case ChangeKind::search_changed:
    case ChangeKind::version_purged:
    case ChangeKind::rendition_ready:
    case ChangeKind::rendition_failed:
    case ChangeKind::rendition_replaced:
    case ChangeKind::fields_declared:
    case ChangeKind::marker_changed:
    case ChangeKind::access_changed:
    case ChangeKind::role_changed:
      break;
  }
  return false;
}

// Every folder that lists an asset.
Status add_folders_stale(Database& db, AssetId asset, Stale& stale) {
  LENSFS_TRY(const std::vector<Place> places, places_of(db, asset));
  for (const Place& place : places) stale.folders.push_back(node_of(place.folder));
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(db, asset));
  for (const Tag& tag : tags) {
    LENSFS_TRY(const std::vector<TagId> line, shown_in(db, tag.id));
    for (const TagId term : line) stale.folders.push_back(node_of(term));
  }
  stale.typed_facets = true;
  stale.typed_results = true;
  stale.folders.push_back(NodeId::trash);
  return {};
}

}  // namespace

Status add_access_stale(Tree& tree, Database& db, const Change& change, Stale& stale) {
  if (change.kind == ChangeKind::access_changed || change.kind == ChangeKind::role_changed) {
    stale.everything = true;
    return {};
  }
  AccessBook& book = tree.access().book();
  LENSFS_TRY(const AccessBook::State state, book.state(db));
  if (state == nullptr || stale.everything) return {};
  if (book.exact_after() < change.id) return {};  // add_moves_stale() says what it moved
  LENSFS_TRY(stale.everything, moves_rights(db, *state, change));
  return {};
}

// Modes are by the rules, also those of versions.
Status add_moves_stale(Tree& tree, Database& db, Stale& stale) {
  const AccessBook::Moves moves = tree.access().book().take_moves();
  for (const AssetId id : moves.other) {
    const auto asset = find_asset(db, id);
    if (is_missing(asset)) continue;
    if (!asset) return fail(asset.error());
    stale.files.push_back(node_of(asset->file));
    LENSFS_CHECK(add_versions_stale(db, id, stale));
  }
  // Whatever led there must be asked for again by everybody, names of the past and behind lenses
  // among it, and no listing of it may be kept. What was hidden before, nobody keeps; but in a
  // mount for one audience, where what they do not see is not there.
  const std::vector<AssetId>& known = tree.access().has_audience() ? moves.old : moves.hidden;
  if (known.empty()) return {};
  stale.all_names = true;
  stale.all_moments = true;
  for (const AssetId id : known) LENSFS_CHECK(add_folders_stale(db, id, stale));
  return {};
}

}  // namespace lensfs
