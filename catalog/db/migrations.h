// Schema versions: forward only, in one transaction, with a backup of the old file first.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/db/database.h"

namespace lensfs {

struct Migration {
  std::string_view name;  // "0001_initial.sql"
  std::string_view sql;
};

// In order; entry N brings user_version from N to N+1. Generated from schema/*.sql.
extern const std::vector<Migration> kMigrations;

// The schema that the database has; the newest is kMigrations.size().
[[nodiscard]] Result<std::int64_t> schema_version(Database& db);

// Brings the database to the newest schema. A database that is newer than this program is refused
// (not_supported) and left alone. When there is something to do and the database is not new, it is
// first copied to `<file>.backup-v<N>` beside it.
[[nodiscard]] Status migrate(Database& db, const std::filesystem::path& file,
                             const std::vector<Migration>& migrations = kMigrations);

}  // namespace lensfs
