// What a change makes stale because other people see it now, or no more.
#include "catalog/model/asset.h"
#include "catalog/model/tag.h"
#include "fs/stale.h"

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
    case ChangeKind::project_removed:
      return !state.folders.empty();
    case ChangeKind::term_renamed:
    case ChangeKind::term_links_changed:
      return !state.tags.empty();
    case ChangeKind::asset_added:
    case ChangeKind::version_added:
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

}  // namespace

Status add_access_stale(Tree& tree, Database& db, const Change& change, Stale& stale) {
  if (change.kind == ChangeKind::access_changed || change.kind == ChangeKind::role_changed) {
    stale.everything = true;
    return {};
  }
  LENSFS_TRY(const AccessBook::State state, tree.access().book().state(db));
  if (state == nullptr || stale.everything) return {};
  LENSFS_TRY(stale.everything, moves_rights(db, *state, change));
  return {};
}

}  // namespace lensfs
