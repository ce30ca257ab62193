// Pool: one writing connection and as many reading ones as are wanted at once. Thread-safe.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "catalog/db/database.h"

namespace lensfs {

class Transaction;

class Pool {
 public:
  // Reader: a connection that is this thread's until it goes.
  class Reader {
   public:
    Reader(Pool* pool, std::unique_ptr<Database> db) : pool_(pool), db_(std::move(db)) {}
    Reader(Reader&& other) noexcept = default;
    Reader& operator=(Reader&&) = delete;
    ~Reader() {
      if (db_) pool_->give_back(std::move(db_));
    }
    Database& operator*() const { return *db_; }
    Database* operator->() const { return db_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Database> db_;
  };

  [[nodiscard]] static Result<std::unique_ptr<Pool>> open(const std::filesystem::path& file);

  [[nodiscard]] Result<Reader> reader();
  // Runs `work` in one write transaction (BEGIN IMMEDIATE): committed when it returns success,
  // rolled back otherwise. One at a time in this process; other processes are waited for.
  template <typename Work>
  auto write(Work&& work) -> decltype(work(std::declval<Transaction&>()));

 private:
  explicit Pool(std::filesystem::path file) : file_(std::move(file)) {}
  void give_back(std::unique_ptr<Database> db) noexcept;

  std::filesystem::path file_;
  std::mutex readers_mutex_;  // guards idle_; rank: leaf
  std::vector<std::unique_ptr<Database>> idle_;
  std::mutex writer_mutex_;  // guards writer_; held for a whole write transaction
  std::unique_ptr<Database> writer_;
};

}  // namespace lensfs

#include "catalog/db/transaction.h"
