#include "catalog/db/database.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <mutex>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "catalog/base/fd.h"
#include "catalog/db/log_file.h"

namespace lensfs {
namespace {

constexpr int kBusyTimeout = 10'000;  // milliseconds

// Constraints that callers run into every day get no detail: nothing is allocated for them.
Error constraint_error(sqlite3* handle, int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Error(Errc::exists, "already in the catalog");
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Error(Errc::not_found, "a row that this one belongs to is not in the catalog");
    default:
      return Error(Errc::invalid, "the catalog does not take this value")
          .with(sqlite3_errmsg(handle));
  }
}

// The error that the connection's last failed call stands for.
Error error_of(sqlite3* handle, int code) {
  const auto explained = [handle](Errc errc, const char* text) {
    return Error(errc, text).with(sqlite3_errmsg(handle));
  };
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return constraint_error(handle, sqlite3_extended_errcode(handle));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(Errc::busy, "the catalog is locked by another process");
    case SQLITE_FULL:
      return explained(Errc::no_space, "no space left for the catalog");
    case SQLITE_READONLY:
      return explained(Errc::read_only, "the catalog cannot be written");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return explained(Errc::corrupt, "the catalog is damaged");
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return explained(Errc::denied, "no access to the catalog");
    case SQLITE_TOOBIG:
      return explained(Errc::too_big, "too long for the catalog");
    case SQLITE_INTERRUPT:
      return Error(Errc::interrupted, "a catalog query was stopped");
    case SQLITE_ERROR:
      // Our statements are tested against our schema: one that fails means that it is not ours.
      return explained(Errc::corrupt, "the catalog does not have the expected form");
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
      return explained(Errc::invalid, "a catalog statement was used wrongly");
    default:  // IOERR, CANTOPEN, NOMEM and what newer versions of SQLite may add
      return explained(Errc::io, "the catalog cannot be read or written");
  }
}

// SQLite counts its memory under one lock for all connections, at each allocation; nobody asks.
void begin_sqlite() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

// A connection that was opened for the duration of a copy.
struct Closer {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};

}  // namespace

// --- rows

std::int64_t Row::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Row::text(int column) const {
  // column_blob gives the bytes of TEXT too, without a terminator that has to be made.
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<double> Row::number(int column) const {
  if (is_null(column)) return std::nullopt;
  return sqlite3_column_double(statement_, column);
}

bool Row::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

ContentId Row::content_id(int column) const {
  ContentId id;
  const std::string_view bytes = text(column);
  std::memcpy(id.bytes.data(), bytes.data(), std::min(bytes.size(), id.bytes.size()));
  return id;
}

// --- connection

struct Database::State {
  struct Cached {
    std::vector<sqlite3_stmt*> idle;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (const auto& [statement, cached] : owners) sqlite3_finalize(statement);
    sqlite3_close_v2(handle);
  }

  sqlite3* handle = nullptr;
  // By SQL text. A statement that is in use is not idle, so a recursive use gets another one.
  std::unordered_map<std::string, Cached, TextHash, std::equal_to<>> cache;
  std::unordered_map<sqlite3_stmt*, Cached*> owners;  // nodes of `cache` never move
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

namespace {

// Without what no statement of ours needs, and what could only help somebody who tampers with the
// file.
void harden(sqlite3* handle) {
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  // A plan is made once for a statement, not anew for each value that is bound to it.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 16 << 20);
  sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, 1 << 20);
  sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 100);
  sqlite3_limit(handle, SQLITE_LIMIT_COMPOUND_SELECT, 20);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 1);  // VACUUM needs one
}

constexpr std::string_view kSettings =
    "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;"
    " PRAGMA cell_size_check = ON;";
// journal_mode first: on a new file it is what makes the file. The log goes into the database every
// 16 MiB, which syncs both.
constexpr std::string_view kWriterSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;"
    " PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536;";
// The file is opened for writing, because readers of a WAL share its index, but no row changes.
constexpr std::string_view kReaderSettings = "PRAGMA query_only = ON; PRAGMA cache_size = -16384;";

}  // namespace

Result<Database> Database::open(const std::filesystem::path& file, Mode mode, Create create) {
  begin_sqlite();
  // Absolute, so that no name is taken for a URI or for a database in memory.
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(file, error);
  if (error) return fail(error_from_errno(error.value(), "find the catalog").with(file.native()));

  auto state = std::make_unique<State>();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                    (create == Create::yes ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(absolute.c_str(), &state->handle, flags, log_file_vfs());
  if (code != SQLITE_OK) {
    if (create == Create::no && !std::filesystem::exists(absolute, error)) {
      return fail(Error(Errc::not_found, "no catalog here").with(file.native()));
    }
    return fail(error_of(state->handle, code).with(file.native()));
  }
  harden(state->handle);
  sqlite3_busy_timeout(state->handle, kBusyTimeout);

  Database db(std::move(state));
  Status set = db.script(mode == Mode::read_write ? kWriterSettings : kReaderSettings);
  if (set) set = db.script(kSettings);
  if (!set) return fail(std::move(set).error().with(file.native()));
  return db;
}

Status Database::script(std::string_view sql) {
  const std::string text(sql);
  const int code = sqlite3_exec(state_->handle, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error_of(state_->handle, code));
  return {};
}

// --- statements

Result<sqlite3_stmt*> Database::take(std::string_view sql) {
  auto found = state_->cache.find(sql);
  if (found == state_->cache.end()) {
    found = state_->cache.try_emplace(std::string(sql)).first;
  }
  State::Cached& cached = found->second;
  if (!cached.idle.empty()) {
    sqlite3_stmt* statement = cached.idle.back();
    cached.idle.pop_back();
    return statement;
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(state_->handle, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return fail(error_of(state_->handle, code));
  if (statement == nullptr) return fail(Errc::invalid, "an empty catalog statement");
  state_->owners.emplace(statement, &cached);
  return statement;
}

void Database::give_back(sqlite3_stmt* statement) noexcept {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  const auto owner = state_->owners.find(statement);
  if (owner != state_->owners.end()) owner->second->idle.push_back(statement);
}

Result<bool> Database::step(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(error_of(state_->handle, code));
}

Status Database::bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
  // A null pointer would bind NULL, and an empty view may hold one.
  const char* bytes = text.empty() ? "" : text.data();
  const int code =
      sqlite3_bind_text64(statement, index, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) return fail(error_of(state_->handle, code));
  return {};
}

Status Database::bind_blob(sqlite3_stmt* statement, int index, std::string_view bytes) {
  const char* start = bytes.empty() ? "" : bytes.data();
  const int code = sqlite3_bind_blob64(statement, index, start, bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) return fail(error_of(state_->handle, code));
  return {};
}

Status Database::bind_integer(sqlite3_stmt* statement, int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement, index, value);
  if (code != SQLITE_OK) return fail(error_of(state_->handle, code));
  return {};
}

Status Database::bind_number(sqlite3_stmt* statement, int index, double value) {
  const int code = sqlite3_bind_double(statement, index, value);
  if (code != SQLITE_OK) return fail(error_of(state_->handle, code));
  return {};
}

Status Database::bind_null(sqlite3_stmt* statement, int index) {
  const int code = sqlite3_bind_null(statement, index);
  if (code != SQLITE_OK) return fail(error_of(state_->handle, code));
  return {};
}

std::int64_t Database::changed_rows() const {
  return sqlite3_changes64(state_->handle);
}
std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(state_->handle);
}

std::vector<std::string> Database::statements() const {
  std::vector<std::string> texts;
  for (const auto& [text, cached] : state_->cache) texts.push_back(text);
  std::sort(texts.begin(), texts.end());
  return texts;
}

Result<std::int64_t> Database::data_version() {
  return one<std::int64_t>("PRAGMA data_version");
}

// --- transactions

Status Database::begin_immediate() {
  LENSFS_CHECK(run("BEGIN IMMEDIATE"));
  return {};
}

Status Database::begin_read() {
  LENSFS_CHECK(run("BEGIN"));
  return {};
}

Status Database::commit() {
  const WholeCommit commit;
  LENSFS_CHECK(run("COMMIT"));
  return {};
}

void Database::rollback() noexcept {
  // SQLite may have rolled back by itself (disk full, I/O error): then there is nothing to do.
  if (!in_transaction()) return;
  if (run("ROLLBACK")) return;  // prepared once, for every reader ends so
  sqlite3_exec(state_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(state_->handle) == 0;
}

bool Database::is_writing() const {
  return sqlite3_txn_state(state_->handle, "main") == SQLITE_TXN_WRITE;
}

// --- copies

Status Database::backup_to(const std::filesystem::path& file) {
  // Under a temporary name first: a file of the final name is always a whole copy.
  const std::filesystem::path part = file.native() + ".part";
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(std::filesystem::absolute(part, ignored).c_str(), &raw,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  std::unique_ptr<sqlite3, Closer> copy(raw);
  if (opened != SQLITE_OK) return fail(error_of(raw, opened).with(part.native()));

  sqlite3_backup* backup = sqlite3_backup_init(raw, "main", state_->handle, "main");
  if (backup == nullptr) return fail(error_of(raw, sqlite3_errcode(raw)).with(part.native()));
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) {
    Error error = error_of(raw, finished != SQLITE_OK ? finished : stepped).with(part.native());
    copy.reset();
    std::filesystem::remove(part, ignored);
    return fail(std::move(error));
  }
  copy.reset();
  LENSFS_TRY(const Fd written, open_path(part, O_RDONLY));
  LENSFS_CHECK(sync_file(written.get()));
  std::error_code error;
  std::filesystem::rename(part, file, error);
  if (error) return fail(error_from_errno(error.value(), "rename the backup").with(file.native()));
  return sync_directory(std::filesystem::absolute(file, error).parent_path());
}

std::string_view sqlite_version() {
  return sqlite3_libversion();
}

}  // namespace lensfs
