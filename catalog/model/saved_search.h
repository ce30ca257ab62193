// Searches that people keep: queries that /Search lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/feed.h"

namespace lensfs {

struct SavedSearch {
  std::int64_t id = 0;
  std::string query;
  Nanoseconds created = 0;
  static SavedSearch from(const Row& row);
};

[[nodiscard]] Result<std::vector<SavedSearch>> saved_searches(Database& db);  // oldest first
[[nodiscard]] Result<bool> is_saved_search(Database& db, std::string_view query);
// exists; invalid for what is no query.
[[nodiscard]] Status save_search(Transaction& txn, const Actor& actor, std::string_view query);
[[nodiscard]] Status forget_search(Transaction& txn, const Actor& actor,
                                   std::string_view query);  // not_found

}  // namespace lensfs
