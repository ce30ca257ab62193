// Edits that move names: rename(2).
#include "catalog/base/text.h"
#include "catalog/model/edit.h"
#include "catalog/model/identity.h"
#include "catalog/model/names.h"
#include "catalog/model/past.h"
#include "catalog/model/sequence.h"

namespace lensfs {
namespace {

// What a spot holds: a place, a folder or nothing.
struct Entry {
  std::optional<Place> place;
  std::optional<Folder> folder;
  [[nodiscard]] bool exists() const { return place.has_value() || folder.has_value(); }
};

template <typename T>
Result<std::optional<T>> if_found(Result<T> result) {
  if (result) return std::optional<T>(*std::move(result));
  if (result.error().code() == Errc::not_found) return std::optional<T>();
  return fail(std::move(result).error());
}

Result<Entry> entry_at(Database& db, const Spot& spot) {
  Entry entry;
  if (!spot.folder) {
    LENSFS_TRY(const std::optional<Project> project, if_found(find_project(db, spot.name)));
    if (!project) return entry;
    LENSFS_TRY(entry.folder, if_found(find_folder(db, project->folder)));
    return entry;
  }
  LENSFS_TRY(entry.place, if_found(find_place(db, *spot.folder, spot.name)));
  if (entry.place) return entry;
  LENSFS_TRY(entry.folder, if_found(find_subfolder(db, *spot.folder, spot.name)));
  return entry;
}

// --- files

// The flat name follows the place that gave it.
Status follow_name(Transaction& txn, const Actor& actor, const Asset& asset, std::string_view from,
                   std::string_view to) {
  return asset.name == from ? set_flat_name(txn, actor, asset, to) : Status();
}

Status move_place(Transaction& txn, const Actor& actor, const Place& place, const Move& move,
                  bool scratch) {
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), place.asset));
  LENSFS_CHECK(take_place(txn, actor, place));
  LENSFS_CHECK(add_place(txn, actor, *move.to.folder, place.asset,
                         {.name = std::string(move.to.name), .raw_name = move.raw_name}));
  LENSFS_CHECK(follow_name(txn, actor, asset, place.name, move.to.name));
  return follow_state(txn, actor, asset, scratch);
}

// The file at `place` goes on as the file of `into`, which has the target's name.
Status pass_on(Transaction& txn, const Actor& actor, const Place& place, const Asset& into) {
  LENSFS_CHECK(take_place(txn, actor, place));
  LENSFS_TRY(const Asset passing, find_asset(txn.db(), place.asset));
  LENSFS_TRY(const Asset target, find_asset(txn.db(), into.id));
  return merge_asset(txn, actor, passing, target);
}

Status move_to_free_name(Transaction& txn, const Actor& actor, const Place& place, const Move& move,
                         bool scratch) {
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), place.asset));
  LENSFS_TRY(const bool passing, is_passing(txn, asset));
  if (scratch || !passing) return move_place(txn, actor, place, move, scratch);
  LENSFS_TRY(const std::optional<Asset> before, vacated_by(txn, {.folder = *move.to.folder,
                                                                 .name = move.to.name,
                                                                 .comes_from = place.folder,
                                                                 .may_change = move.may_change}));
  if (!before || before->id == asset.id) return move_place(txn, actor, place, move, scratch);
  LENSFS_CHECK(reclaim(txn, actor, *before));
  LENSFS_CHECK(pass_on(txn, actor, place, *before));
  LENSFS_CHECK(add_place(txn, actor, *move.to.folder, before->id,
                         {.name = std::string(move.to.name), .raw_name = move.raw_name}));
  LENSFS_TRY(const Asset merged, find_asset(txn.db(), before->id));
  return follow_name(txn, actor, merged, merged.name, move.to.name);
}

Status move_over_place(Transaction& txn, const Actor& actor, const Place& place, const Move& move,
                       const Place& target) {
  if (place.asset == target.asset) return {};  // rename(2): two names of one file stay
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), place.asset));
  LENSFS_TRY(const Asset over, find_asset(txn.db(), target.asset));
  if (is_sequence(over)) return fail(Errc::not_empty);
  LENSFS_TRY(const bool passing, is_passing(txn, asset));
  // Other names of what is replaced keep its bytes.
  const bool keeps_identity = over.places == 1 && over.state == AssetState::live &&
                              over.type == 0 && (number(over.version) != 0 || over.draft);
  if (passing && keeps_identity) {
    LENSFS_CHECK(pass_on(txn, actor, place, over));
    return touch_folder(txn, target.folder);
  }
  LENSFS_TRY([[maybe_unused]] const Asset removed,
             remove_file(txn, actor, *move.to.folder, move.to.name, move.writing));
  return move_place(
      txn, actor, place, move,
      over.state == AssetState::aside && over.type == 0 && asset.state == AssetState::aside);
}

Status move_file(Transaction& txn, const Actor& actor, const Place& place, const Move& move,
                 const ScratchNames& scratch) {
  if (!move.to.folder) return fail(Errc::not_permitted, "files lie in projects");
  LENSFS_TRY(const Entry target, entry_at(txn.db(), move.to));
  if (target.folder) return fail(Errc::is_directory);
  if (!target.place) {
    return move_to_free_name(txn, actor, place, move, scratch.matches(move.to.name));
  }
  if (move.over == Move::Over::refuse) return fail(Errc::exists);
  return move_over_place(txn, actor, place, move, *target.place);
}

// --- folders

Result<bool> is_inside(Database& db, FolderId folder, FolderId above) {
  std::optional<FolderId> at = folder;
  while (at) {
    if (*at == above) return true;
    LENSFS_TRY(const Folder row, find_folder(db, *at));
    at = row.parent;
  }
  return false;
}

// A folder that changes projects takes everything below it along.
Status set_project(Transaction& txn, FolderId folder, ProjectId project) {
  std::vector<FolderId> open = {folder};
  while (!open.empty()) {
    const FolderId at = open.back();
    open.pop_back();
    LENSFS_CHECK(txn.db().run("UPDATE folders SET project_id = ?2 WHERE id = ?1", at, project));
    LENSFS_TRY(const std::vector<Folder> below, subfolders_of(txn.db(), at));
    for (const Folder& sub : below) open.push_back(sub.id);
  }
  return {};
}

Status record_folder(Transaction& txn, const Actor& actor, const Spot& spot, bool added) {
  const std::string name(spot.name);
  if (!spot.folder) {
    return record_change(
        txn, actor,
        {.kind = added ? ChangeKind::project_added : ChangeKind::project_removed, .name = name});
  }
  LENSFS_CHECK(touch_folder(txn, *spot.folder));
  return record_change(txn, actor,
                       {.kind = added ? ChangeKind::folder_added : ChangeKind::folder_removed,
                        .folder = *spot.folder,
                        .name = name});
}

// The project that a folder belongs to at its new spot; one is made or renamed at the top.
Result<ProjectId> project_at(Transaction& txn, const Folder& folder, const Spot& to) {
  if (to.folder) {
    LENSFS_TRY(const Folder above, find_folder(txn.db(), *to.folder));
    return above.project;
  }
  if (to.name == kInboxName) return fail(Errc::not_permitted, "the inbox has this name");
  if (!folder.parent) {
    LENSFS_CHECK(
        txn.db().run("UPDATE projects SET name = ?2 WHERE id = ?1", folder.project, to.name));
    return folder.project;
  }
  LENSFS_CHECK(
      txn.db().run("INSERT INTO projects (name, folder_id, created_ns) VALUES (?1, ?2, ?3)",
                   to.name, folder.id, txn.now()));
  return static_cast<ProjectId>(txn.db().last_insert_id());
}

Status move_folder(Transaction& txn, const Actor& actor, const Folder& folder, const Move& move) {
  LENSFS_CHECK(check_name(move.to.name));
  if (move.to.folder) {
    LENSFS_TRY(const bool loop, is_inside(txn.db(), *move.to.folder, folder.id));
    if (loop) return fail(Errc::invalid, "a folder cannot lie in itself");
  }
  LENSFS_TRY(const Entry target, entry_at(txn.db(), move.to));
  if (target.exists() && move.over == Move::Over::refuse) return fail(Errc::exists);
  if (target.place) return fail(Errc::not_directory);
  if (target.folder && target.folder->id == folder.id) return {};
  if (target.folder) LENSFS_CHECK(remove_folder(txn, actor, move.to.folder, move.to.name));
  LENSFS_CHECK(remember_past_folder(txn, folder.id));
  LENSFS_TRY(const ProjectId project, project_at(txn, folder, move.to));
  LENSFS_CHECK(
      txn.db().run("UPDATE folders SET parent_id = ?2, name = ?3, raw_name = NULL, changed_ns = ?4,"
                   " since_ns = ?4 WHERE id = ?1",
                   folder.id, move.to.folder, move.to.name, txn.now()));
  if (project != folder.project) LENSFS_CHECK(set_project(txn, folder.id, project));
  if (!folder.parent && move.to.folder) {
    LENSFS_CHECK(
        txn.db().run("DELETE FROM sources WHERE project_id = ?1"
                     " /* SCAN: projects are rarely removed */",
                     folder.project));
    LENSFS_CHECK(txn.db().run("DELETE FROM projects WHERE id = ?1", folder.project));
  }
  LENSFS_CHECK(record_folder(txn, actor, move.from, false));
  return record_folder(txn, actor, move.to, true);
}

Status swap_assets(Transaction& txn, const Actor& actor, const Place& a, const Place& b) {
  LENSFS_CHECK(take_place(txn, actor, a));
  LENSFS_CHECK(take_place(txn, actor, b));
  LENSFS_CHECK(add_place(txn, actor, a.folder, b.asset, {.name = a.name}));
  LENSFS_CHECK(add_place(txn, actor, b.folder, a.asset, {.name = b.name}));
  LENSFS_TRY(const Asset first, find_asset(txn.db(), a.asset));
  LENSFS_TRY(const Asset second, find_asset(txn.db(), b.asset));
  LENSFS_CHECK(follow_name(txn, actor, first, a.name, b.name));
  return follow_name(txn, actor, second, b.name, a.name);
}

}  // namespace

Status follow_state(Transaction& txn, const Actor& actor, const Asset& asset, bool scratch) {
  if (asset.type != 0) return {};
  if (asset.state == AssetState::aside && !scratch) {
    LENSFS_CHECK(set_state(txn, asset.id, AssetState::live));
    return record_change(txn, actor,
                         {.kind = ChangeKind::restored, .asset = asset.id, .name = asset.name});
  }
  if (asset.state == AssetState::live && scratch && number(asset.version) == 0) {
    LENSFS_CHECK(set_state(txn, asset.id, AssetState::aside));
    return record_change(txn, actor,
                         {.kind = ChangeKind::trashed, .asset = asset.id, .name = asset.name});
  }
  return {};
}

Status set_flat_name(Transaction& txn, const Actor& actor, const Asset& asset,
                     std::string_view name) {
  if (asset.name == name) return {};
  LENSFS_CHECK(txn.db().run("UPDATE assets SET name = ?2, name_key = ?3 WHERE id = ?1", asset.id,
                            name, fold_name(name)));
  if (asset.state == AssetState::aside) return {};
  return record_change(txn, actor,
                       {.kind = ChangeKind::renamed, .asset = asset.id, .name = asset.name});
}

Status move_entry(Transaction& txn, const Actor& actor, const Move& move,
                  const ScratchNames& scratch) {
  LENSFS_TRY(const Entry entry, entry_at(txn.db(), move.from));
  if (entry.place) return move_file(txn, actor, *entry.place, move, scratch);
  if (entry.folder) return move_folder(txn, actor, *entry.folder, move);
  return fail(Errc::not_found);
}

Status exchange_entries(Transaction& txn, const Actor& actor, const Spot& a, const Spot& b) {
  LENSFS_TRY(const Entry first, entry_at(txn.db(), a));
  LENSFS_TRY(const Entry second, entry_at(txn.db(), b));
  if (!first.exists() || !second.exists()) return fail(Errc::not_found);
  if (first.place && second.place) {
    if (first.place->asset == second.place->asset) return {};
    return swap_assets(txn, actor, *first.place, *second.place);
  }
  // A name that cannot be typed, for the moment in which both are away.
  static const ScratchNames kNone({});
  const FolderSpot aside_in = a.folder ? a.folder : b.folder;
  if (!aside_in) return fail(Errc::not_supported, "projects do not change places");
  const Spot aside{.folder = aside_in, .name = ".lensfs exchange"};
  LENSFS_CHECK(move_entry(txn, actor, {.from = a, .to = aside}, kNone));
  LENSFS_CHECK(move_entry(txn, actor, {.from = b, .to = a}, kNone));
  return move_entry(txn, actor, {.from = aside, .to = b}, kNone);
}

}  // namespace lensfs
