#include "catalog/model/extraction.h"

#include "catalog/model/sidecar.h"
#include "catalog/model/text_index.h"

namespace lensfs {
namespace {

struct KeyAndValue {
  std::string key;
  std::string value;
  static KeyAndValue from(const Row& row) {
    return {.key = row.get<std::string>(0), .value = row.get<std::string>(1)};
  }
};

Status apply_own(Transaction& txn, const Actor& actor, const Asset& asset,
                 const Extraction& extraction) {
  LENSFS_TRY(const FieldValues values, fields_in(txn.db(), extraction.facts));
  LENSFS_CHECK(replace_fields(txn, actor, asset, FieldSource::file, values));
  LENSFS_TRY(const auto text, txn.db().one<std::optional<std::string>>(
                                  "SELECT json_extract(?1, '$.text')", extraction.facts));
  return index_text(txn, asset.id, "content", text.value_or(""));
}

}  // namespace

Extraction Extraction::from(const Row& row) {
  return {.object = row.get<ObjectId>(0),
          .extractor = row.get<std::string>(1),
          .done = row.integer(2),
          .facts = row.get<std::string>(3),
          .error = row.get<std::optional<std::string>>(4)};
}

Result<std::optional<Extraction>> find_extraction(Database& db, ObjectId object) {
  return db.maybe<Extraction>(
      "SELECT object_id, extractor, done_ns, facts, error FROM extractions WHERE object_id = ?1",
      object);
}

Result<FieldValues> fields_in(Database& db, const std::string& facts) {
  FieldValues values;
  LENSFS_CHECK(db.each<KeyAndValue>(
      "SELECT key, value FROM json_each(?1, '$.fields') WHERE type = 'text'"
      " /* SCAN: of one asset */",
      [&](KeyAndValue one) { values.emplace(std::move(one.key), std::move(one.value)); }, facts));
  return values;
}

Result<std::optional<Extraction>> extraction_of(Database& db, const Asset& asset) {
  if (number(asset.version) == 0) return std::optional<Extraction>();
  LENSFS_TRY(const Version version, find_version(db, asset.version));
  return find_extraction(db, version.object);
}

Status apply_extractions(Transaction& txn, const Actor& actor, const Asset& asset) {
  LENSFS_TRY(const auto own, extraction_of(txn.db(), asset));
  if (is_sidecar_name(asset.name)) {
    return own && !own->error ? tell_those_beside(txn, actor, asset) : Status();
  }
  if (own) LENSFS_CHECK(apply_own(txn, actor, asset, *own));
  return tell_from_sidecar(txn, actor, asset);
}

Status keep_extraction(Transaction& txn, const Actor& actor, ObjectId object,
                       std::string_view extractor, std::string_view facts) {
  LENSFS_CHECK(
      txn.db().run("INSERT OR REPLACE INTO extractions (object_id, extractor, done_ns, facts)"
                   " VALUES (?1, ?2, ?3, ?4)",
                   object, extractor, txn.now(), facts));
  std::vector<AssetId> assets;
  LENSFS_CHECK(txn.db().each<AssetId>(
      "SELECT a.id FROM versions v JOIN assets a ON a.id = v.asset_id AND a.version_id = v.id"
      " WHERE v.object_id = ?1",
      [&](AssetId asset) { assets.push_back(asset); }, object));
  for (const AssetId id : assets) {
    LENSFS_TRY(const Asset asset, find_asset(txn.db(), id));
    LENSFS_CHECK(apply_extractions(txn, actor, asset));
  }
  return {};
}

Status keep_failed_extraction(Transaction& txn, ObjectId object, std::string_view extractor,
                              std::string_view why) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO extractions (object_id, extractor, done_ns, facts, error)"
      " SELECT id, ?2, ?3, '{}', ?4 FROM objects WHERE id = ?1 ON CONFLICT (object_id) DO UPDATE"
      " SET extractor = excluded.extractor, done_ns = excluded.done_ns, error = excluded.error",
      object, extractor, txn.now(), why));
  return {};
}

Result<std::vector<AssetId>> unread_assets(Database& db, AssetId after, std::string_view extractor,
                                           std::int64_t most) {
  std::vector<AssetId> assets;
  LENSFS_CHECK(db.each<AssetId>(
      "SELECT a.id FROM assets a JOIN versions v ON v.id = a.version_id"
      " WHERE a.id > ?1 AND a.state = ?4"
      " AND NOT EXISTS (SELECT 1 FROM extractions e WHERE e.object_id = v.object_id"
      " AND e.extractor = ?2)"
      " AND NOT EXISTS (SELECT 1 FROM jobs j JOIN recipes r ON r.id = j.recipe_id"
      " WHERE j.source_id = v.object_id AND r.text = ?2) ORDER BY a.id LIMIT ?3",
      [&](AssetId asset) { assets.push_back(asset); }, after, extractor, most, AssetState::live));
  return assets;
}

}  // namespace lensfs
