#include "catalog/model/xattr.h"

#include "catalog/base/text.h"

namespace lensfs {
namespace {

// Who shows the attribute: its owner's ctime moves where the owner has one.
Status touch_owner(Transaction& txn, Owner owner) {
  switch (owner.kind) {
    case OwnerKind::asset:
      return touch_asset(txn, static_cast<AssetId>(owner.id));
    case OwnerKind::folder:
      LENSFS_CHECK(
          txn.db().run("UPDATE folders SET changed_ns = ?2 WHERE id = ?1", owner.id, txn.now()));
      return {};
    case OwnerKind::tag:
    case OwnerKind::fixed:
      return {};
  }
  return {};
}

Status record_xattr(Transaction& txn, const Actor& actor, Owner owner, std::string_view name) {
  Change change{.kind = ChangeKind::xattr_changed, .name = std::string(name)};
  if (owner.kind == OwnerKind::asset) change.asset = static_cast<AssetId>(owner.id);
  if (owner.kind == OwnerKind::folder) change.folder = static_cast<FolderId>(owner.id);
  if (owner.kind == OwnerKind::tag) change.tag = static_cast<TagId>(owner.id);
  LENSFS_CHECK(touch_owner(txn, owner));
  return record_change(txn, actor, change);
}

}  // namespace

Result<std::string> find_xattr(Database& db, Owner owner, std::string_view name) {
  LENSFS_TRY(std::optional<std::string> value,
             db.maybe<std::string>(
                 "SELECT value FROM xattrs WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3",
                 owner.kind, owner.id, name));
  if (!value) return fail(Errc::no_attribute);
  return *std::move(value);
}

Result<std::vector<std::string>> xattr_names(Database& db, Owner owner) {
  std::vector<std::string> names;
  LENSFS_CHECK(db.each<std::string>(
      "SELECT name FROM xattrs WHERE owner_kind = ?1 AND owner_id = ?2 ORDER BY name",
      [&](std::string name) { names.push_back(std::move(name)); }, owner.kind, owner.id));
  return names;
}

Status set_xattr(Transaction& txn, const Actor& actor, Owner owner, std::string_view name,
                 std::string_view value) {
  if (name.empty()) return fail(Errc::invalid, "the name of an attribute is empty");
  if (name.size() > kNameLimit)
    return fail(Errc::name_too_long, "an attribute name over 255 bytes");
  if (value.size() > kXattrValueLimit) return fail(Errc::too_big, "an attribute over 65536 bytes");
  LENSFS_CHECK(
      txn.db().run("INSERT INTO xattrs (owner_kind, owner_id, name, value) VALUES (?1, ?2, ?3, ?4)"
                   " ON CONFLICT (owner_kind, owner_id, name) DO UPDATE SET value = excluded.value",
                   owner.kind, owner.id, name, Blob{value}));
  return record_xattr(txn, actor, owner, name);
}

Status remove_xattr(Transaction& txn, const Actor& actor, Owner owner, std::string_view name) {
  LENSFS_TRY(
      const std::int64_t rows,
      txn.db().run("DELETE FROM xattrs WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3",
                   owner.kind, owner.id, name));
  if (rows == 0) return fail(Errc::no_attribute);
  return record_xattr(txn, actor, owner, name);
}

}  // namespace lensfs
