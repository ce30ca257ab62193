// Where access rules are kept: one for each scope, and who has which role.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/db/transaction.h"
#include "catalog/model/access_rule.h"
#include "catalog/model/feed.h"
#include "catalog/model/ids.h"

namespace lensfs {

// AccessScope: what a rule is about. Stored: never renumber.
struct AccessScope {
  enum class Kind : int { library = 0, folder = 1, tag = 2, asset = 3 };
  Kind kind = Kind::library;
  std::int64_t id = 0;
  auto operator<=>(const AccessScope&) const = default;
};

struct StoredRule {
  AccessScope scope;
  std::string text;
  static StoredRule from(const Row& row);
};
[[nodiscard]] Result<std::vector<StoredRule>> all_access_rules(Database& db);
// no_attribute if the scope has none.
[[nodiscard]] Result<std::string> find_access_rule(Database& db, AccessScope scope);
[[nodiscard]] Result<std::optional<std::string>> maybe_access_rule(Database& db, AccessScope scope);
// Whether anything has one.
[[nodiscard]] Result<bool> has_access_rules(Database& db);
// Of a file itself, not of what it lies in.
[[nodiscard]] Result<bool> has_access_rule(Database& db, AssetId asset);
// invalid for a text that is no rule, or names somebody whom the system does not know.
[[nodiscard]] Status set_access_rule(Transaction& txn, const Actor& actor, AccessScope scope,
                                     std::string_view text);
[[nodiscard]] Status clear_access_rule(Transaction& txn, const Actor& actor,
                                       AccessScope scope);  // no_attribute
// Whether whoever may do something with `other` may do it with `asset`, as far as rules go: all
// that bind `asset` bind `other` as well.
[[nodiscard]] Result<bool> is_bound_no_more(Database& db, AssetId asset, AssetId other);
// `to`, which has none, gets what `from` has, if that has one.
[[nodiscard]] Status copy_access_rule(Transaction& txn, const Actor& actor, AssetId from,
                                      AssetId to);

struct Role {
  std::string name;
  std::string members;  // empty: nobody
  bool operator==(const Role&) const = default;
  static Role from(const Row& row);
};
// All there are, in the order of kRoles.
[[nodiscard]] Result<std::vector<Role>> all_roles(Database& db);
[[nodiscard]] Status set_role(Transaction& txn, const Actor& actor, std::string_view name,
                              std::string_view members);

// "the library", "project demo", "folder demo/raw", "tag beach", "file clip.mov".
[[nodiscard]] Result<std::string> name_of_scope(Database& db, AccessScope scope);

}  // namespace lensfs
