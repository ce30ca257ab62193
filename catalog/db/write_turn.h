// WriteTurn: processes that write to one database take turns. SQLite's own lock is polled at
// growing pauses and taken again at once by whoever just had it, so a process with many short
// transactions (a library being read) keeps others from ever getting one in.
//
// A turnstile: who wants to write waits in the gate, alone; the next can only come to the gate once
// that one writes. So nobody passes twice while somebody waits. It is courtesy, not safety: where
// the file cannot be used, or a process is stopped in its turn, SQLite decides.
#pragma once

#include <filesystem>

#include "catalog/base/fd.h"

namespace lensfs {

// One for each connection that writes; not thread-safe.
class WriteTurn {
 public:
  WriteTurn() = default;
  // `database`: its file; the lock file lies beside it.
  explicit WriteTurn(const std::filesystem::path& database);

  // Waits for the turn, some seconds at most.
  void take();
  void give() noexcept;

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
  Fd file_;
};

}  // namespace lensfs
