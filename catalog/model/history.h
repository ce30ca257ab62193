// The library as it was at a moment: which projects, folders, places, terms and links there were,
// and which version each asset had. Rows of today hold from since_ns on (0: since the library
// began), rows of the past_ tables from since_ns until before until_ns; past.h writes them.
//
// "At a moment" includes what was committed in it. What was purged is in no past: an asset that
// went with all its versions leaves no name, and while a version held that was purged since, its
// asset is missing. An older version in its stead would claim bytes that were not there then.
// Sizes, modes and owners of folders are those of the row that held; assets have their mode and
// owner of today.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset_set.h"
#include "catalog/model/project.h"
#include "catalog/model/tag.h"

namespace lensfs {

// The last moment that is over: nothing at or before it will ever be different. 0 in a new library.
[[nodiscard]] Result<Nanoseconds> last_moment(Database& db);

// When it was made: there is nothing to see before.
[[nodiscard]] Result<Nanoseconds> library_began(Database& db);

// --- folders; all lists by id
[[nodiscard]] Result<std::vector<Folder>> project_folders_at(Database& db, Nanoseconds at);
[[nodiscard]] Result<std::vector<Folder>> subfolders_at(Database& db, FolderId parent,
                                                        Nanoseconds at);
[[nodiscard]] Result<Folder> folder_at(Database& db, FolderId folder, Nanoseconds at);
// `parent` is nothing for projects.
[[nodiscard]] Result<Folder> find_folder_at(Database& db, std::optional<FolderId> parent,
                                            std::string_view name, Nanoseconds at);

// --- places
struct PastPlace {
  std::string name;
  AssetId asset{};
  static PastPlace from(const Row& row);
};
[[nodiscard]] Result<std::vector<PastPlace>> places_at(Database& db, FolderId folder,
                                                       Nanoseconds at);
[[nodiscard]] Result<PastPlace> find_place_at(Database& db, FolderId folder, std::string_view name,
                                              Nanoseconds at);
// The asset that has this name, or had it last.
[[nodiscard]] Result<AssetId> last_asset_at(Database& db, FolderId folder, std::string_view name);
// Whether it was out of sight: its last place had been deleted. Assets without a place may be in
// sight, by their terms.
[[nodiscard]] Result<bool> was_deleted_at(Database& db, AssetId asset, Nanoseconds at);
// The name an asset had in flattened folders: that of today if a place of then gave it, else that
// of its first place then.
[[nodiscard]] Result<std::string> flat_name_at(Database& db, const Asset& asset, Nanoseconds at);

// --- versions. not_found: there was none yet, or the one of then was purged.
[[nodiscard]] Result<Version> version_at(Database& db, AssetId asset, Nanoseconds at);
[[nodiscard]] Result<Version> find_version(Database& db, AssetId asset, std::int64_t number);
// The last moment at which the version was the newest; nothing for the newest of all.
[[nodiscard]] Result<std::optional<Nanoseconds>> end_of(Database& db, const Version& version);
// The seconds (since 1970 UTC) in which files got versions while they lay in the folder, newest
// first, at most `limit`.
[[nodiscard]] Result<std::vector<std::int64_t>> moments_of(Database& db, FolderId folder,
                                                           std::int64_t limit,
                                                           const AssetSet* left_out = nullptr);
// The same for the versions of some assets, wherever they lay; of 20,000 at most.
[[nodiscard]] Result<std::vector<std::int64_t>> moments_of(Database& db, const AssetSet& assets,
                                                           std::int64_t limit);
// The same for the newest versions of the library as a whole.
[[nodiscard]] Result<std::vector<std::int64_t>> moments_of_all(Database& db, std::int64_t limit,
                                                               const AssetSet* left_out = nullptr);

// --- terms
[[nodiscard]] Result<std::vector<Tag>> subterms_at(Database& db, std::optional<TagId> parent,
                                                   Nanoseconds at);
[[nodiscard]] Result<Tag> tag_at(Database& db, TagId tag, Nanoseconds at);
[[nodiscard]] Result<Tag> find_subterm_at(Database& db, std::optional<TagId> parent,
                                          std::string_view name, Nanoseconds at);
[[nodiscard]] Result<std::vector<Tag>> tags_at(Database& db, AssetId asset,
                                               Nanoseconds at);  // by path
// The assets that carried the term or one below it.
[[nodiscard]] Result<AssetSet> members_at(Database& db, TagId tag, Nanoseconds at);

}  // namespace lensfs
