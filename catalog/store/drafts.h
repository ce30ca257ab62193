// Drafts: files being written, staging/drafts/<number>. Plain files that the kernel writes to by
// itself; the store makes objects of them when they are closed. They outlive the process that made
// them, for what was written and synced must be there after a crash.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/base/fd.h"

namespace lensfs {

// Thread-safe. Numbers come from the catalog and are never used twice.
class Drafts {
 public:
  // read_only when the directory is not there and cannot be made.
  [[nodiscard]] static Result<Drafts> open(const std::filesystem::path& staging);

  // A new, empty draft. What a crash left under its number goes.
  [[nodiscard]] Result<Fd> create(std::int64_t number, int access = O_RDWR) const;
  [[nodiscard]] Result<Fd> open(std::int64_t number, int flags) const;
  [[nodiscard]] Result<struct stat> status(std::int64_t number) const;
  // What is set on a new file while it is written is kept beside its bytes until it is saved: its
  // times are the draft's own, its permissions an attribute of it. Where there are some, they and
  // the draft's atime are the file's. not_supported by some file systems.
  struct Kept {
    std::int64_t mode = 0;
    Nanoseconds atime = 0;
  };
  [[nodiscard]] Status keep_mode(std::int64_t number, std::int64_t mode) const;
  [[nodiscard]] std::optional<Kept> kept(std::int64_t number) const;
  [[nodiscard]] static std::optional<Kept> kept(int file);  // open on the draft
  static void forget_mode(int file);
  // Nothing happens if it is not there.
  [[nodiscard]] Status set_mtime(std::int64_t number, Nanoseconds mtime) const;
  [[nodiscard]] Status set_atime(std::int64_t number, Nanoseconds atime) const;
  // Removing one that is not there is no error.
  [[nodiscard]] Status remove(std::int64_t number) const;
  [[nodiscard]] Result<std::vector<std::int64_t>> numbers() const;
  [[nodiscard]] std::filesystem::path path_of(std::int64_t number) const;
  // Makes the names of all drafts durable.
  [[nodiscard]] Status sync() const;

  static constexpr const char* kDirectory = "drafts";  // in staging/

 private:
  Drafts(std::filesystem::path path, Fd directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}
  [[nodiscard]] Status set_times(std::int64_t number, const timespec (&times)[2]) const;
  std::filesystem::path path_;
  Fd directory_;
};

}  // namespace lensfs
