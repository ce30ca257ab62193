// Extended attributes that the project gives no meaning to, kept byte for byte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset.h"

namespace lensfs {

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
