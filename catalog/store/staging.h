// StagingSession: the directory in which one open Store prepares files.
//
// staging/<pid>-<random>/ holds the files and `lock`, on which the session keeps an exclusive flock
// for its life: a directory whose lock is free belongs to a dead process. staging/open.lock makes
// "make mine" and "remove the dead ones" one step, so that nobody removes a directory that is just
// being made.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "catalog/base/fd.h"
#include "catalog/base/result.h"

namespace lensfs {

// The numbers by which files of a directory are called that have this extension (".bytes", or
// none).
[[nodiscard]] Result<std::vector<std::int64_t>> numbered_files(
    const std::filesystem::path& directory, std::string_view extension);

// In staging/: what mounts made and have not written into the catalog (fs/creation_log.h).
inline constexpr const char* kNewFilesDirectory = "new";

class StagingSession {
 public:
  // Removes what dead sessions left in `staging`, then starts a session there.
  [[nodiscard]] static Result<std::unique_ptr<StagingSession>> start(
      const std::filesystem::path& staging);
  ~StagingSession();  // removes the directory and what is left in it
  StagingSession(const StagingSession&) = delete;
  StagingSession& operator=(const StagingSession&) = delete;

  // A name in the directory that nobody has. Thread-safe.
  [[nodiscard]] std::filesystem::path new_path();

 private:
  StagingSession(std::filesystem::path directory, Fd lock);

  std::filesystem::path directory_;
  Fd lock_;
  std::atomic<std::uint64_t> next_{1};
};

}  // namespace lensfs
