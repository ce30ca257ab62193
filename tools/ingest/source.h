// Source files and directories: found by name once, then reached only through descriptors, so that
// nothing that is swapped underneath (a symlink for a directory, a fifo for a file) is followed.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>

#include "catalog/base/clock.h"
#include "catalog/base/fd.h"
#include "catalog/model/ingest.h"

namespace lensfs {

// Fingerprint: what differs when a file is another one or has changed.
struct Fingerprint {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  Nanoseconds mtime = 0;
  Nanoseconds ctime = 0;
  bool operator==(const Fingerprint&) const = default;
};
[[nodiscard]] Fingerprint fingerprint_of(const struct stat& status);

// SourceDirectory: a directory that is being ingested. Shared by its files and subdirectories
// while they wait in the pipeline; the descriptor closes with the last of them.
struct SourceDirectory {
  Fd fd;
  std::string shown;     // as a person would name it
  std::string absolute;  // key of remembered sources
  std::shared_ptr<SourceDirectory> parent;
  // The folder it becomes below the parent's; nothing: its contents go where the parent's go.
  std::optional<NewFolder> folder;
  std::optional<FolderId> found;  // the folder in the catalog before this run; set by the walker
  std::optional<FolderId> made;   // set and read by the committer only
};

enum class Follow { no, yes };

// SourceRun: files of one directory that become one sequence.
struct SourceRun {
  std::size_t files = 0;  // set before the first of them is visited
};

struct SourceFile {
  std::shared_ptr<SourceDirectory> directory;
  std::string name;
  struct stat seen {};  // when the walker came by
  Follow follow = Follow::no;
  std::shared_ptr<SourceRun> run{};  // null: a file by itself

  [[nodiscard]] std::string shown() const;
  [[nodiscard]] std::string absolute() const;
};

// "a" + "b" -> "a/b"; "/" + "b" -> "/b"; "" + "b" -> "b".
[[nodiscard]] std::string joined(const std::string& directory, const std::string& name);

// Opens one name in a directory. Unless links are to be followed, nothing that is swapped
// underneath leads out of the directory: not the name itself, and no part of it.
//
// For reading, without waiting for a fifo and, where allowed, without touching the access time.
[[nodiscard]] Result<Fd> open_source(int directory, const std::string& name, Follow follow);
[[nodiscard]] Result<Fd> open_source_directory(int directory, const std::string& name,
                                               Follow follow);

// Where a directory that is open lies, without links; `otherwise` where the kernel does not say.
[[nodiscard]] std::string path_of_directory(int directory, const std::string& otherwise);

// Keeps writers away while a file is taken over as it is. busy when one has it open now,
// not_supported where the file system has no leases. Ends when the descriptor is closed.
[[nodiscard]] Status keep_writers_away(int file);

}  // namespace lensfs
