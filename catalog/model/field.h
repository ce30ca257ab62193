// Fields: typed keys and values of assets, each with the source that said so.
//
// Of several sources the strongest counts: a person before a sidecar, that before an import, that
// before what the file itself says. The others are kept and count again when it is taken away, so
// nothing that is read again ever replaces what a person wrote.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset.h"
#include "catalog/model/field_type.h"

namespace lensfs {

enum class FieldSource { file, import, sidecar, person };  // the stronger is the larger
[[nodiscard]] std::string_view name_of(FieldSource source);

struct Field {
  std::string key;
  std::string value;
  std::string source;
  static Field from(const Row& row);
};

// A key: 1 … 200 bytes of letters, digits, "_", "-", "." (not first). invalid otherwise.
[[nodiscard]] Status check_field_key(std::string_view key);
[[nodiscard]] Result<std::vector<Field>> fields_of(Database& db, AssetId asset);  // by key
[[nodiscard]] Result<Field> find_field(Database& db, AssetId asset, std::string_view key);
// What weaker sources say.
[[nodiscard]] Result<std::vector<Field>> hidden_fields_of(Database& db, AssetId asset);

// Values must be UTF-8 of at most 64 KiB, without NUL, and of the field's form (invalid, too_big).
[[nodiscard]] Result<FieldValue> value_for(Database& db, std::string_view key,
                                           std::string_view value);
[[nodiscard]] Status set_field(Transaction& txn, const Actor& actor, const Asset& asset,
                               std::string_view key, std::string_view value,
                               FieldSource source = FieldSource::person);
// Takes away the value that counts; a weaker source's counts then. no_attribute.
[[nodiscard]] Status remove_field(Transaction& txn, const Actor& actor, const Asset& asset,
                                  std::string_view key);
// Makes what this source says exactly these values, in one change. A value that its field does not
// take is left out.
using FieldValues = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] Status replace_fields(Transaction& txn, const Actor& actor, const Asset& asset,
                                    FieldSource source, const FieldValues& values);

// --- for identity.cpp and edit_remove.cpp
[[nodiscard]] Status copy_fields(Transaction& txn, AssetId from, AssetId to);
// `from` has none any more; its values win over those of the same source that `to` had.
[[nodiscard]] Status move_fields(Transaction& txn, AssetId from, AssetId to);
[[nodiscard]] Status drop_fields(Transaction& txn, AssetId asset);

}  // namespace lensfs
