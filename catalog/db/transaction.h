// Transaction: proof by type that a write transaction is open. What changes the catalog takes a
// Transaction&; nothing else can make one.
#pragma once

#include "catalog/base/clock.h"
#include "catalog/db/database.h"
#include "catalog/db/pool.h"

namespace lensfs {

class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] Database& db() { return db_; }
  // The moment of this transaction: every row it writes carries the same one.
  [[nodiscard]] Nanoseconds now() const { return now_; }
  // The first and the last row of the change log that this transaction added; 0: none.
  struct Logged {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };
  [[nodiscard]] const Logged& logged() const { return logged_; }
  void note_logged(std::int64_t change) {
    if (logged_.first == 0) logged_.first = change;
    logged_.last = change;
  }

 private:
  friend class Pool;
  Transaction(Database& db, Nanoseconds now) : db_(db), now_(now) {}
  Database& db_;
  Nanoseconds now_;
  Logged logged_;
};

// Snapshot: what a reader reads while it lives is of one moment, and each statement costs less, for
// only the first takes the database's lock.
class Snapshot {
 public:
  explicit Snapshot(Database& db) : db_(db.begin_read() ? &db : nullptr) {}
  ~Snapshot() {
    if (db_ != nullptr) db_->rollback();  // nothing was written
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database* db_;  // null when none could be begun: reads work all the same
};

template <typename Work>
auto Pool::write(Work&& work) -> decltype(work(std::declval<Transaction&>())) {
  return write_as(Durable::yes, std::forward<Work>(work));
}

template <typename Work>
auto Pool::write_soon(Work&& work) -> decltype(work(std::declval<Transaction&>())) {
  return write_as(Durable::no, std::forward<Work>(work));
}

template <typename Work>
auto Pool::write_beside(Work&& work) -> decltype(work(std::declval<Transaction&>())) {
  const std::scoped_lock lock(writer_mutex_);
  return write_now(Durable::no, Deferred::Which::finished, std::forward<Work>(work));
}

template <typename Work>
auto Pool::write_as(Durable durable, Work&& work) -> decltype(work(std::declval<Transaction&>())) {
  const std::scoped_lock names(names_mutex_);
  const std::scoped_lock lock(writer_mutex_);
  return write_now(durable, Deferred::Which::all, std::forward<Work>(work));
}

template <typename Work>
auto Pool::write_now(Durable durable, Deferred::Which first, Work&& work)
    -> decltype(work(std::declval<Transaction&>())) {
  LENSFS_CHECK(write_deferred(first));
  return transact(durable, std::forward<Work>(work));
}

template <typename Work>
auto Pool::transact(Durable durable, Work&& work) -> decltype(work(std::declval<Transaction&>())) {
  LENSFS_CHECK(set_durability(durable));
  const WriteTurn::Taken turn(turn_);
  const Writing writing(*this);
  LENSFS_CHECK(writer_->begin_immediate());
  Transaction transaction(*writer_, Clock().now());
  auto result = work(transaction);
  if (!result) {
    writer_->rollback();
    return result;
  }
  if (auto committed = commit(); !committed) {
    writer_->rollback();
    return fail(std::move(committed).error());
  }
  if (durable == Durable::no) committed_.fetch_add(1);
  return result;
}

template <typename Work>
auto Pool::defer(Work&& work) -> decltype(work(true)) {
  const std::scoped_lock names(names_mutex_);
  const bool is_alone = begin_deferring();
  auto result = work(is_alone);
  end_deferring();
  return result;
}

}  // namespace lensfs
