// The log of the database (catalog.db-wal), written in one piece for each commit.
//
// SQLite writes each page of a commit with two writes, some twenty to thirty in all for a file that
// is renamed. Nobody looks at them before the commit is told to other connections, and that happens
// after the last one: until then they are collected here. All else is SQLite's own "unix" VFS, and
// so is what goes to the log before a commit, where the pages of a long transaction do not fit into
// the cache.
// Source of the form: sqlite.org/fileformat2.html, section 4, "The Write-Ahead Log".
#pragma once

namespace lensfs {

// The name of the VFS, for sqlite3_open_v2; null when it could not be registered, which stands for
// SQLite's own. Thread-safe; to be called after sqlite3_config.
[[nodiscard]] const char* log_file_vfs();

// While one lives, what this thread writes to a log is the pages of one commit. What did not go out
// by then, because the commit failed, never does.
class WholeCommit {
 public:
  WholeCommit();
  ~WholeCommit();
  WholeCommit(const WholeCommit&) = delete;
  WholeCommit& operator=(const WholeCommit&) = delete;
};

}  // namespace lensfs
