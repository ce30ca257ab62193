#include "catalog/model/catalog.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <random>
#include <system_error>

#include "catalog/db/migrations.h"
#include "catalog/model/feed.h"
#include "catalog/model/settings.h"

namespace lensfs {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDatabaseName = "catalog.db";
constexpr const char* kNewDatabaseName = "catalog.db.new";
constexpr const char* kLockName = "catalog.lock";
constexpr const char* kObjectsName = "objects";
constexpr const char* kStagingName = "staging";

// Version 4: random but for the six bits that say so.
std::string random_uuid() {
  std::random_device source;
  std::array<unsigned, 4> words{};
  for (unsigned& word : words) word = source();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:04x}{:08x}", words[0], words[1] >> 16U,
                     words[1] & 0xfffU, 0x8000U | (words[2] >> 18U), words[2] & 0xffffU, words[3]);
}

Status failure(const std::error_code& error, const char* text, const fs::path& path) {
  return fail(error_from_errno(error.value(), text).with(path.native()));
}

Result<Fd> lock_catalog(const fs::path& library) {
  LENSFS_TRY(Fd lock, open_path(library / kLockName, O_RDWR | O_CREAT, 0644));
  LENSFS_CHECK(lock_file(lock.get(), LockMode::exclusive, Wait::yes));
  return lock;
}

// --- what is in the way of a new library

bool is_ours(const std::string& name) {
  return name == kLockName || name == kSettingsName || name == kObjectsName ||
         name == kStagingName || name.starts_with(kNewDatabaseName);
}

bool holds_files(const fs::path& directory) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_directory(error)) return true;
  }
  // What cannot be looked into may hold files.
  return error && error != std::errc::no_such_file_or_directory;
}

// Nothing may be there but what a creation that was cut short leaves behind.
Status check_empty(const fs::path& library) {
  std::error_code error;
  for (fs::directory_iterator at(library, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().native();
    if (!is_ours(name)) {
      return fail(Error(Errc::not_empty, "a library is made in an empty directory")
                      .with(at->path().native()));
    }
  }
  if (error) return failure(error, "read the directory", library);
  for (const char* name : {kObjectsName, kStagingName}) {
    if (holds_files(library / name)) {
      return fail(Error(Errc::not_empty, "files of a library that has lost its catalog are here")
                      .with((library / name).native()));
    }
  }
  return {};
}

Status remove_leftovers(const fs::path& library) {
  std::error_code error;
  for (const char* name : {kObjectsName, kStagingName}) {
    fs::remove_all(library / name, error);
    if (error) return failure(error, "remove", library / name);
  }
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    const fs::path leftover = library / (std::string(kNewDatabaseName) + suffix);
    fs::remove(leftover, error);
    if (error) return failure(error, "remove", leftover);
  }
  return {};
}

// --- making one

Status fill_database(const fs::path& file) {
  LENSFS_TRY(Database db, Database::open(file, Database::Mode::read_write, Database::Create::yes));
  LENSFS_CHECK(migrate(db, file));
  LENSFS_CHECK(db.run("INSERT INTO library (id, uuid, created_ns) VALUES (1, ?1, ?2)",
                      random_uuid(), Clock().now()));
  // The file is renamed next, so all of it must be in the file itself.
  return db.script("PRAGMA wal_checkpoint(TRUNCATE)");
}

Status make_library(const fs::path& library) {
  LENSFS_CHECK(remove_leftovers(library));
  LENSFS_CHECK(Store::create(library));
  LENSFS_CHECK(write_text(library / kSettingsName, settings_template()));
  LENSFS_CHECK(fill_database(library / kNewDatabaseName));
  // The library exists from this rename on.
  std::error_code error;
  fs::rename(library / kNewDatabaseName, library / kDatabaseName, error);
  if (error) return failure(error, "rename the catalog", library);
  return sync_directory(library);
}

// --- opening one

Status migrate_if_old(const fs::path& library, Pool& pool) {
  LENSFS_TRY(const Pool::Reader reader, pool.reader());
  LENSFS_TRY(const std::int64_t version, schema_version(*reader));
  if (version == static_cast<std::int64_t>(kMigrations.size())) return {};
  LENSFS_TRY(const Fd lock, lock_catalog(library));
  const fs::path file = library / kDatabaseName;
  LENSFS_TRY(Database db, Database::open(file, Database::Mode::read_write, Database::Create::no));
  return migrate(db, file);
}

// Fields that lensfs.toml declares are rows, for whoever sets one. A file that cannot be read is
// complained of by who needs its settings, and leaves the rows as they are.
Status declare_from_settings(const fs::path& library, Database& db, Pool& pool) {
  const auto settings = read_settings(library);
  if (!settings) return {};
  LENSFS_TRY(const bool differ, settings_fields_differ(db, settings->fields));
  if (!differ) return {};
  return pool.write([&](Transaction& txn) -> Status {
    LENSFS_CHECK(declare_settings_fields(txn, settings->fields));
    return record_change(txn, actor_of_process(), {.kind = ChangeKind::fields_declared});
  });
}

struct BrokenReference {
  std::string text;
  static BrokenReference from(const Row& row) {
    return {fmt::format("{}: row {} refers to a missing row of {}", row.text(0), row.integer(1),
                        row.text(2))};
  }
};

// What the schema repeats must agree with what it repeats.
constexpr std::string_view kWrongPlaces =
    "SELECT 'asset ' || a.id || ': its number of places is wrong' FROM assets a"
    " WHERE a.places <> (SELECT count(*) FROM places p WHERE p.asset_id = a.id)"
    " /* SCAN: the check reads everything */";
constexpr std::string_view kWrongVersions =
    "SELECT 'asset ' || a.id || ': its current version is wrong' FROM assets a"
    " WHERE CASE WHEN a.version_id IS NULL"
    " THEN a.draft_id IS NULL AND a.type = 0 AND a.state <> 1"
    " ELSE NOT EXISTS (SELECT 1 FROM versions v WHERE v.id = a.version_id AND v.asset_id = a.id"
    " AND (a.draft_id IS NOT NULL OR v.size = a.size)) END"
    " /* SCAN: the check reads everything */";

}  // namespace

bool Catalog::is_library(const fs::path& directory) {
  std::error_code error;
  return fs::is_regular_file(directory / kDatabaseName, error) &&
         fs::is_directory(directory / kObjectsName, error);
}

Status Catalog::create(const fs::path& library) {
  std::error_code error;
  fs::create_directories(library, error);
  if (error) return failure(error, "make the directory", library);
  if (is_library(library)) {
    return fail(Error(Errc::exists, "a library is here").with(library.native()));
  }
  LENSFS_CHECK(check_empty(library));
  LENSFS_TRY(const Fd lock, lock_catalog(library));
  if (is_library(library)) {  // another process was faster
    return fail(Error(Errc::exists, "a library is here").with(library.native()));
  }
  LENSFS_CHECK(make_library(library));
  return sync_directory(fs::absolute(library, error).parent_path());
}

Result<std::unique_ptr<Catalog>> Catalog::open(const fs::path& library) {
  return open(library, {});
}

Result<std::unique_ptr<Catalog>> Catalog::open(const fs::path& library, Options options) {
  if (!is_library(library)) {
    return fail(Error(Errc::not_found, "no library here; \"lensfs init\" makes one")
                    .with(library.native()));
  }
  std::error_code error;
  std::unique_ptr<Catalog> catalog(new Catalog());
  catalog->path_ = fs::canonical(library, error);
  if (error)
    return fail(error_from_errno(error.value(), "find the library").with(library.native()));
  LENSFS_TRY(catalog->pool_, Pool::open(catalog->path_ / kDatabaseName));
  LENSFS_CHECK(migrate_if_old(catalog->path_, *catalog->pool_));
  LENSFS_TRY(const Pool::Reader reader, catalog->pool_->reader());
  auto uuid = reader->one<std::string>("SELECT uuid FROM library WHERE id = 1");
  if (!uuid && uuid.error().code() == Errc::not_found) {
    return fail(
        Error(Errc::corrupt, "the catalog does not say whose it is").with(library.native()));
  }
  if (!uuid) return fail(uuid.error());
  catalog->uuid_ = *std::move(uuid);
  LENSFS_CHECK(declare_from_settings(catalog->path_, *reader, *catalog->pool_));
  LENSFS_TRY(catalog->store_, Store::open(catalog->path_, std::move(options.store)));
  return catalog;
}

Result<std::vector<std::string>> Catalog::check_database() {
  LENSFS_TRY(const Pool::Reader reader, pool_->reader());
  std::vector<std::string> faults;
  const auto note = [&](std::string text) {
    if (text != "ok") faults.push_back(std::move(text));
  };
  LENSFS_CHECK(reader->each<std::string>("PRAGMA integrity_check", note));
  LENSFS_CHECK(reader->each<BrokenReference>(
      "PRAGMA foreign_key_check", [&](BrokenReference broken) { note(std::move(broken.text)); }));
  LENSFS_CHECK(reader->each<std::string>(kWrongPlaces, note));
  LENSFS_CHECK(reader->each<std::string>(kWrongVersions, note));
  return faults;
}

}  // namespace lensfs
