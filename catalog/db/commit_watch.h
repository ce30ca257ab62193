// CommitWatch: tells of commits by any process, by watching SQLite's write-ahead log.
#pragma once

#include <filesystem>

#include "catalog/base/fd.h"

namespace lensfs {

// What is written to the log is seen before the commit is: after a wake-up, look again for a while.
// The log must be there and stay, so this process must have the database open. Not thread-safe.
class CommitWatch {
 public:
  CommitWatch() = default;
  // `database`: catalog.db. io if it cannot be watched.
  [[nodiscard]] static Result<CommitWatch> open(const std::filesystem::path& database);

  // Readable (poll) once something was written since drain().
  [[nodiscard]] int fd() const { return watch_.get(); }
  void drain() const;

 private:
  explicit CommitWatch(Fd watch) : watch_(std::move(watch)) {}
  Fd watch_;  // inotify
};

}  // namespace lensfs
