#include "fs/view_project.h"

#include <algorithm>

#include "catalog/model/past.h"
#include "catalog/model/project.h"

namespace lensfs {
namespace {

// Link counts as a disk has them: two, and one for each folder inside.
Attributes attributes_of(const Folder& folder, std::int64_t subfolders) {
  return {.ino = node_of(folder.id),
          .mode = S_IFDIR | static_cast<mode_t>(folder.mode & 07777),
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
  if (name == kInboxName) return fail(Errc::not_found);
  LENSFS_TRY(const Project project, find_project(db, name));
  LENSFS_TRY(const Folder folder, find_folder(db, project.folder));
  return found_folder(db, folder);
}

// A folder that was removed while somebody is in it.
Result<Attributes> removed_folder(Database& db, NodeId node) {
  const auto folder = find_past_folder(db, folder_of(node));
  if (!folder) return fail(Errc::stale);
  Attributes attributes = attributes_of(*folder, 0);
  attributes.links = 0;
  return attributes;
}

FolderSpot spot_of(NodeId folder) {
  if (folder == NodeId::projects) return std::nullopt;
  return folder_of(folder);
}

}  // namespace

Result<Found> project_folder(Database& db, FolderId folder) {
  LENSFS_TRY(const Folder row, find_folder(db, folder));
  return found_folder(db, row);
}

Result<Found> ProjectView::child(Database& db, NodeId folder, std::string_view name) {
  if (folder == NodeId::projects) return found_project(db, name);
  const FolderId id = folder_of(folder);
  auto placed = find_placed(db, id, name);
  if (placed) return found_file(placed->asset);
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
    if (project.name == kInboxName) continue;
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
    listing.add(listed.name, file_cookie(number(listed.place)), node_of(listed.file.file),
                lensfs::attributes_of(listed.file, context_.drafts));
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
  if (!folder && folder.error().code() == Errc::not_found) return removed_folder(db, node);
  if (!folder) return fail(folder.error());
  return folder_attributes_of(db, *folder);
}

Result<Asset> ProjectView::create(Editing& editing, NodeId folder, const NewFile& file) {
  if (folder == NodeId::projects) return refuse();  // files lie in projects
  LENSFS_TRY(const Folder in, find_folder(editing.txn.db(), folder_of(folder)));
  NewFile inheriting = file;
  inheriting.may_change = context_.access.may_change();
  if ((in.mode & S_ISGID) != 0) inheriting.gid = in.gid;
  return create_file(editing.txn, editing.actor, in.id, inheriting, context_.scratch);
}

Result<Found> ProjectView::make_folder(Editing& editing, NodeId folder, const NewFolder& as) {
  NewFolder inheriting = as;
  if (folder != NodeId::projects) {
    LENSFS_TRY(const Folder in, find_folder(editing.txn.db(), folder_of(folder)));
    if ((in.mode & S_ISGID) != 0) {
      inheriting.gid = in.gid;
      inheriting.mode |= S_ISGID;
    }
  }
  LENSFS_TRY(const FolderId made,
             create_folder(editing.txn, editing.actor, spot_of(folder), inheriting));
  LENSFS_TRY(const Folder row, find_folder(editing.txn.db(), made));
  return found_folder(editing.txn.db(), row);
}

Status ProjectView::link(Editing& editing, NodeId folder, const Asset& asset,
                         const NewPlace& place) {
  if (folder == NodeId::projects) return refuse();
  return link_file(editing.txn, editing.actor, asset, folder_of(folder), place);
}

Result<Asset> ProjectView::remove(Editing& editing, NodeId folder, std::string_view name,
                                  Writing writing) {
  if (folder == NodeId::projects) return fail(Errc::is_directory);
  return remove_file(editing.txn, editing.actor, folder_of(folder), name, writing);
}

Status ProjectView::remove_folder(Editing& editing, NodeId folder, std::string_view name) {
  LENSFS_CHECK(context_.access.allow_removing_folder(editing.txn.db(), *this, folder, name));
  return lensfs::remove_folder(editing.txn, editing.actor, spot_of(folder), name);
}

}  // namespace lensfs
