#include "catalog/model/asset.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "catalog/base/text.h"
#include "catalog/model/frame_name.h"
#include "catalog/model/names.h"
#include "catalog/model/version_insert.h"

namespace lensfs {
namespace {

const std::string kFindAsset =
    fmt::format("SELECT {} FROM assets a WHERE a.id = ?1", Asset::kColumns);
// Most files have the number of their asset.
const std::string kFindAssetOfOwnFile =
    fmt::format("SELECT {} FROM assets a WHERE a.id = ?1 AND a.file_id IS NULL", Asset::kColumns);
const std::string kFindAssetByFile =
    fmt::format("SELECT {} FROM assets a WHERE a.file_id = ?1", Asset::kColumns);
const std::string kAssetsByNameKey =
    fmt::format("SELECT {} FROM assets a WHERE a.name_key = ?1 ORDER BY a.id", Asset::kColumns);

// One statement for many: a point query costs as much again as the row it finds.
const std::string kEachListedAsset = fmt::format(
    "SELECT a.id, a.name, a.name_key, {} FROM json_each(?1) ids CROSS JOIN assets a"
    " ON a.id = ids.value /* SCAN: of the ids given */",
    ListedFile::kColumns);
constexpr std::size_t kIdsAtOnce = 1000;

// Sets of assets are bitmaps of 32 bits.
constexpr std::int64_t kLastAssetId = std::numeric_limits<std::uint32_t>::max();

}  // namespace

Asset Asset::from(const Row& row) {
  return {.id = row.get<AssetId>(0),
          .name = row.get<std::string>(1),
          .name_key = row.get<std::string>(2),
          .kind = row.get<std::string>(3),
          .uid = row.get<std::int64_t>(4),
          .gid = row.get<std::int64_t>(5),
          .mode = row.get<std::int64_t>(6),
          .places = row.get<std::int64_t>(7),
          .created = row.get<Nanoseconds>(8),
          .changed = row.get<Nanoseconds>(9),
          .version = row.get<VersionId>(10),
          .size = row.get<std::int64_t>(11),
          .mtime = row.get<Nanoseconds>(12),
          .file = row.get<FileId>(13),
          .draft = row.get<std::optional<DraftId>>(14),
          .state = row.get<AssetState>(15),
          .type = row.integer(16),
          .atime = row.get<std::optional<Nanoseconds>>(17),
          .blocks = row.get<std::optional<std::int64_t>>(18)};
}

ListedFile ListedFile::from(const Row& row, int first) {
  return {.mode = row.integer(first),
          .uid = row.integer(first + 1),
          .gid = row.integer(first + 2),
          .places = row.integer(first + 3),
          .size = row.integer(first + 4),
          .mtime = row.integer(first + 5),
          .changed = row.integer(first + 6),
          .file = row.get<FileId>(first + 7),
          .draft = row.get<std::optional<DraftId>>(first + 8),
          .type = row.integer(first + 9),
          .atime = row.get<std::optional<Nanoseconds>>(first + 10),
          .blocks = row.get<std::optional<std::int64_t>>(first + 11)};
}

ListedAsset ListedAsset::from(const Row& row) {
  return {.id = row.get<AssetId>(0),
          .name = row.text(1),
          .name_key = row.text(2),
          .file = ListedFile::from(row, 3)};
}

Status each_listed_asset(Database& db, std::span<const AssetId> ids,
                         const std::function<void(const ListedAsset&)>& visit) {
  while (!ids.empty()) {
    const auto some = ids.first(std::min(ids.size(), kIdsAtOnce));
    ids = ids.subspan(some.size());
    std::string list;
    for (const AssetId id : some) fmt::format_to(std::back_inserter(list), ",{}", number(id));
    list.front() = '[';
    list += ']';
    LENSFS_CHECK(db.each<ListedAsset>(
        kEachListedAsset, [&](const ListedAsset& listed) { visit(listed); }, list));
  }
  return {};
}

Result<Asset> find_asset(Database& db, AssetId id) {
  return db.one<Asset>(kFindAsset, id);
}

Result<Asset> find_asset(Database& db, FileId file) {
  auto own = db.one<Asset>(kFindAssetOfOwnFile, file);
  if (own || own.error().code() != Errc::not_found) return own;
  return db.one<Asset>(kFindAssetByFile, file);
}

Result<std::vector<AssetId>> assets_after(Database& db, AssetId after, std::int64_t most) {
  std::vector<AssetId> assets;
  LENSFS_CHECK(db.each<AssetId>(
      "SELECT id FROM assets WHERE id > ?1 ORDER BY id LIMIT ?2",
      [&](AssetId asset) { assets.push_back(asset); }, after, most));
  return assets;
}

// "/" comes after "." and is in no name.
Result<bool> may_share_stem(Database& db, std::string_view name) {
  if (sequence_name(name)) return true;  // its renditions have a stem of their own
  const std::string stem = fold_name(split_name(name).stem);
  LENSFS_TRY(const auto count,
             db.one<std::int64_t>("SELECT count(*) FROM (SELECT 1 FROM assets"
                                  " WHERE name_key >= ?1 AND name_key < ?2 LIMIT 2)",
                                  stem + ".", stem + "/"));
  return count > 1;
}

Result<std::vector<Asset>> assets_by_name_key(Database& db, std::string_view name_key) {
  std::vector<Asset> assets;
  LENSFS_CHECK(db.each<Asset>(
      kAssetsByNameKey, [&](Asset asset) { assets.push_back(std::move(asset)); }, name_key));
  return assets;
}

Result<AssetId> add_asset(Transaction& txn, const Actor& actor, const NewAsset& asset) {
  LENSFS_CHECK(check_name(asset.name));
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO assets (name, name_key, kind, uid, gid, mode, created_ns, changed_ns, type)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)",
      asset.name, fold_name(asset.name), asset.kind, asset.uid, asset.gid, asset.mode, txn.now(),
      asset.type));
  const std::int64_t id = txn.db().last_insert_id();
  if (id > kLastAssetId)
    return fail(Errc::no_space, "a library holds at most 4,294,967,295 assets");
  LENSFS_TRY(const ObjectId object, object_row(txn, asset.first.object));
  LENSFS_CHECK(insert_version(
      txn, actor, {.asset = static_cast<AssetId>(id), .number = 1, .object = object}, asset.first));
  LENSFS_CHECK(record_change(
      txn, actor,
      {.kind = ChangeKind::asset_added, .asset = static_cast<AssetId>(id), .name = asset.name}));
  return static_cast<AssetId>(id);
}

Status touch_asset(Transaction& txn, AssetId asset) {
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("UPDATE assets SET changed_ns = ?2 WHERE id = ?1", asset, txn.now()));
  if (rows == 0) return fail(Errc::not_found, "no such asset");
  return {};
}

}  // namespace lensfs
