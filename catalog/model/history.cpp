// Folders, places and versions as they were; history_tags.cpp reads the taxonomy.
#include "catalog/model/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace lensfs {
namespace {

// The columns that Folder reads; the times of a folder that is no more are not known.
constexpr std::string_view kFolder =
    "SELECT id, project_id, parent_id, name, uid, gid, mode, mtime_ns, changed_ns FROM folders";
constexpr std::string_view kPastFolder =
    "SELECT folder_id, project_id, parent_id, name, uid, gid, mode, since_ns, since_ns"
    " FROM past_folders";
const std::string kFoldersIn = fmt::format("{} WHERE parent_id IS ?1 AND since_ns <= ?2", kFolder);
const std::string kPastFoldersIn =
    fmt::format("{} WHERE parent_id IS ?1 AND until_ns > ?2 AND since_ns <= ?2", kPastFolder);
const std::string kFolderById = fmt::format("{} WHERE id = ?1 AND since_ns <= ?2", kFolder);
const std::string kPastFolderById =
    fmt::format("{} WHERE folder_id = ?1 AND until_ns > ?2 AND since_ns <= ?2", kPastFolder);
const std::string kFolderByName =
    fmt::format("{} WHERE parent_id IS ?1 AND name = ?2 AND since_ns <= ?3", kFolder);
const std::string kPastFolderByName = fmt::format(
    "{} WHERE parent_id IS ?1 AND until_ns > ?3 AND since_ns <= ?3 AND name = ?2", kPastFolder);

const std::string kVersionAt = fmt::format(
    "SELECT {} FROM versions v WHERE v.asset_id = ?1 AND v.created_ns <= ?2 AND NOT EXISTS"
    " (SELECT 1 FROM purged_versions p WHERE p.asset_id = ?1 AND p.number > v.number"
    " AND p.created_ns <= ?2) ORDER BY v.number DESC LIMIT 1",
    Version::kColumns);
const std::string kVersionByNumber = fmt::format(
    "SELECT {} FROM versions v WHERE v.asset_id = ?1 AND v.number = ?2", Version::kColumns);

// What a folder's times are worth then: no later than the moment.
Folder as_of(Folder folder, Nanoseconds at) {
  folder.mtime = std::min(folder.mtime, at);
  folder.changed = std::min(folder.changed, at);
  return folder;
}

Result<std::vector<Folder>> folders_at(Database& db, std::optional<FolderId> parent,
                                       Nanoseconds at) {
  std::vector<Folder> folders;
  const auto take = [&](Folder folder) { folders.push_back(as_of(std::move(folder), at)); };
  LENSFS_CHECK(db.each<Folder>(kFoldersIn, take, parent, at));
  LENSFS_CHECK(db.each<Folder>(kPastFoldersIn, take, parent, at));
  std::sort(folders.begin(), folders.end(),
            [](const Folder& a, const Folder& b) { return a.id < b.id; });
  return folders;
}

struct AssetSecond {
  AssetId asset{};
  std::int64_t second = 0;
  static AssetSecond from(const Row& row) { return {row.get<AssetId>(0), row.integer(1)}; }
};

struct Seconds {
  std::vector<std::int64_t> all;
  bool add(const AssetSecond& of, const AssetSet* left_out) {
    if (left_out != nullptr && left_out->contains(of.asset)) return false;
    all.push_back(of.second);
    return true;
  }
  [[nodiscard]] std::vector<std::int64_t> newest(std::int64_t limit) {
    std::sort(all.begin(), all.end(), std::greater<>());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    if (all.size() > static_cast<std::size_t>(limit)) all.resize(static_cast<std::size_t>(limit));
    return std::move(all);
  }
};

Result<bool> had_place(Database& db, AssetId asset, std::string_view name, Nanoseconds at) {
  return db.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM places WHERE asset_id = ?1 AND name = ?2 AND since_ns <= ?3)"
      " OR EXISTS (SELECT 1 FROM past_places WHERE asset_id = ?1 AND until_ns > ?3"
      " AND since_ns <= ?3 AND name = ?2)",
      asset, name, at);
}

}  // namespace

PastPlace PastPlace::from(const Row& row) {
  return {.name = row.get<std::string>(0), .asset = row.get<AssetId>(1)};
}

Result<Nanoseconds> last_moment(Database& db) {
  LENSFS_TRY(const auto at,
             db.maybe<Nanoseconds>(
                 "SELECT at_ns FROM changes ORDER BY id DESC LIMIT 1 /* SCAN: one row */"));
  return at.value_or(0);
}

Result<Nanoseconds> library_began(Database& db) {
  return db.one<Nanoseconds>("SELECT created_ns FROM library WHERE id = 1");
}

Result<std::vector<Folder>> project_folders_at(Database& db, Nanoseconds at) {
  return folders_at(db, std::nullopt, at);
}

Result<std::vector<Folder>> subfolders_at(Database& db, FolderId parent, Nanoseconds at) {
  return folders_at(db, parent, at);
}

Result<Folder> folder_at(Database& db, FolderId folder, Nanoseconds at) {
  auto held = db.one<Folder>(kFolderById, folder, at);
  if (is_missing(held)) held = db.one<Folder>(kPastFolderById, folder, at);
  if (!held) return held;
  return as_of(*std::move(held), at);
}

Result<Folder> find_folder_at(Database& db, std::optional<FolderId> parent, std::string_view name,
                              Nanoseconds at) {
  auto held = db.one<Folder>(kFolderByName, parent, name, at);
  if (is_missing(held)) held = db.one<Folder>(kPastFolderByName, parent, name, at);
  if (!held) return held;
  return as_of(*std::move(held), at);
}

Result<std::vector<PastPlace>> places_at(Database& db, FolderId folder, Nanoseconds at) {
  std::vector<PastPlace> places;
  const auto take = [&](PastPlace place) { places.push_back(std::move(place)); };
  LENSFS_CHECK(db.each<PastPlace>(
      "SELECT name, asset_id FROM places WHERE folder_id = ?1 AND since_ns <= ?2", take, folder,
      at));
  LENSFS_CHECK(
      db.each<PastPlace>("SELECT name, asset_id FROM past_places WHERE folder_id = ?1"
                         " AND until_ns > ?2 AND since_ns <= ?2",
                         take, folder, at));
  return places;
}

Result<PastPlace> find_place_at(Database& db, FolderId folder, std::string_view name,
                                Nanoseconds at) {
  auto now = db.one<PastPlace>(
      "SELECT name, asset_id FROM places WHERE folder_id = ?1 AND name = ?2 AND since_ns <= ?3",
      folder, name, at);
  if (!is_missing(now)) return now;
  return db.one<PastPlace>(
      "SELECT name, asset_id FROM past_places WHERE folder_id = ?1 AND name = ?2"
      " AND until_ns > ?3 AND since_ns <= ?3",
      folder, name, at);
}

Result<AssetId> last_asset_at(Database& db, FolderId folder, std::string_view name) {
  auto now = db.one<AssetId>("SELECT asset_id FROM places WHERE folder_id = ?1 AND name = ?2",
                             folder, name);
  if (!is_missing(now)) return now;
  return db.one<AssetId>(
      "SELECT p.asset_id FROM past_places p JOIN assets a ON a.id = p.asset_id"
      " WHERE p.folder_id = ?1 AND p.name = ?2 ORDER BY p.until_ns DESC LIMIT 1",
      folder, name);
}

Result<bool> was_deleted_at(Database& db, AssetId asset, Nanoseconds at) {
  return db.one<bool>(
      "SELECT NOT EXISTS (SELECT 1 FROM places WHERE asset_id = ?1 AND since_ns <= ?2)"
      " AND NOT EXISTS (SELECT 1 FROM past_places WHERE asset_id = ?1 AND until_ns > ?2"
      " AND since_ns <= ?2)"
      " AND EXISTS (SELECT 1 FROM past_places WHERE asset_id = ?1 AND until_ns <= ?2)",
      asset, at);
}

Result<std::string> flat_name_at(Database& db, const Asset& asset, Nanoseconds at) {
  LENSFS_TRY(const bool same, had_place(db, asset.id, asset.name, at));
  if (same) return asset.name;
  LENSFS_TRY(const auto name,
             db.maybe<std::string>(
                 "SELECT name, since_ns FROM places WHERE asset_id = ?1 AND since_ns <= ?2"
                 " UNION ALL SELECT name, since_ns FROM past_places WHERE asset_id = ?1"
                 " AND until_ns > ?2 AND since_ns <= ?2 ORDER BY since_ns, name LIMIT 1",
                 asset.id, at));
  return name.value_or(asset.name);
}

Result<Version> version_at(Database& db, AssetId asset, Nanoseconds at) {
  return db.one<Version>(kVersionAt, asset, at);
}

Result<Version> find_version(Database& db, AssetId asset, std::int64_t number) {
  return db.one<Version>(kVersionByNumber, asset, number);
}

Result<std::optional<Nanoseconds>> end_of(Database& db, const Version& version) {
  LENSFS_TRY(auto next,
             db.maybe<Nanoseconds>("SELECT created_ns, number FROM versions WHERE asset_id = ?1"
                                   " AND number > ?2 UNION ALL SELECT created_ns, number"
                                   " FROM purged_versions WHERE asset_id = ?1 AND number > ?2"
                                   " ORDER BY number LIMIT 1",
                                   version.asset, version.number));
  if (next) *next = std::max(*next - 1, version.created);
  return next;
}

Result<std::vector<std::int64_t>> moments_of(Database& db, FolderId folder, std::int64_t limit,
                                             const AssetSet* left_out) {
  Seconds seconds;
  const auto take = [&](const AssetSecond& of) { seconds.add(of, left_out); };
  LENSFS_CHECK(
      db.each<AssetSecond>("SELECT p.asset_id, v.created_ns / 1000000000 FROM places p"
                           " JOIN versions v ON v.asset_id = p.asset_id"
                           " WHERE p.folder_id = ?1 AND v.created_ns >= p.since_ns",
                           take, folder));
  LENSFS_CHECK(db.each<AssetSecond>(
      "SELECT p.asset_id, v.created_ns / 1000000000 FROM past_places p"
      " JOIN versions v ON v.asset_id = p.asset_id"
      " WHERE p.folder_id = ?1 AND v.created_ns >= p.since_ns AND v.created_ns < p.until_ns",
      take, folder));
  return seconds.newest(limit);
}

Result<std::vector<std::int64_t>> moments_of(Database& db, const AssetSet& assets,
                                             std::int64_t limit) {
  constexpr std::size_t kMostAssets = 20'000;
  Seconds seconds;
  std::size_t seen = 0;
  Status status;
  assets.each([&](AssetId asset) {
    status = db.each<std::int64_t>(
        "SELECT created_ns / 1000000000 FROM versions WHERE asset_id = ?1",
        [&](std::int64_t second) { seconds.all.push_back(second); }, asset);
    return status.has_value() && ++seen < kMostAssets;
  });
  if (!status) return fail(status.error());
  return seconds.newest(limit);
}

Result<std::vector<std::int64_t>> moments_of_all(Database& db, std::int64_t limit,
                                                 const AssetSet* left_out) {
  Seconds seconds;
  std::int64_t left = limit;
  LENSFS_CHECK(
      db.each<AssetSecond>("SELECT asset_id, created_ns / 1000000000 FROM versions ORDER BY id DESC"
                           " /* SCAN: the newest */",
                           [&](const AssetSecond& of) {
                             if (seconds.add(of, left_out)) --left;
                             return left > 0;
                           }));
  return seconds.newest(limit);
}

}  // namespace lensfs
