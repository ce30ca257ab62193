#include "catalog/model/usage.h"

#include <fmt/format.h>

namespace lensfs {

std::string_view name_of(UseAct act) {
  switch (act) {
    case UseAct::read:
      return "read";
    case UseAct::write:
      return "write";
    case UseAct::make:
      return "make";
    case UseAct::copy:
      return "copy";
  }
  return "use";  // of a later release
}

std::string_view name_of(Door door) {
  switch (door) {
    case Door::mount:
      return "mount";
    case Door::samba:
      return "samba";
    case Door::nfs:
      return "nfs";
    case Door::command:
      return "command";
  }
  return "other";  // of a later release
}

Door door_of(std::string_view program) {
  if (program == "smbd") return Door::samba;
  return program == "nfsd" ? Door::nfs : Door::mount;
}

Use Use::from(const Row& row) {
  return {.id = row.get<UseId>(0),
          .asset = row.get<AssetId>(1),
          .at = row.integer(2),
          .last = row.integer(3),
          .times = row.integer(4),
          .act = row.get<UseAct>(5),
          .door = row.get<Door>(6),
          .uid = row.integer(7),
          .program = row.get<std::string>(8),
          .lens = row.get<std::string>(9),
          .version = row.integer(10),
          .open_for = row.get<std::optional<std::int64_t>>(11),
          .bytes = row.get<std::optional<std::int64_t>>(12)};
}

Result<UseId> add_use(Transaction& txn, const Use& use) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO uses (asset_id, at_ns, last_ns, times, act, door, uid, program, lens, version,"
      " open_ns, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      use.asset, use.at, use.last, use.times, use.act, use.door, use.uid, use.program, use.lens,
      use.version, use.open_for, use.bytes));
  return static_cast<UseId>(txn.db().last_insert_id());
}

Status update_use(Transaction& txn, const Use& use) {
  LENSFS_CHECK(
      txn.db().run("UPDATE uses SET last_ns = ?2, times = ?3, open_ns = ?4, bytes = ?5"
                   " WHERE id = ?1",
                   use.id, use.last, use.times, use.open_for, use.bytes));
  return {};
}

Status note_used(Transaction& txn, AssetId asset, Nanoseconds last, std::int64_t times) {
  LENSFS_CHECK(
      txn.db().run("INSERT INTO asset_usage (asset_id, last_ns, times)"
                   " SELECT id, ?2, ?3 FROM assets WHERE id = ?1"
                   " ON CONFLICT (asset_id) DO UPDATE SET last_ns = max(last_ns, excluded.last_ns),"
                   " times = times + excluded.times",
                   asset, last, times));
  return {};
}

AssetUsage AssetUsage::from(const Row& row) {
  return {.last = row.integer(0), .times = row.integer(1)};
}

Result<std::optional<AssetUsage>> usage_of(Database& db, AssetId asset) {
  return db.maybe<AssetUsage>("SELECT last_ns, times FROM asset_usage WHERE asset_id = ?1", asset);
}

Status each_use_backward(Database& db, Nanoseconds since, Nanoseconds until,
                         const VisitUse& visit) {
  static const std::string kBackward = fmt::format(
      "SELECT {} FROM uses WHERE at_ns >= ?1 AND at_ns < ?2 ORDER BY at_ns DESC, id DESC",
      Use::kColumns);
  return db.each<Use>(kBackward, visit, since, until);
}

Status each_use_of(Database& db, AssetId asset, const VisitUse& visit) {
  static const std::string kOfAsset = fmt::format(
      "SELECT {} FROM uses WHERE asset_id = ?1 ORDER BY at_ns DESC, id DESC", Use::kColumns);
  return db.each<Use>(kOfAsset, visit, asset);
}

Result<std::int64_t> forget_uses(Transaction& txn, Nanoseconds before, std::int64_t most) {
  return txn.db().run(
      "DELETE FROM uses WHERE id IN"
      " (SELECT id FROM uses WHERE at_ns < ?1 AND last_ns < ?1 LIMIT ?2)",
      before, most);
}

Result<std::int64_t> count_uses(Database& db, Nanoseconds before) {
  return db.one<std::int64_t>("SELECT count(*) FROM uses WHERE at_ns < ?1 AND last_ns < ?1",
                              before);
}

}  // namespace lensfs
