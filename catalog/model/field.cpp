#include "catalog/model/field.h"

#include <algorithm>
#include <array>
#include <set>

#include "catalog/base/text.h"
#include "catalog/model/text_index.h"

namespace lensfs {
namespace {

constexpr std::size_t kKeyLimit = 200;           // bytes
constexpr std::size_t kFieldValueLimit = 65536;  // bytes
constexpr std::array<std::string_view, 4> kSources = {"file", "import", "sidecar", "person"};

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

FieldSource source_from(std::string_view name) {
  const auto at = std::find(kSources.begin(), kSources.end(), name);
  return at == kSources.end() ? FieldSource::person
                              : static_cast<FieldSource>(at - kSources.begin());
}

Status record_field(Transaction& txn, const Actor& actor, const Asset& asset,
                    std::string_view key) {
  LENSFS_CHECK(touch_asset(txn, asset.id));
  return record_change(
      txn, actor, {.kind = ChangeKind::field_changed, .asset = asset.id, .name = std::string(key)});
}

std::string text_name(std::string_view key) {
  return "field " + std::string(key);
}

// The value that counts from now on.
Status put_counting(Transaction& txn, AssetId asset, std::string_view key, const FieldValue& value,
                    std::string_view source) {
  LENSFS_CHECK(
      txn.db().run("INSERT INTO fields (asset_id, key, value, source, number)"
                   " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (asset_id, key) DO UPDATE"
                   " SET value = excluded.value, source = excluded.source,"
                   " number = excluded.number",
                   asset, key, value.text, source, value.number));
  // Quantities are looked for as such.
  return index_text(txn, asset, text_name(key), value.number ? "" : value.text);
}

Status hide(Transaction& txn, AssetId asset, std::string_view key, const FieldValue& value,
            std::string_view source) {
  LENSFS_CHECK(
      txn.db().run("INSERT INTO hidden_fields (asset_id, key, source, value, number)"
                   " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (asset_id, key, source) DO UPDATE"
                   " SET value = excluded.value, number = excluded.number",
                   asset, key, source, value.text, value.number));
  return {};
}

struct Counting {
  std::string value;
  std::string source;
  std::optional<double> number;
  static Counting from(const Row& row) {
    return {row.get<std::string>(0), row.get<std::string>(1), row.number(2)};
  }
};

// Whether the value that counts is another one now.
Result<bool> put_value(Transaction& txn, AssetId asset, std::string_view key,
                       const FieldValue& value, FieldSource source) {
  Database& db = txn.db();
  LENSFS_TRY(
      const std::optional<Counting> before,
      db.maybe<Counting>(
          "SELECT value, source, number FROM fields WHERE asset_id = ?1 AND key = ?2", asset, key));
  if (!before) {
    LENSFS_CHECK(put_counting(txn, asset, key, value, name_of(source)));
    return true;
  }
  const FieldSource stands = source_from(before->source);
  if (source < stands) {
    LENSFS_CHECK(hide(txn, asset, key, value, name_of(source)));
    return false;
  }
  if (source == stands && value.text == before->value) return false;
  if (source > stands) {
    LENSFS_CHECK(hide(txn, asset, key, {before->value, before->number}, before->source));
    LENSFS_CHECK(
        db.run("DELETE FROM hidden_fields WHERE asset_id = ?1 AND key = ?2 AND source = ?3", asset,
               key, name_of(source)));
  }
  LENSFS_CHECK(put_counting(txn, asset, key, value, name_of(source)));
  return true;
}

// The strongest of those that wait counts again, if there is one.
Status promote(Transaction& txn, AssetId asset, std::string_view key) {
  Database& db = txn.db();
  std::optional<Counting> best;
  LENSFS_CHECK(db.each<Counting>(
      "SELECT value, source, number FROM hidden_fields WHERE asset_id = ?1 AND key = ?2",
      [&](Counting next) {
        if (!best || source_from(next.source) > source_from(best->source)) best = std::move(next);
      },
      asset, key));
  LENSFS_CHECK(db.run("DELETE FROM fields WHERE asset_id = ?1 AND key = ?2", asset, key));
  if (!best) return index_text(txn, asset, text_name(key), "");
  LENSFS_CHECK(db.run("DELETE FROM hidden_fields WHERE asset_id = ?1 AND key = ?2 AND source = ?3",
                      asset, key, best->source));
  return put_counting(txn, asset, key, {best->value, best->number}, best->source);
}

// The keys about which a source says something.
Result<std::set<std::string>> keys_from(Database& db, AssetId asset, FieldSource source) {
  std::set<std::string> keys;
  const auto take = [&](std::string key) { keys.insert(std::move(key)); };
  LENSFS_CHECK(db.each<std::string>("SELECT key FROM fields WHERE asset_id = ?1 AND source = ?2",
                                    take, asset, name_of(source)));
  LENSFS_CHECK(
      db.each<std::string>("SELECT key FROM hidden_fields WHERE asset_id = ?1 AND source = ?2",
                           take, asset, name_of(source)));
  return keys;
}

Result<bool> drop_value(Transaction& txn, AssetId asset, std::string_view key, FieldSource source) {
  LENSFS_TRY(
      const std::int64_t hidden,
      txn.db().run("DELETE FROM hidden_fields WHERE asset_id = ?1 AND key = ?2 AND source = ?3",
                   asset, key, name_of(source)));
  if (hidden != 0) return false;
  LENSFS_CHECK(promote(txn, asset, key));
  return true;
}

}  // namespace

Result<FieldValue> value_for(Database& db, std::string_view key, std::string_view value) {
  LENSFS_CHECK(check_field_key(key));
  LENSFS_CHECK(check_field_value(value));
  LENSFS_TRY(const FieldType type, type_of_field(db, key));
  return checked_value(type, value);
}

std::string_view name_of(FieldSource source) {
  return kSources[static_cast<std::size_t>(source)];
}

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

Result<std::vector<Field>> hidden_fields_of(Database& db, AssetId asset) {
  std::vector<Field> fields;
  LENSFS_CHECK(db.each<Field>(
      "SELECT key, value, source FROM hidden_fields WHERE asset_id = ?1 ORDER BY key, source",
      [&](Field field) { fields.push_back(std::move(field)); }, asset));
  return fields;
}

Result<Field> find_field(Database& db, AssetId asset, std::string_view key) {
  return db.one<Field>("SELECT key, value, source FROM fields WHERE asset_id = ?1 AND key = ?2",
                       asset, key);
}

Status set_field(Transaction& txn, const Actor& actor, const Asset& asset, std::string_view key,
                 std::string_view value, FieldSource source) {
  LENSFS_TRY(const FieldValue checked, value_for(txn.db(), key, value));
  LENSFS_TRY(const bool differs, put_value(txn, asset.id, key, checked, source));
  return differs ? record_field(txn, actor, asset, key) : Status();
}

Status remove_field(Transaction& txn, const Actor& actor, const Asset& asset,
                    std::string_view key) {
  LENSFS_TRY(
      const bool there,
      txn.db().one<bool>("SELECT EXISTS (SELECT 1 FROM fields WHERE asset_id = ?1 AND key = ?2)",
                         asset.id, key));
  if (!there) return fail(Errc::no_attribute, "the asset has no such field");
  LENSFS_CHECK(promote(txn, asset.id, key));
  return record_field(txn, actor, asset, key);
}

Status replace_fields(Transaction& txn, const Actor& actor, const Asset& asset, FieldSource source,
                      const FieldValues& values) {
  LENSFS_TRY(std::set<std::string> gone, keys_from(txn.db(), asset.id, source));
  bool differs = false;
  for (const auto& [key, value] : values) {
    const auto checked = value_for(txn.db(), key, value);
    if (!checked && checked.error().code() == Errc::invalid) continue;
    if (!checked) return fail(checked.error());
    gone.erase(key);
    LENSFS_TRY(const bool other, put_value(txn, asset.id, key, *checked, source));
    differs = differs || other;
  }
  for (const std::string& key : gone) {
    LENSFS_TRY(const bool other, drop_value(txn, asset.id, key, source));
    differs = differs || other;
  }
  return differs ? record_field(txn, actor, asset, "") : Status();
}

Status copy_fields(Transaction& txn, AssetId from, AssetId to) {
  LENSFS_CHECK(
      txn.db().run("INSERT INTO fields (asset_id, key, value, source, number)"
                   " SELECT ?2, key, value, source, number FROM fields WHERE asset_id = ?1",
                   from, to));
  LENSFS_CHECK(
      txn.db().run("INSERT INTO hidden_fields (asset_id, key, source, value, number)"
                   " SELECT ?2, key, source, value, number FROM hidden_fields WHERE asset_id = ?1",
                   from, to));
  return copy_texts(txn, from, to);
}

Status move_fields(Transaction& txn, AssetId from, AssetId to) {
  LENSFS_CHECK(
      txn.db().run("UPDATE OR REPLACE fields SET asset_id = ?2 WHERE asset_id = ?1", from, to));
  LENSFS_CHECK(txn.db().run("UPDATE OR REPLACE hidden_fields SET asset_id = ?2 WHERE asset_id = ?1",
                            from, to));
  return move_texts(txn, from, to);
}

Status drop_fields(Transaction& txn, AssetId asset) {
  LENSFS_CHECK(txn.db().run("DELETE FROM fields WHERE asset_id = ?1", asset));
  LENSFS_CHECK(txn.db().run("DELETE FROM hidden_fields WHERE asset_id = ?1", asset));
  return forget_texts(txn, asset);
}

}  // namespace lensfs
