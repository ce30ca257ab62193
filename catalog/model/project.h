// Projects, their folders, and the places of assets in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset.h"

namespace lensfs {

// The project that is shown as /Inbox, beside /Projects and not in it.
inline constexpr std::string_view kInboxName = "Inbox";

struct Project {
  ProjectId id{};
  std::string name;
  FolderId folder{};  // its own folder
  Nanoseconds created = 0;

  static Project from(const Row& row);
};

struct Folder {
  FolderId id{};
  ProjectId project{};
  std::optional<FolderId> parent;  // nothing: the project's own folder
  std::string name;
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t mode = 0;
  Nanoseconds mtime = 0;
  Nanoseconds changed = 0;

  static Folder from(const Row& row);
};

struct Place {
  PlaceId id{};
  FolderId folder{};
  std::string name;
  AssetId asset{};

  static Place from(const Row& row);
};

[[nodiscard]] Result<std::vector<Project>> all_projects(Database& db);
[[nodiscard]] Result<Project> find_project(Database& db, std::string_view name);
[[nodiscard]] Result<Folder> find_folder(Database& db, FolderId id);
[[nodiscard]] Result<Folder> find_subfolder(Database& db, FolderId parent, std::string_view name);
[[nodiscard]] Result<std::vector<Folder>> subfolders_of(Database& db, FolderId parent);  // by id
[[nodiscard]] Result<std::int64_t> count_subfolders(Database& db, FolderId parent);
[[nodiscard]] Result<Place> find_place(Database& db, FolderId folder, std::string_view name);
[[nodiscard]] Result<std::vector<Place>> places_of(Database& db, AssetId asset);
// Names of the projects in which an asset has places.
[[nodiscard]] Result<std::vector<std::string>> projects_of(Database& db, AssetId asset);
// The names of places in a folder whose renditions are called `stem` and an extension
// (rendered_stem), oldest first.
[[nodiscard]] Result<std::vector<std::string>> names_with_stem(Database& db, FolderId folder,
                                                               std::string_view stem);

// A place with all that a listing shows of its asset.
struct PlacedAsset {
  PlaceId place{};
  std::string name;  // of the place
  Asset asset;
  static PlacedAsset from(const Row& row);
};
// What listing a folder needs of a place, and no more: half the time of the above.
struct ListedPlace {
  PlaceId place{};
  std::string_view name;  // valid during the visit
  ListedFile file;
  static ListedPlace from(const Row& row);
};
[[nodiscard]] Status each_listed_place(Database& db, FolderId folder,
                                       const std::function<void(const ListedPlace&)>& visit);
[[nodiscard]] Status each_place(Database& db, FolderId folder,
                                const std::function<void(PlacedAsset)>& visit);  // by place id
[[nodiscard]] Result<PlacedAsset> find_placed(Database& db, FolderId folder, std::string_view name);
// "project/folder/…" of a folder, without a leading slash.
[[nodiscard]] Result<std::string> path_of(Database& db, FolderId folder);

struct NewFolder {
  std::string name;                       // legal spelling
  std::optional<std::string> raw_name{};  // where the spelling was shortened
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t mode = 0755;
  std::optional<Nanoseconds> mtime{};  // nothing: now
};
[[nodiscard]] Result<Project> add_project(Transaction& txn, const Actor& actor,
                                          const NewFolder& as);
// exists if a folder or a place has the name.
[[nodiscard]] Result<FolderId> add_folder(Transaction& txn, const Actor& actor, FolderId parent,
                                          const NewFolder& folder);
struct NewPlace {
  std::string name;
  std::optional<std::string> raw_name{};
};
// exists if a folder or a place has the name.
[[nodiscard]] Result<PlaceId> add_place(Transaction& txn, const Actor& actor, FolderId folder,
                                        AssetId asset, const NewPlace& place);

}  // namespace lensfs
