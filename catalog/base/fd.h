// File descriptors that close themselves, and the few system calls that every layer needs,
// with failures as values. Interrupted calls are repeated.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "catalog/base/result.h"

namespace lensfs {

// Fd: owns one descriptor. Movable; -1 when empty.
class Fd {
 public:
  Fd() noexcept = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

// O_CLOEXEC is always added. `at` may be AT_FDCWD.
[[nodiscard]] Result<Fd> open_at(int at, const std::string& path, int flags, mode_t mode = 0666);
[[nodiscard]] Result<Fd> open_path(const std::filesystem::path& path, int flags,
                                   mode_t mode = 0666);
[[nodiscard]] Result<struct stat> stat_of(int fd);

// Reads until `into` is full or the file ends; the count says which.
[[nodiscard]] Result<std::size_t> read_full(int fd, std::span<std::byte> into, off_t offset);
[[nodiscard]] Status write_full(int fd, std::span<const std::byte> bytes, off_t offset);
// The whole of a small file (at most `limit` bytes; too_big beyond).
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& path,
                                            std::size_t limit = 1 << 20);
// Writes a small file so that a crash leaves the old or the new one: temporary, fsync, rename.
[[nodiscard]] Status write_text(const std::filesystem::path& path, std::string_view text);

[[nodiscard]] Status sync_file(int fd);  // fsync
[[nodiscard]] Status sync_directory(const std::filesystem::path& directory);
// Flushes everything written to the file system that `fd` lies on (syncfs): one barrier for many
// files. Fails with `io` when any write to it failed since the descriptor was opened.
[[nodiscard]] Status sync_file_system(int fd);

// Whether somebody has the file open for writing, or mapped for it, in any process; the kernel
// tells by refusing a lease. `fd` is open for reading only. No where the file system has no leases.
// SIGIO must be ignored by the caller's process.
[[nodiscard]] bool is_open_for_writing(int fd) noexcept;

// Takes an advisory lock (flock). busy if somebody else holds it and `wait` is no.
enum class LockMode { shared, exclusive };
enum class Wait { yes, no };
[[nodiscard]] Status lock_file(int fd, LockMode mode, Wait wait);
void unlock_file(int fd) noexcept;

}  // namespace lensfs
