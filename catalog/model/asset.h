// Assets and their versions.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/content_id.h"
#include "catalog/db/transaction.h"
#include "catalog/model/feed.h"
#include "catalog/model/ids.h"

namespace lensfs {

// Numbers are stored: never renumber.
enum class AssetState : int {
  live = 0,  // what people see everywhere
  aside =
      1,  // a scratch file, a link or the like: seen in its project folder only, never versioned
  trashed = 2,  // its last place was deleted: seen in /Trash only
};

struct Asset {
  AssetId id{};
  std::string name;      // legal spelling
  std::string name_key;  // fold_name(name)
  std::string kind;
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t mode = 0;  // permission bits
  std::int64_t places = 0;
  Nanoseconds created = 0;
  Nanoseconds changed = 0;
  VersionId version{};  // the current one; 0 when nothing was ever saved
  std::int64_t size = 0;
  Nanoseconds mtime = 0;
  FileId file{};
  std::optional<DraftId> draft{};  // the bytes lie there, not in the version
  AssetState state = AssetState::live;
  // S_IFLNK, S_IFIFO …; S_IFDIR for a sequence, 0 for a regular file
  std::int64_t type = 0;
  std::optional<Nanoseconds> atime{};
  std::optional<std::int64_t> blocks{};  // of 512 bytes, where they are fewer than the size needs

  static constexpr std::string_view kColumns =
      "a.id, a.name, a.name_key, a.kind, a.uid, a.gid, a.mode, a.places, a.created_ns,"
      " a.changed_ns, a.version_id, a.size, a.mtime_ns, ifnull(a.file_id, a.id), a.draft_id,"
      " a.state, a.type, a.atime_ns, a.blocks";
  static constexpr int kColumnCount = 19;
  static Asset from(const Row& row);  // kColumns from column 0
};

[[nodiscard]] Result<Asset> find_asset(Database& db, AssetId id);
// The asset whose names lead to this file now. not_found for files that lost theirs.
[[nodiscard]] Result<Asset> find_asset(Database& db, FileId file);
// Assets whose name clashes with `name_key`, oldest first.
[[nodiscard]] Result<std::vector<Asset>> assets_by_name_key(Database& db,
                                                            std::string_view name_key);
// The next assets by number, in any state.
[[nodiscard]] Result<std::vector<AssetId>> assets_after(Database& db, AssetId after,
                                                        std::int64_t most);
// Whether more than one asset may have a name of this stem, whatever the extension.
[[nodiscard]] Result<bool> may_share_stem(Database& db, std::string_view name);

// What listing a folder needs of an asset, and no more; all as in Asset.
struct ListedFile {
  std::int64_t mode = 0;
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t places = 0;
  std::int64_t size = 0;
  Nanoseconds mtime = 0;
  Nanoseconds changed = 0;
  FileId file{};
  std::optional<DraftId> draft{};
  std::int64_t type = 0;
  std::optional<Nanoseconds> atime{};
  std::optional<std::int64_t> blocks{};

  static constexpr std::string_view kColumns =
      "a.mode, a.uid, a.gid, a.places, a.size, a.mtime_ns, a.changed_ns,"
      " ifnull(a.file_id, a.id), a.draft_id, a.type, a.atime_ns, a.blocks";
  static ListedFile from(const Row& row, int first);  // kColumns from column `first`
};
struct ListedAsset {
  AssetId id{};
  std::string_view name;      // valid during the visit
  std::string_view name_key;  // the same
  ListedFile file;
  static ListedAsset from(const Row& row);
};
// Of those that there are, in the order of `ids`.
[[nodiscard]] Status each_listed_asset(Database& db, std::span<const AssetId> ids,
                                       const std::function<void(const ListedAsset&)>& visit);

struct Version {
  VersionId id{};
  AssetId asset{};
  std::int64_t number = 0;
  ObjectId object{};
  std::int64_t size = 0;
  Nanoseconds mtime = 0;
  Nanoseconds created = 0;
  std::string author;
  std::string reason;

  static constexpr std::string_view kColumns =
      "v.id, v.asset_id, v.number, v.object_id, v.size, v.mtime_ns, v.created_ns, v.author, "
      "v.reason";
  static Version from(const Row& row, int first = 0);  // kColumns from column `first`
};

[[nodiscard]] Result<Version> find_version(Database& db, VersionId id);
[[nodiscard]] Result<std::vector<Version>> versions_of(Database& db,
                                                       AssetId asset);  // oldest first
// The object that holds a version's bytes.
[[nodiscard]] Result<ObjectKey> object_of(Database& db, VersionId version);

// --- objects
[[nodiscard]] Result<bool> any_object_of_size(Database& db, std::uint64_t size);
// Whether a version has these bytes, or a frame of one, or an object that a version has was made
// into them.
[[nodiscard]] Result<bool> is_object_named(Database& db, const ObjectKey& key);
[[nodiscard]] Result<ObjectKey> find_object(Database& db, ObjectId id);
// The row of an object, made if it is new.
[[nodiscard]] Result<ObjectId> object_row(Transaction& txn, const ObjectKey& key);
struct ObjectUse {  // who is hurt when an object is damaged
  AssetId asset{};
  std::int64_t version = 0;
  std::string path;  // "project/folder/name" of one place, or the asset's name
};
[[nodiscard]] Result<std::vector<ObjectUse>> uses_of_object(Database& db, const ObjectKey& key);
[[nodiscard]] Status each_object_row(Database& db, const std::function<Status(ObjectKey)>& visit);
// Removes the row of an object that nothing names, and what was made of it; does nothing otherwise.
[[nodiscard]] Status forget_object(Transaction& txn, const ObjectKey& key);

// --- writing
struct NewVersion {
  ObjectKey object;
  Nanoseconds mtime = 0;
  std::string reason{};  // "ingest"
};
// The next version of an asset, from elsewhere than a save in place: it becomes the current one,
// and the asset's names lead to another file. Unchanged bytes make none: the current version's id
// comes back and nothing is logged.
[[nodiscard]] Result<VersionId> add_version(Transaction& txn, const Actor& actor, AssetId asset,
                                            const NewVersion& version);
// The same with the bytes and times of an old one; no bytes are copied.
[[nodiscard]] Result<VersionId> restore_version(Transaction& txn, const Actor& actor,
                                                const Version& version);
struct NewAsset {
  std::string name;  // legal spelling
  std::string kind;
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t mode = 0;
  NewVersion first;
  std::int64_t type = 0;  // as of Asset
};
[[nodiscard]] Result<AssetId> add_asset(Transaction& txn, const Actor& actor,
                                        const NewAsset& asset);
// Sets an asset's ctime to the transaction's moment.
[[nodiscard]] Status touch_asset(Transaction& txn, AssetId asset);

}  // namespace lensfs
