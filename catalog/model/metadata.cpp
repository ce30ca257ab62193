#include "catalog/model/metadata.h"

#include <algorithm>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr std::size_t kKeyLimit = 200;           // bytes
constexpr std::size_t kFieldValueLimit = 65536;  // bytes

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

Status check_field_value(std::string_view value) {
  if (value.size() > kFieldValueLimit) return fail(Errc::too_big, "a field has over 65536 bytes");
  if (value.find('\0') != std::string_view::npos) {
    return fail(Errc::invalid, "a field holds a zero byte");
  }
  if (!is_utf8(value)) return fail(Errc::invalid, "a field is not UTF-8");
  return {};
}

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

Status record_field(Transaction& txn, const Actor& actor, const Asset& asset,
                    std::string_view key) {
  LENSFS_CHECK(touch_asset(txn, asset.id));
  return record_change(
      txn, actor, {.kind = ChangeKind::field_changed, .asset = asset.id, .name = std::string(key)});
}

}  // namespace

Field Field::from(const Row& row) {
  return {.key = row.get<std::string>(0),
          .value = row.get<std::string>(1),
          .source = row.get<std::string>(2)};
}

Status check_field_key(std::string_view key) {
  if (key.empty() || key.size() > kKeyLimit) {
    return fail(Errc::invalid, "the key of a field has 1 to 200 bytes");
  }
  if (key.front() == '.' || !std::all_of(key.begin(), key.end(), is_key_character)) {
    return fail(Errc::invalid, "the key of a field is made of letters, digits, _ - and .");
  }
  return {};
}

Result<std::vector<Field>> fields_of(Database& db, AssetId asset) {
  std::vector<Field> fields;
  LENSFS_CHECK(db.each<Field>(
      "SELECT key, value, source FROM fields WHERE asset_id = ?1 ORDER BY key",
      [&](Field field) { fields.push_back(std::move(field)); }, asset));
  return fields;
}

Result<Field> find_field(Database& db, AssetId asset, std::string_view key) {
  return db.one<Field>("SELECT key, value, source FROM fields WHERE asset_id = ?1 AND key = ?2",
                       asset, key);
}

Status set_field(Transaction& txn, const Actor& actor, const Asset& asset, std::string_view key,
                 std::string_view value, std::string_view source) {
  LENSFS_CHECK(check_field_key(key));
  LENSFS_CHECK(check_field_value(value));
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("INSERT INTO fields (asset_id, key, value, source)"
                          " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (asset_id, key) DO UPDATE"
                          " SET value = excluded.value, source = excluded.source"
                          " WHERE value <> excluded.value OR source <> excluded.source",
                          asset.id, key, value, source));
  if (rows == 0) return {};
  return record_field(txn, actor, asset, key);
}

Status remove_field(Transaction& txn, const Actor& actor, const Asset& asset,
                    std::string_view key) {
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("DELETE FROM fields WHERE asset_id = ?1 AND key = ?2", asset.id, key));
  if (rows == 0) return fail(Errc::no_attribute, "the asset has no such field");
  return record_field(txn, actor, asset, key);
}

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
