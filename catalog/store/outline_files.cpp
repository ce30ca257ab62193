#include "catalog/store/outline_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "catalog/store/staging.h"

namespace lensfs {
namespace {

constexpr std::array kSuffixes = {".bytes", ".layout", ".slots"};
constexpr const char* kWaited = "waited";
constexpr mode_t kMode = 0600;

}  // namespace

Result<OutlineStore> OutlineStore::open(const std::filesystem::path& library) {
  std::filesystem::path path = library / "staging" / kDirectory;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES) {
    return last_error("make the directory of outlines");
  }
  auto directory = open_path(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return fail(Error(Errc::read_only, "no outlines here").with(path.native()));
  return OutlineStore(std::move(path), *std::move(directory));
}

Result<OutlineStore::Files> OutlineStore::create() const {
  Files files;
  for (Fd* const file : {&files.bytes, &files.layout, &files.slots}) {
    file->reset(::open(path_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kMode));
    if (!*file) return last_error("make the files of an outline");
  }
  return files;
}

Status OutlineStore::keep(const Files& files, std::int64_t number) const {
  LENSFS_CHECK(remove(number));
  const std::array fds = {files.bytes.get(), files.layout.get(), files.slots.get()};
  for (std::size_t i = 0; i < fds.size(); ++i) {
    const std::string from = "/proc/self/fd/" + std::to_string(fds.at(i));
    const std::string to = std::to_string(number) + kSuffixes.at(i);
    if (::linkat(AT_FDCWD, from.c_str(), directory_.get(), to.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return last_error("keep the files of an outline");
    }
  }
  return {};
}

Result<OutlineStore::Files> OutlineStore::open_files(std::int64_t number) const {
  Files files;
  const std::string name = std::to_string(number);
  LENSFS_TRY(files.bytes, open_at(directory_.get(), name + kSuffixes[0], O_RDWR | O_NOFOLLOW));
  LENSFS_TRY(files.layout, open_at(directory_.get(), name + kSuffixes[1], O_RDONLY | O_NOFOLLOW));
  LENSFS_TRY(files.slots, open_at(directory_.get(), name + kSuffixes[2], O_RDWR | O_NOFOLLOW));
  return files;
}

Status OutlineStore::remove(std::int64_t number) const {
  for (const char* const suffix : kSuffixes) {
    const std::string name = std::to_string(number) + suffix;
    if (::unlinkat(directory_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
      return last_error("remove the files of an outline");
    }
  }
  return {};
}

void OutlineStore::note_waited() const {
  const Fd file(::openat(directory_.get(), kWaited, O_WRONLY | O_CREAT | O_CLOEXEC, kMode));
  if (file) static_cast<void>(::futimens(file.get(), nullptr));
}

Nanoseconds OutlineStore::last_waited() const {
  struct stat status {};
  const bool known = ::fstatat(directory_.get(), kWaited, &status, AT_SYMLINK_NOFOLLOW) == 0;
  return known ? from_timespec(status.st_mtim) : 0;
}

Result<std::vector<std::int64_t>> OutlineStore::numbers() const {
  return numbered_files(path_, kSuffixes[0]);
}

Result<OutlineStore::Use> OutlineStore::use_of(std::int64_t number) const {
  constexpr std::uint64_t kBlock = 512;
  Use use;
  for (const char* const suffix : kSuffixes) {
    const std::string name = std::to_string(number) + suffix;
    struct stat status {};
    if (::fstatat(directory_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;
      return last_error("look at the files of an outline");
    }
    use.on_disk += static_cast<std::uint64_t>(status.st_blocks) * kBlock;
    use.changed = std::max(use.changed, from_timespec(status.st_ctim));
  }
  return use;
}

std::filesystem::path OutlineStore::bytes_path(std::int64_t number) const {
  return path_ / (std::to_string(number) + kSuffixes[0]);
}

}  // namespace lensfs
