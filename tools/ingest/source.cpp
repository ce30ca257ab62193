#include "tools/ingest/source.h"

#include <fcntl.h>
#include <signal.h>

namespace lensfs {

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
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | (follow == Follow::no ? O_NOFOLLOW : 0);
  // Only the owner may ask for O_NOATIME; for everybody else it is EPERM.
  auto quiet = open_at(directory, name, flags | O_NOATIME);
  if (quiet || quiet.error().code() != Errc::not_permitted) return quiet;
  return open_at(directory, name, flags);
}

Result<Fd> open_source_directory(int directory, const std::string& name, Follow follow) {
  return open_at(directory, name, O_RDONLY | O_DIRECTORY | (follow == Follow::no ? O_NOFOLLOW : 0));
}

Status keep_writers_away(int file) {
  // The default action of SIGURG is to be ignored, that of SIGIO to end the process.
  if (::fcntl(file, F_SETSIG, SIGURG) != 0) return last_error("set the signal of a lease");
  if (::fcntl(file, F_SETLEASE, F_RDLCK) == 0) return {};
  if (errno == EAGAIN) return fail(Errc::busy, "open for writing elsewhere");
  return fail(Errc::not_supported, "no leases here");
}

}  // namespace lensfs
