#include "tools/ingest/source.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace lensfs {
namespace {

// Whether the failure says that there is no openat2: an older kernel, or a filter of system calls.
bool has_no_openat2(int error_number) {
  return error_number == ENOSYS || error_number == EPERM;
}

// One name in a directory: no link is followed on the way, nor out of it, whatever the name is.
Result<Fd> open_beneath(int directory, const std::string& name, int flags) {
  open_how how{};
  how.flags = static_cast<__u64>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long opened = ::syscall(SYS_openat2, directory, name.c_str(), &how, sizeof how);
  if (opened >= 0) return Fd(static_cast<int>(opened));
  if (!has_no_openat2(errno)) return last_error("open");
  // Names come from listings and hold no slash, so that O_NOFOLLOW alone does it.
  return open_at(directory, name, flags | O_NOFOLLOW);
}

Result<Fd> open_named(int directory, const std::string& name, int flags, Follow follow) {
  return follow == Follow::yes ? open_at(directory, name, flags)
                               : open_beneath(directory, name, flags);
}

}  // namespace

Fingerprint fingerprint_of(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .mtime = from_timespec(status.st_mtim),
          .ctime = from_timespec(status.st_ctim)};
}

std::string joined(const std::string& directory, const std::string& name) {
  if (directory.empty()) return name;
  return directory.back() == '/' ? directory + name : directory + "/" + name;
}

std::string SourceFile::shown() const {
  return joined(directory->shown, name);
}
std::string SourceFile::absolute() const {
  return joined(directory->absolute, name);
}

Result<Fd> open_source(int directory, const std::string& name, Follow follow) {
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  // Only the owner may ask for O_NOATIME; for everybody else it is EPERM.
  auto quiet = open_named(directory, name, flags | O_NOATIME, follow);
  if (quiet || quiet.error().code() != Errc::not_permitted) return quiet;
  return open_named(directory, name, flags, follow);
}

Result<Fd> open_source_directory(int directory, const std::string& name, Follow follow) {
  return open_named(directory, name, O_RDONLY | O_DIRECTORY, follow);
}

std::string path_of_directory(int directory, const std::string& otherwise) {
  std::string path(PATH_MAX, '\0');
  const std::string link = "/proc/self/fd/" + std::to_string(directory);
  const ssize_t length = ::readlink(link.c_str(), path.data(), path.size());
  if (length <= 0 || path.front() != '/') return otherwise;
  path.resize(static_cast<std::size_t>(length));
  return path;
}

Status keep_writers_away(int file) {
  // The default action of SIGURG is to be ignored, that of SIGIO to end the process.
  if (::fcntl(file, F_SETSIG, SIGURG) != 0) return last_error("set the signal of a lease");
  if (::fcntl(file, F_SETLEASE, F_RDLCK) == 0) return {};
  if (errno == EAGAIN) return fail(Errc::busy, "open for writing elsewhere");
  return fail(Errc::not_supported, "no leases here");
}

}  // namespace lensfs
