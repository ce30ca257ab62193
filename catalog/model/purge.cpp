#include "catalog/model/purge.h"

#include <fmt/format.h>

#include "catalog/model/history.h"
#include "catalog/model/label.h"

namespace lensfs {
namespace {

struct FreedObject {
  ObjectKey key;
  static FreedObject from(const Row& row) {
    return {.key = {.id = row.get<ContentId>(0),
                    .size = row.get<std::uint64_t>(1),
                    .serial = row.get<std::uint32_t>(2)}};
  }
};

Status take_labels_off(Transaction& txn, const Actor& actor, const Version& version) {
  LENSFS_TRY(const std::vector<Label> labels, labels_of(txn.db(), version.asset));
  for (const Label& label : labels) {
    if (label.version != version.id) continue;
    LENSFS_TRY(const bool removed, remove_label(txn, actor, version.asset, label.name));
    static_cast<void>(removed);
  }
  return {};
}

// Since when it is an old one; the newest of all is not.
Result<bool> was_replaced_before(Database& db, const Version& version, Nanoseconds moment) {
  LENSFS_TRY(const std::optional<Nanoseconds> end, end_of(db, version));
  return end && *end < moment;
}

Result<bool> may_go(Database& db, const Version& version, const VersionRule& rule) {
  LENSFS_TRY(const Holder holder, holder_of(db, version));
  if (holder == Holder::label) {
    if (rule.labelled == VersionRule::Labelled::stay) return false;
  } else if (holder != Holder::nobody) {
    return false;
  }
  if (!rule.replaced_before) return true;
  return was_replaced_before(db, version, *rule.replaced_before);
}

// The version's own, and those of its frames.
constexpr std::string_view kObjectsOfVersion =
    "SELECT o.hash, o.size, o.serial FROM versions v JOIN objects o ON o.id = v.object_id"
    " WHERE v.id = ?1 UNION SELECT o.hash, o.size, o.serial FROM sequence_frames f"
    " JOIN objects o ON o.id = f.object_id WHERE f.version_id = ?1";

// An object is named by versions and by frames; by those of other assets, it stays.
constexpr std::string_view kObjectsOnlyOf =
    "SELECT o.hash, o.size, o.serial FROM (SELECT v.object_id AS id FROM versions v"
    " WHERE v.asset_id = ?1 UNION SELECT f.object_id FROM versions v"
    " JOIN sequence_frames f ON f.version_id = v.id WHERE v.asset_id = ?1) own"
    " JOIN objects o ON o.id = own.id WHERE NOT EXISTS"
    " (SELECT 1 FROM versions w WHERE w.object_id = own.id AND w.asset_id <> ?1)"
    " AND NOT EXISTS (SELECT 1 FROM sequence_frames f JOIN versions w ON w.id = f.version_id"
    " WHERE f.object_id = own.id AND w.asset_id <> ?1)"
    " /* SCAN: the objects of one asset */";

Result<std::vector<ObjectKey>> objects_in(Database& db, std::string_view sql, std::int64_t of) {
  std::vector<ObjectKey> objects;
  LENSFS_CHECK(db.each<FreedObject>(
      sql, [&](const FreedObject& freed) { objects.push_back(freed.key); }, of));
  return objects;
}

}  // namespace

// A label comes last: whoever lets labelled versions go must still be told of the others.
Result<Holder> holder_of(Database& db, const Version& version) {
  LENSFS_TRY(
      const bool is_current,
      db.one<bool>("SELECT EXISTS (SELECT 1 FROM assets WHERE version_id = ?1)", version.id));
  if (is_current) return Holder::current;
  LENSFS_TRY(const bool is_newest,
             db.one<bool>("SELECT NOT EXISTS (SELECT 1 FROM versions WHERE asset_id = ?1"
                          " AND number > ?2)",
                          version.asset, version.number));
  if (is_newest) return Holder::newest;
  LENSFS_TRY(
      const bool may_be_open,
      db.one<bool>("SELECT EXISTS (SELECT 1 FROM lost_files WHERE version_id = ?1)", version.id));
  if (may_be_open) return Holder::open_file;
  LENSFS_TRY(
      const bool is_labelled,
      db.one<bool>("SELECT EXISTS (SELECT 1 FROM labels WHERE version_id = ?1)", version.id));
  return is_labelled ? Holder::label : Holder::nobody;
}

Result<std::vector<Version>> purgeable_versions(Database& db, AssetId asset,
                                                const VersionRule& rule) {
  LENSFS_TRY(std::vector<Version> versions, versions_of(db, asset));
  const auto kept = static_cast<std::size_t>(std::max<std::int64_t>(1, rule.newest));
  versions.resize(versions.size() - std::min(versions.size(), kept));
  std::vector<Version> going;
  for (Version& version : versions) {
    LENSFS_TRY(const bool goes, may_go(db, version, rule));
    if (goes) going.push_back(std::move(version));
  }
  return going;
}

Result<std::vector<ObjectKey>> purge_version(Transaction& txn, const Actor& actor,
                                             const Version& version,
                                             VersionRule::Labelled labelled) {
  Database& db = txn.db();
  LENSFS_TRY(const Holder holder, holder_of(db, version));
  const bool is_free = holder == Holder::nobody ||
                       (holder == Holder::label && labelled == VersionRule::Labelled::go);
  if (!is_free) return fail(Errc::not_permitted, "the version is in use");
  LENSFS_CHECK(take_labels_off(txn, actor, version));
  LENSFS_TRY(std::vector<ObjectKey> objects, objects_in(db, kObjectsOfVersion, number(version.id)));
  LENSFS_CHECK(
      db.run("INSERT INTO purged_versions (asset_id, number, created_ns) VALUES (?1, ?2, ?3)",
             version.asset, version.number, version.created));
  LENSFS_CHECK(db.run("DELETE FROM versions WHERE id = ?1", version.id));
  LENSFS_CHECK(record_change(txn, actor,
                             {.kind = ChangeKind::version_purged,
                              .asset = version.asset,
                              .name = fmt::format("v{}", version.number),
                              .version = version.id}));
  std::vector<ObjectKey> freed;
  for (const ObjectKey& object : objects) {
    LENSFS_TRY(const bool is_named, is_object_named(db, object));
    if (!is_named) freed.push_back(object);
  }
  return freed;
}

Result<std::vector<ObjectKey>> objects_only_of(Database& db, AssetId asset) {
  return objects_in(db, kObjectsOnlyOf, number(asset));
}

}  // namespace lensfs
