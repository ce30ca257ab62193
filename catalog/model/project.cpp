// What projects, folders and places there are; folder.cpp changes them.
#include "catalog/model/project.h"

#include <fmt/format.h>

#include "catalog/base/text.h"
#include "catalog/model/frame_name.h"
#include "catalog/model/profile.h"

namespace lensfs {
namespace {

const std::string kEachPlace = fmt::format(
    "SELECT {}, p.id, p.name FROM places p JOIN assets a ON a.id = p.asset_id"
    " WHERE p.folder_id = ?1 ORDER BY p.id",
    Asset::kColumns);
const std::string kFindPlaced = fmt::format(
    "SELECT {}, p.id, p.name FROM places p JOIN assets a ON a.id = p.asset_id"
    " WHERE p.folder_id = ?1 AND p.name = ?2",
    Asset::kColumns);
constexpr int kPlaceColumn = Asset::kColumnCount;

}  // namespace

Project Project::from(const Row& row) {
  return {.id = row.get<ProjectId>(0),
          .name = row.get<std::string>(1),
          .folder = row.get<FolderId>(2),
          .created = row.get<Nanoseconds>(3)};
}

Folder Folder::from(const Row& row) {
  return {.id = row.get<FolderId>(0),
          .project = row.get<ProjectId>(1),
          .parent = row.get<std::optional<FolderId>>(2),
          .name = row.get<std::string>(3),
          .uid = row.get<std::int64_t>(4),
          .gid = row.get<std::int64_t>(5),
          .mode = row.get<std::int64_t>(6),
          .mtime = row.get<Nanoseconds>(7),
          .changed = row.get<Nanoseconds>(8)};
}

Place Place::from(const Row& row) {
  return {.id = row.get<PlaceId>(0),
          .folder = row.get<FolderId>(1),
          .name = row.get<std::string>(2),
          .asset = row.get<AssetId>(3)};
}

PlacedAsset PlacedAsset::from(const Row& row) {
  return {.place = row.get<PlaceId>(kPlaceColumn),
          .name = row.get<std::string>(kPlaceColumn + 1),
          .asset = Asset::from(row)};
}

Result<std::vector<Project>> all_projects(Database& db) {
  std::vector<Project> projects;
  LENSFS_CHECK(db.each<Project>(
      "SELECT id, name, folder_id, created_ns FROM projects ORDER BY id /* SCAN: all of them */",
      [&](Project project) { projects.push_back(std::move(project)); }));
  return projects;
}

Result<Project> find_project(Database& db, std::string_view name) {
  return db.one<Project>("SELECT id, name, folder_id, created_ns FROM projects WHERE name = ?1",
                         name);
}

Result<Folder> find_folder(Database& db, FolderId id) {
  return db.one<Folder>(
      "SELECT id, project_id, parent_id, name, uid, gid, mode, mtime_ns, changed_ns"
      " FROM folders WHERE id = ?1",
      id);
}

Result<Folder> find_subfolder(Database& db, FolderId parent, std::string_view name) {
  return db.one<Folder>(
      "SELECT id, project_id, parent_id, name, uid, gid, mode, mtime_ns, changed_ns"
      " FROM folders WHERE parent_id = ?1 AND name = ?2",
      parent, name);
}

Result<std::vector<Folder>> subfolders_of(Database& db, FolderId parent) {
  std::vector<Folder> folders;
  LENSFS_CHECK(db.each<Folder>(
      "SELECT id, project_id, parent_id, name, uid, gid, mode, mtime_ns, changed_ns"
      " FROM folders WHERE parent_id = ?1 ORDER BY id",
      [&](Folder folder) { folders.push_back(std::move(folder)); }, parent));
  return folders;
}

Result<std::int64_t> count_subfolders(Database& db, FolderId parent) {
  return db.one<std::int64_t>("SELECT count(*) FROM folders WHERE parent_id = ?1", parent);
}

Result<Place> find_place(Database& db, FolderId folder, std::string_view name) {
  return db.one<Place>(
      "SELECT id, folder_id, name, asset_id FROM places WHERE folder_id = ?1 AND name = ?2", folder,
      name);
}

Result<std::vector<Place>> places_of(Database& db, AssetId asset) {
  std::vector<Place> places;
  LENSFS_CHECK(db.each<Place>(
      "SELECT id, folder_id, name, asset_id FROM places WHERE asset_id = ?1 ORDER BY id",
      [&](Place place) { places.push_back(std::move(place)); }, asset));
  return places;
}

Result<std::vector<std::string>> projects_of(Database& db, AssetId asset) {
  std::vector<std::string> names;
  LENSFS_CHECK(db.each<std::string>(
      "SELECT DISTINCT p.name FROM places l JOIN folders f ON f.id = l.folder_id"
      " JOIN projects p ON p.id = f.project_id WHERE l.asset_id = ?1",
      [&](std::string name) { names.push_back(std::move(name)); }, asset));
  return names;
}

// The character after "." is in no name, and none that comes after "[" begins a number.
Result<std::vector<std::string>> names_with_stem(Database& db, FolderId folder,
                                                 std::string_view stem) {
  std::vector<std::string> names;
  std::vector<std::string> beginnings;
  for (const char* const next : {".", "[", "_[", "-[", " ["}) {
    beginnings.push_back(std::string(stem) + next);
  }
  if (stem == SequenceName().stem()) beginnings.emplace_back("[");
  for (const std::string& from : beginnings) {
    std::string until = from;
    ++until.back();
    LENSFS_CHECK(db.each<std::string>(
        "SELECT name FROM places WHERE folder_id = ?1 AND name >= ?2 AND name < ?3 ORDER BY id",
        [&](std::string name) {
          if (rendered_stem(name) == stem) names.push_back(std::move(name));
        },
        folder, from, until));
  }
  return names;
}

Status each_place(Database& db, FolderId folder, const std::function<void(PlacedAsset)>& visit) {
  return db.each<PlacedAsset>(
      kEachPlace, [&](PlacedAsset placed) { visit(std::move(placed)); }, folder);
}

ListedPlace ListedPlace::from(const Row& row) {
  return {.place = row.get<PlaceId>(0), .name = row.text(1), .file = ListedFile::from(row, 2)};
}

Status each_listed_place(Database& db, FolderId folder,
                         const std::function<void(const ListedPlace&)>& visit) {
  static const std::string kEach = fmt::format(
      "SELECT p.id, p.name, {} FROM places p JOIN assets a ON a.id = p.asset_id"
      " WHERE p.folder_id = ?1 ORDER BY p.id",
      ListedFile::kColumns);
  return db.each<ListedPlace>(
      kEach, [&](const ListedPlace& listed) { visit(listed); }, folder);
}

Result<PlacedAsset> find_placed(Database& db, FolderId folder, std::string_view name) {
  return db.one<PlacedAsset>(kFindPlaced, folder, name);
}

Result<std::string> path_of(Database& db, FolderId folder) {
  LENSFS_TRY(Folder at, find_folder(db, folder));
  std::string path = at.name;
  while (at.parent) {
    LENSFS_TRY(Folder above, find_folder(db, *at.parent));
    path = fmt::format("{}/{}", above.name, path);
    at = std::move(above);
  }
  return path;
}

}  // namespace lensfs
