#include "catalog/base/fd.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace lensfs {
namespace {

// Repeats a system call that a signal interrupted.
template <typename Call>
auto retried(Call call) noexcept {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  const auto parent = path.parent_path();
  return parent.empty() ? std::filesystem::path(".") : parent;
}

Status write_and_sync(const std::filesystem::path& path, std::string_view text) {
  LENSFS_TRY(const Fd file, open_path(path, O_WRONLY | O_CREAT | O_EXCL));
  LENSFS_CHECK(write_full(file.get(), std::as_bytes(std::span(text)), 0));
  return sync_file(file.get());
}

}  // namespace

void Fd::reset(int fd) noexcept {
  // Not repeated when interrupted: Linux has released the number by then.
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<Fd> open_at(int at, const std::string& path, int flags, mode_t mode) {
  const int fd = retried([&] { return ::openat(at, path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) return last_error("open");
  return Fd(fd);
}

Result<Fd> open_path(const std::filesystem::path& path, int flags, mode_t mode) {
  return open_at(AT_FDCWD, path.native(), flags, mode);
}

Result<struct stat> stat_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return last_error("stat");
  return status;
}

Result<std::size_t> read_full(int fd, std::span<std::byte> into, off_t offset) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t count = retried([&] {
      return ::pread(fd, into.data() + done, into.size() - done, offset + static_cast<off_t>(done));
    });
    if (count < 0) return last_error("read");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Status write_full(int fd, std::span<const std::byte> bytes, off_t offset) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = retried([&] {
      return ::pwrite(fd, bytes.data() + done, bytes.size() - done,
                      offset + static_cast<off_t>(done));
    });
    if (count < 0) return last_error("write");
    done += static_cast<std::size_t>(count);
  }
  return {};
}

Result<std::string> read_text(const std::filesystem::path& path, std::size_t limit) {
  LENSFS_TRY(const Fd file, open_path(path, O_RDONLY));
  LENSFS_TRY(const struct stat status, stat_of(file.get()));
  if (S_ISDIR(status.st_mode)) return fail(Errc::is_directory, "read");
  // Not the size that stat says: files of /proc and /sys say 0. One byte more than the limit
  // tells a file that is too big from one that just fits.
  std::string text;
  std::size_t done = 0;
  std::size_t step = 4096;
  while (done <= limit) {
    text.resize(std::min(done + step, limit + 1));
    const auto room = std::as_writable_bytes(std::span(text)).subspan(done);
    LENSFS_TRY(const std::size_t count, read_full(file.get(), room, static_cast<off_t>(done)));
    done += count;
    step *= 2;
    if (count < room.size()) break;
  }
  if (done > limit) return fail(Errc::too_big, "read");
  text.resize(done);
  return text;
}

Status write_text(const std::filesystem::path& path, std::string_view text) {
  static std::atomic<unsigned> serial{0};
  const auto directory = directory_of(path);
  const auto temporary =
      directory / fmt::format(".{}.{}-{}.tmp", path.filename().native(), ::getpid(), serial++);
  Status written = write_and_sync(temporary, text);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = last_error("rename");
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return sync_directory(directory);
}

Status sync_file(int fd) {
  if (retried([&] { return ::fsync(fd); }) != 0) return last_error("fsync");
  return {};
}

Status sync_directory(const std::filesystem::path& directory) {
  LENSFS_TRY(const Fd fd, open_path(directory, O_RDONLY | O_DIRECTORY));
  return sync_file(fd.get());
}

Status sync_file_system(int fd) {
  if (retried([&] { return ::syncfs(fd); }) != 0) return last_error("syncfs");
  return {};
}

bool is_open_for_writing(int fd) noexcept {
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  ::fcntl(fd, F_SETLEASE, F_UNLCK);
  return false;
}

Status lock_file(int fd, LockMode mode, Wait wait) {
  const int operation =
      (mode == LockMode::shared ? LOCK_SH : LOCK_EX) | (wait == Wait::yes ? 0 : LOCK_NB);
  if (retried([&] { return ::flock(fd, operation); }) != 0) return last_error("lock");
  return {};
}

void unlock_file(int fd) noexcept {
  ::flock(fd, LOCK_UN);
}

}  // namespace lensfs
