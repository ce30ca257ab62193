#include "fs/view_project.h"

#include <algorithm>

#include "catalog/model/project.h"

namespace lensfs {
namespace {

// Link counts as a disk has them: two, and one for each folder inside.
Attributes attributes_of(const Folder& folder, std::int64_t subfolders) {
  return {.ino = node_of(folder.id),
          .mode = S_IFDIR | static_cast<mode_t>(folder.mode & 01777),
          .links = static_cast<nlink_t>(2 + subfolders),
          .uid = static_cast<uid_t>(folder.uid),
          .gid = static_cast<gid_t>(folder.gid),
          .size = 4096,
          .mtime = folder.mtime,
          .ctime = folder.changed};
}

Result<Attributes> folder_attributes_of(Database& db, const Folder& folder) {
  LENSFS_TRY(const std::int64_t subfolders, count_subfolders(db, folder.id));
  return attributes_of(folder, subfolders);
}

Result<Found> found_folder(Database& db, const Folder& folder) {
  LENSFS_TRY(const Attributes attributes, folder_attributes_of(db, folder));
  return Found{node_of(folder.id), attributes};
}

Result<Found> found_project(Database& db, std::string_view name) {
  LENSFS_TRY(const Project project, find_project(db, name));
  LENSFS_TRY(const Folder folder, find_folder(db, project.folder));
  return found_folder(db, folder);
}

}  // namespace

Result<Found> ProjectView::child(Database& db, NodeId folder, std::string_view name) {
  if (folder == NodeId::projects) return found_project(db, name);
  const FolderId id = folder_of(folder);
  auto placed = find_placed(db, id, name);
  if (placed) return Found{node_of(placed->asset.version), lensfs::attributes_of(placed->asset)};
  if (placed.error().code() != Errc::not_found) return fail(placed.error());
  LENSFS_TRY(const Folder sub, find_subfolder(db, id, name));
  return found_folder(db, sub);
}

Result<Listing> ProjectView::list_projects(Database& db) {
  Listing listing;
  LENSFS_TRY(std::vector<Project> projects, all_projects(db));
  std::sort(projects.begin(), projects.end(),
            [](const Project& a, const Project& b) { return a.folder < b.folder; });
  for (const Project& project : projects) {
    LENSFS_TRY(const Folder folder, find_folder(db, project.folder));
    LENSFS_TRY(const Attributes attributes, folder_attributes_of(db, folder));
    listing.add(project.name, folder_cookie(number(folder.id)), node_of(folder.id), attributes);
  }
  return listing;
}

Result<Listing> ProjectView::list(Database& db, NodeId folder) {
  if (folder == NodeId::projects) return list_projects(db);
  Listing listing;
  LENSFS_TRY(const std::vector<Folder> subfolders, subfolders_of(db, folder_of(folder)));
  for (const Folder& sub : subfolders) {
    LENSFS_TRY(const Attributes attributes, folder_attributes_of(db, sub));
    listing.add(sub.name, folder_cookie(number(sub.id)), node_of(sub.id), attributes);
  }
  LENSFS_CHECK(each_listed_place(db, folder_of(folder), [&](const ListedPlace& listed) {
    listing.add(listed.name, file_cookie(number(listed.place)), node_of(listed.version),
                lensfs::attributes_of(listed));
  }));
  return listing;
}

Result<Attributes> ProjectView::attributes(Database& db, NodeId node) {
  if (node == NodeId::projects) {
    LENSFS_TRY(const std::vector<Project> projects, all_projects(db));
    Nanoseconds newest = 0;
    for (const Project& project : projects) newest = std::max(newest, project.created);
    Attributes attributes = folder_attributes(node, newest);
    attributes.links = 2 + projects.size();
    return attributes;
  }
  auto folder = find_folder(db, folder_of(node));
  if (!folder && folder.error().code() == Errc::not_found) return fail(Errc::stale);
  if (!folder) return fail(folder.error());
  return folder_attributes_of(db, *folder);
}

}  // namespace lensfs
