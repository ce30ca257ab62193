// Pool: one writing connection and as many reading ones as are wanted at once. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "catalog/base/fd.h"
#include "catalog/db/database.h"
#include "catalog/db/write_turn.h"

namespace lensfs {

class Transaction;

// Deferred: writes that a process answers for before they are in the database. They go into it, all
// at once, before anything else that this process writes. Thread-safe.
class Deferred {
 public:
  // finished: not what is likely to be changed a moment later.
  enum class Which { all, finished };
  virtual ~Deferred() = default;
  [[nodiscard]] virtual bool any() const = 0;
  // Writes what there is now; then, when that is committed, written(). One thread at a time calls
  // these; on an error nothing is committed, and they are called again.
  [[nodiscard]] virtual Status write(Transaction& txn, Which which) = 0;
  virtual void written() = 0;
};

class Pool {
 public:
  // Which state of the database a connection looks at.
  struct View {
    std::uint64_t state = 0;  // WriteTurn::state; 0: it is not known to be any
    std::chrono::steady_clock::time_point began;
  };
  // Reader: a connection that is this thread's until it goes.
  class Reader {
   public:
    Reader(Pool* pool, std::unique_ptr<Database> db) : pool_(pool), db_(std::move(db)) {}
    Reader(Reader&& other) noexcept = default;
    Reader& operator=(Reader&&) = delete;
    ~Reader() {
      if (db_) pool_->give_back(std::move(db_), view_);
    }
    Database& operator*() const { return *db_; }
    Database* operator->() const { return db_.get(); }

   private:
    friend class Pool;
    Pool* pool_;
    std::unique_ptr<Database> db_;
    View view_;
  };

  [[nodiscard]] static Result<std::unique_ptr<Pool>> open(const std::filesystem::path& file);

  [[nodiscard]] Result<Reader> reader();
  // A reader that looks at one moment, now, for as long as it lives. Costs little where nothing was
  // committed since the last one: that one's moment is this one's.
  [[nodiscard]] Result<Reader> snapshot();
  // What was committed by others made the moments of idle readers old: the log need not keep them.
  void forget_moments() noexcept { forget_moments(Which::old); }
  // Runs `work` in one write transaction (BEGIN IMMEDIATE): committed when it returns success,
  // rolled back otherwise. One at a time in this process; other processes are waited for.
  template <typename Work>
  auto write(Work&& work) -> decltype(work(std::declval<Transaction&>()));
  // The same, but what it committed may be lost when the power goes before the next write() or
  // sync(); never when only a process dies.
  template <typename Work>
  auto write_soon(Work&& work) -> decltype(work(std::declval<Transaction&>()));
  // write_soon for what makes, moves and removes no names: others may defer writes meanwhile, and
  // of those that are deferred only the finished ones need be in the database.
  template <typename Work>
  auto write_beside(Work&& work) -> decltype(work(std::declval<Transaction&>()));

  // --- deferred writes
  // From now on this pool writes what `deferred` holds; null: no more. Before anybody else uses it.
  void set_deferred(Deferred* deferred) { deferred_ = deferred; }
  // Runs `work`, which may add to what is deferred. From then until that is written nothing that
  // makes names is committed, by this process (but what is begun by write_beside) or by others,
  // whose readers wait as well. The argument: whether that can be relied on.
  template <typename Work>
  auto defer(Work&& work) -> decltype(work(true));
  // What was deferred before the call is in the database; of what nobody waits for, what is
  // finished. Cheap if there is nothing.
  [[nodiscard]] Status settle(Deferred::Which which = Deferred::Which::all);
  // Makes durable what write_soon committed in this process.
  [[nodiscard]] Status sync();
  // Sees to it that the log has room on the disk for some thousand changes to come, so that a disk
  // that is full does not keep people from removing things. Cheap where the room is there; a disk
  // that has none is no error.
  void keep_room();

 private:
  enum class Durable { yes, no };
  template <typename Work>
  auto write_as(Durable durable, Work&& work) -> decltype(work(std::declval<Transaction&>()));
  // These five under writer_mutex_.
  template <typename Work>
  auto write_now(Durable durable, Deferred::Which first, Work&& work)
      -> decltype(work(std::declval<Transaction&>()));
  template <typename Work>
  auto transact(Durable durable, Work&& work) -> decltype(work(std::declval<Transaction&>()));
  Status write_deferred(Deferred::Which which);
  Status commit();
  Status set_durability(Durable durable);
  Status open_log();  // under sync_mutex_
  bool begin_deferring();
  void end_deferring();
  void end_turn_if_idle();  // under deferral_mutex_

  explicit Pool(std::filesystem::path file) : file_(std::move(file)), turn_(file_) {}
  void give_back(std::unique_ptr<Database> db, const View& view) noexcept;
  enum class Which { old, all };
  void forget_moments(Which which) noexcept;

  // A write transaction. SQLite empties its log at a commit, as far as nobody looks at an older
  // moment: idle readers do not meanwhile, or the log would grow for as long as people read.
  class Writing {
   public:
    explicit Writing(Pool& pool) : pool_(pool) {
      pool_.is_writing_ = true;
      pool_.forget_moments(Which::all);
    }
    ~Writing() { pool_.is_writing_ = false; }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

   private:
    Pool& pool_;
  };

  std::filesystem::path file_;
  struct Kept {
    std::unique_ptr<Database> db;
    View view;
  };
  std::mutex readers_mutex_;  // guards the two below; rank: leaf
  std::vector<std::unique_ptr<Database>> idle_;
  std::vector<Kept> looking_;  // idle as well, and still at their moment
  std::atomic<bool> is_writing_ = false;
  std::mutex names_mutex_;   // held while names are made, or deferred; before writer_mutex_
  std::mutex writer_mutex_;  // guards writer_; held for a whole write transaction
  std::unique_ptr<Database> writer_;
  WriteTurn turn_;  // among processes
  Deferred* deferred_ = nullptr;
  std::mutex deferral_mutex_;                // guards the three below; rank: leaf
  int deferring_ = 0;                        // calls of defer that go on
  bool keeps_turn_ = false;                  // over what is deferred
  bool has_turn_ = false;                    // it came when it was asked for
  Durable durability_ = Durable::yes;        // how writer_ commits now
  std::atomic<std::uint64_t> committed_{0};  // commits of write_soon
  std::mutex sync_mutex_;                    // guards the two below; rank: leaf
  std::uint64_t synced_ = 0;
  Fd log_;  // catalog.db-wal
};

}  // namespace lensfs

#include "catalog/db/transaction.h"
