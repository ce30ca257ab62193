// Database: one SQLite connection with its prepared statements. The only header that knows of
// sqlite3, and it does not show it. A connection is used by one thread at a time (pool.h).
//
//   LENSFS_TRY(auto row, db.one<Asset>(Asset::kFind, id));          // not_found if there is none
//   LENSFS_CHECK(db.each<Tag>(Tag::kAll, [&](Tag tag) { … }));      // streams rows
//   LENSFS_CHECK(db.run("DELETE FROM tags WHERE id = ?1", id));
//
// T is a struct with `static T from(const Row&)`, or a type that Row::get knows.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "catalog/base/content_id.h"
#include "catalog/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lensfs {

template <typename T>
concept IdType = std::is_enum_v<T>;

// Row: the columns of the row a statement stands on. Text and blobs are copied out by get; the
// views are valid until the next step.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;  // also of a BLOB: its bytes
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::optional<double> number(int column) const;

  template <typename T>
  [[nodiscard]] T get(int column) const {
    if constexpr (std::is_same_v<T, std::string>) {
      return std::string(text(column));
    } else if constexpr (std::is_same_v<T, ContentId>) {
      return content_id(column);
    } else if constexpr (std::is_same_v<T, bool>) {
      return integer(column) != 0;
    } else if constexpr (requires {
                           typename T::value_type;
                           T{std::nullopt};
                         }) {
      return is_null(column) ? T{std::nullopt} : T{get<typename T::value_type>(column)};
    } else {
      return static_cast<T>(integer(column));  // integers and ids
    }
  }

 private:
  [[nodiscard]] ContentId content_id(int column) const;
  sqlite3_stmt* statement_;
};

// Blob: bytes to bind as a BLOB rather than as TEXT.
struct Blob {
  std::string_view bytes;
};

class Database {
 public:
  enum class Mode { read_write, read_only };
  // Opens the file with the settings the project relies on: WAL, synchronous FULL, foreign keys,
  // busy timeout 10 s, defensive mode, limits on untrusted input. not_found if it does not exist
  // and `create` is no.
  enum class Create { yes, no };
  [[nodiscard]] static Result<Database> open(const std::filesystem::path& file, Mode mode,
                                             Create create);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // The first row, or not_found.
  template <typename T, typename... Args>
  [[nodiscard]] Result<T> one(std::string_view sql, const Args&... args) {
    LENSFS_TRY(Lease statement, bind_all(sql, args...));
    LENSFS_TRY(const bool any, step(statement.get()));
    if (!any) return fail(Errc::not_found);
    return make<T>(Row(statement.get()));
  }

  // The first row, or nothing.
  template <typename T, typename... Args>
  [[nodiscard]] Result<std::optional<T>> maybe(std::string_view sql, const Args&... args) {
    LENSFS_TRY(Lease statement, bind_all(sql, args...));
    LENSFS_TRY(const bool any, step(statement.get()));
    if (!any) return std::optional<T>();
    return std::optional<T>(make<T>(Row(statement.get())));
  }

  // Every row, as it comes. The callable may return void; bool, false to stop; or Status, whose
  // error ends the walk and is the answer.
  template <typename T, typename Visit, typename... Args>
  [[nodiscard]] Status each(std::string_view sql, Visit&& visit, const Args&... args) {
    LENSFS_TRY(Lease statement, bind_all(sql, args...));
    for (;;) {
      LENSFS_TRY(const bool any, step(statement.get()));
      if (!any) return {};
      using Answer = decltype(visit(make<T>(Row(statement.get()))));
      if constexpr (std::is_void_v<Answer>) {
        visit(make<T>(Row(statement.get())));
      } else if constexpr (std::is_same_v<Answer, bool>) {
        if (!visit(make<T>(Row(statement.get())))) return {};
      } else {
        LENSFS_CHECK(visit(make<T>(Row(statement.get()))));
      }
    }
  }

  // Runs a statement that gives no rows; the number of rows it changed.
  template <typename... Args>
  Result<std::int64_t> run(std::string_view sql, const Args&... args) {
    LENSFS_TRY(Lease statement, bind_all(sql, args...));
    LENSFS_TRY([[maybe_unused]] const bool any, step(statement.get()));
    return changed_rows();
  }

  // Several statements without parameters (schema files, pragmas).
  [[nodiscard]] Status script(std::string_view sql);
  [[nodiscard]] std::int64_t last_insert_id() const;
  // Differs from the last call's when another connection committed in between.
  [[nodiscard]] Result<std::int64_t> data_version();
  [[nodiscard]] Status begin_immediate();
  [[nodiscard]] Status begin_read();
  [[nodiscard]] Status commit();
  void rollback() noexcept;
  [[nodiscard]] bool in_transaction() const;
  // Whether it is one that writes: what it sees may never be committed.
  [[nodiscard]] bool is_writing() const;
  // Copies the whole database into a new file, consistently, while others use it.
  [[nodiscard]] Status backup_to(const std::filesystem::path& file);
  // The text of every statement prepared so far, for the test that reads their query plans.
  [[nodiscard]] std::vector<std::string> statements() const;

 private:
  // A statement taken from the cache; reset and given back when it goes.
  class Lease {
   public:
    Lease(Database* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
    Lease(Lease&& other) noexcept
        : db_(other.db_), statement_(std::exchange(other.statement_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (statement_ != nullptr) db_->give_back(statement_);
    }
    [[nodiscard]] sqlite3_stmt* get() const { return statement_; }

   private:
    Database* db_;
    sqlite3_stmt* statement_;
  };

  template <typename T>
  static T make(const Row& row) {
    if constexpr (requires { T::from(row); }) {
      return T::from(row);
    } else {
      return row.get<T>(0);
    }
  }

  template <typename... Args>
  Result<Lease> bind_all(std::string_view sql, const Args&... args) {
    LENSFS_TRY(sqlite3_stmt * statement, take(sql));
    Lease lease(this, statement);
    [[maybe_unused]] int index = 0;
    Status status;
    ((status = status ? bind(statement, ++index, args) : std::move(status)), ...);
    if (!status) return fail(std::move(status).error());
    return lease;
  }

  template <typename T>
  Status bind(sqlite3_stmt* statement, int index, const T& value) {
    if constexpr (std::is_same_v<T, Blob>) {
      return bind_blob(statement, index, value.bytes);
    } else if constexpr (std::is_same_v<T, ContentId>) {
      return bind_blob(statement, index,
                       {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      return bind_text(statement, index, value);
    } else if constexpr (std::is_same_v<T, std::nullopt_t>) {
      return bind_null(statement, index);
    } else if constexpr (requires { value.has_value(); }) {
      return value.has_value() ? bind(statement, index, *value) : bind_null(statement, index);
    } else if constexpr (std::is_floating_point_v<T>) {
      return bind_number(statement, index, value);
    } else {
      return bind_integer(statement, index, static_cast<std::int64_t>(value));
    }
  }

  struct State;
  explicit Database(std::unique_ptr<State> state);
  Result<sqlite3_stmt*> take(std::string_view sql);
  void give_back(sqlite3_stmt* statement) noexcept;
  Result<bool> step(sqlite3_stmt* statement);
  Status bind_text(sqlite3_stmt* statement, int index, std::string_view text);
  Status bind_blob(sqlite3_stmt* statement, int index, std::string_view bytes);
  Status bind_integer(sqlite3_stmt* statement, int index, std::int64_t value);
  Status bind_number(sqlite3_stmt* statement, int index, double value);
  Status bind_null(sqlite3_stmt* statement, int index);
  std::int64_t changed_rows() const;

  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string_view sqlite_version();  // of the library in use: "3.40.1"

}  // namespace lensfs
