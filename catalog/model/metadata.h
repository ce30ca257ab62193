// Fields (typed keys and values; free text for now) and raw extended attributes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset.h"

namespace lensfs {

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
// Values must be UTF-8 of at most 64 KiB, without NUL (invalid, too_big).
[[nodiscard]] Status set_field(Transaction& txn, const Actor& actor, const Asset& asset,
                               std::string_view key, std::string_view value,
                               std::string_view source = "person");
[[nodiscard]] Status remove_field(Transaction& txn, const Actor& actor, const Asset& asset,
                                  std::string_view key);  // no_attribute

// What a raw attribute belongs to. Stored: never renumber.
enum class OwnerKind : int { asset = 0, folder = 1, tag = 2, fixed = 3 };
struct Owner {
  OwnerKind kind = OwnerKind::asset;
  std::int64_t id = 0;
};

inline constexpr std::size_t kXattrValueLimit = 65536;  // as Linux
[[nodiscard]] Result<std::string> find_xattr(Database& db, Owner owner, std::string_view name);
[[nodiscard]] Result<std::vector<std::string>> xattr_names(Database& db, Owner owner);
[[nodiscard]] Status set_xattr(Transaction& txn, const Actor& actor, Owner owner,
                               std::string_view name, std::string_view value);
[[nodiscard]] Status remove_xattr(Transaction& txn, const Actor& actor, Owner owner,
                                  std::string_view name);  // no_attribute

}  // namespace lensfs
