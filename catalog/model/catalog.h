// Catalog: a library opened for use. Owns the database pool and the store; the one object that
// fs, transcode and tools are handed. Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "catalog/db/pool.h"
#include "catalog/db/transaction.h"
#include "catalog/store/store.h"

namespace lensfs {

class Catalog {
 public:
  // Makes a new library in a directory that is missing or empty. exists if one is there,
  // not_empty if other things are.
  [[nodiscard]] static Status create(const std::filesystem::path& library);
  // Opens a library, migrating it if need be. not_found (with a hint) if there is none.
  struct Options {
    Store::Options store;
  };
  [[nodiscard]] static Result<std::unique_ptr<Catalog>> open(const std::filesystem::path& library,
                                                             Options options);
  [[nodiscard]] static Result<std::unique_ptr<Catalog>> open(const std::filesystem::path& library);
  // Whether the directory holds a library (catalog.db and objects/).
  [[nodiscard]] static bool is_library(const std::filesystem::path& directory);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::string& uuid() const { return uuid_; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] Result<Pool::Reader> read() { return pool_->reader(); }
  // What it reads is of one moment; the cheapest for a request that reads a few rows.
  [[nodiscard]] Result<Pool::Reader> snapshot() { return pool_->snapshot(); }
  template <typename Work>
  auto write(Work&& work) {
    return pool_->write(std::forward<Work>(work));
  }
  // The same, made durable by the next write or sync.
  template <typename Work>
  auto write_soon(Work&& work) {
    return pool_->write_soon(std::forward<Work>(work));
  }
  // The same, for what makes, moves and removes no names: does not keep others from deferring.
  template <typename Work>
  auto write_beside(Work&& work) {
    return pool_->write_beside(std::forward<Work>(work));
  }
  [[nodiscard]] Status sync() { return pool_->sync(); }
  // Deferred writes (pool.h).
  [[nodiscard]] Pool& pool() { return *pool_; }
  // Room for changes to come, on a disk that others fill.
  void keep_room() { pool_->keep_room(); }
  // quick structural check of the database (integrity and foreign keys): empty when all is well.
  [[nodiscard]] Result<std::vector<std::string>> check_database();

 private:
  Catalog() = default;
  std::filesystem::path path_;
  std::string uuid_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Store> store_;
};

}  // namespace lensfs
