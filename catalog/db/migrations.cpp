#include "catalog/db/migrations.h"

#include <fmt/format.h>

#include <string>

namespace lensfs {
namespace {

Result<std::size_t> version_of(Database& db) {
  LENSFS_TRY(const std::int64_t version, schema_version(db));
  if (version < 0) return fail(Errc::corrupt, "the catalog has no valid schema version");
  return static_cast<std::size_t>(version);
}

Status refuse_newer(const std::filesystem::path& file, std::size_t version, std::size_t known) {
  return fail(Error(Errc::not_supported,
                    "the library was last used by a newer lensfs; update this one, or put the"
                    " backup beside the catalog in its place")
                  .with(fmt::format("{}: schema {}, this program knows {}", file.native(), version,
                                    known)));
}

Status apply_all(Database& db, const std::filesystem::path& file,
                 const std::vector<Migration>& migrations) {
  // Read again under the write lock: another process may have migrated in between.
  LENSFS_TRY(const std::size_t version, version_of(db));
  if (version > migrations.size()) return refuse_newer(file, version, migrations.size());
  for (std::size_t step = version; step < migrations.size(); ++step) {
    if (auto applied = db.script(migrations[step].sql); !applied) {
      return fail(std::move(applied).error().with(migrations[step].name));
    }
    LENSFS_CHECK(db.script(fmt::format("PRAGMA user_version = {}", step + 1)));
  }
  return db.commit();
}

}  // namespace

Result<std::int64_t> schema_version(Database& db) {
  return db.one<std::int64_t>("PRAGMA user_version");
}

Status migrate(Database& db, const std::filesystem::path& file,
               const std::vector<Migration>& migrations) {
  LENSFS_TRY(const std::size_t version, version_of(db));
  if (version == migrations.size()) return {};
  if (version > migrations.size()) return refuse_newer(file, version, migrations.size());
  if (version > 0) {
    LENSFS_CHECK(db.backup_to(fmt::format("{}.backup-v{}", file.native(), version)));
  }
  LENSFS_CHECK(db.begin_immediate());
  Status applied = apply_all(db, file, migrations);
  if (!applied) db.rollback();
  return applied;
}

}  // namespace lensfs
