// WriteTurn: processes that write to one database take turns. SQLite's own lock is polled at
// growing pauses and taken again at once by whoever just had it, so a process with many short
// transactions (a library being read) keeps others from ever getting one in.
//
// A turnstile: who wants to write waits in the gate, alone; the next can only come to the gate once
// that one writes. So nobody passes twice while somebody waits. It is courtesy, not safety: where
// the file cannot be used, or a process is stopped in its turn, SQLite decides.
//
// The file also tells other processes, in memory that all of them share, that somebody keeps the
// turn over writes that are not in the database yet (pool.h), so that readers wait until those are;
// and how often the database was changed, so that a reader can tell without asking SQLite whether
// what it looked at a moment ago is still how things are.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>

#include "catalog/base/fd.h"

namespace lensfs {

// Thread-safe.
class WriteTurn {
 public:
  // `database`: its file; the lock file lies beside it.
  explicit WriteTurn(const std::filesystem::path& database);
  ~WriteTurn();
  WriteTurn(const WriteTurn&) = delete;
  WriteTurn& operator=(const WriteTurn&) = delete;

  // Waits for the turn, some seconds at most; false if it did not come. Who has it may take it
  // again, and gives it as often as it was taken, whatever take() said.
  bool take();
  void give() noexcept;
  // Whether another process waits for the turn.
  [[nodiscard]] bool is_wanted() const;

  // --- writes that are not in the database yet; by whoever has the turn
  void begin_deferring() noexcept;
  void end_deferring() noexcept;
  // Those that were deferred until now are in the database.
  void note_written() noexcept;
  // Waits until what another process defers now is in the database; a fraction of a second at most.
  void await_deferred() const;

  // --- commits
  // By whoever holds SQLite's lock, before and after the commit.
  void begin_commit() noexcept;
  void end_commit() noexcept;
  // A number that differs after each commit of any process; 0 while one is being made.
  [[nodiscard]] std::uint64_t state() const noexcept;

  class Taken {
   public:
    explicit Taken(WriteTurn& turn) : turn_(turn) { turn_.take(); }
    ~Taken() { turn_.give(); }
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;

   private:
    WriteTurn& turn_;
  };

 private:
  // What all processes see; of the size of a page, in the lock file.
  struct Shared {
    std::atomic<std::uint32_t> deferring;  // 1 while somebody defers
    std::atomic<std::uint32_t> written;    // counts note_written
    std::atomic<std::uint64_t> begun;      // commits
    std::atomic<std::uint64_t> ended;
  };
  Fd file_;
  Shared* shared_ = nullptr;  // null where the file cannot be used
  std::mutex mutex_;          // guards the two below; held while the turn is waited for
  int taken_ = 0;
  bool has_come_ = false;
};

}  // namespace lensfs
