#include "fs/dead_mount.h"

#include <mntent.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <string>

#include "catalog/base/log.h"
#include "fs/kernel_mount.h"
#include "fs/recovery.h"

namespace lensfs {
namespace {

struct MountpointState {
  int error = 0;  // ENOTCONN and ECONNABORTED: a mount that nobody serves
  bool is_directory = false;
  bool serves = false;  // a library is mounted there, and answers
};

MountpointState state_of(const std::filesystem::path& mountpoint) {
  struct stat at {};
  if (::stat(mountpoint.c_str(), &at) != 0) return {.error = errno};
  if (!S_ISDIR(at.st_mode)) return {};
  struct stat above {};
  const bool mounted =
      ::stat((mountpoint / "..").c_str(), &above) == 0 && above.st_dev != at.st_dev;
  if (!mounted) return {.is_directory = true};
  // The kernel may know the root of a dead mount from its cache still; a name it must look up.
  struct stat status {};
  if (::stat((mountpoint / ".lensfs/status").c_str(), &status) == 0) {
    return {.is_directory = true, .serves = true};
  }
  const bool dead = errno == ENOTCONN || errno == ECONNABORTED;
  return {.error = dead ? errno : 0, .is_directory = true};
}

// The library that is mounted there, uppermost; empty if none is.
std::string library_mounted_at(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> mounts(::setmntent("/proc/self/mounts", "re"),
                                                     ::endmntent);
  if (!mounts) return {};
  std::string library;
  while (const mntent* const mount = ::getmntent(mounts.get())) {  // NOLINT: one thread
    if (path != mount->mnt_dir) continue;
    library = std::string_view(mount->mnt_type) == "fuse.lensfs" ? mount->mnt_fsname : "";
  }
  return library;
}

}  // namespace

std::string listed_path(const std::filesystem::path& mountpoint) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(mountpoint, error);
  const auto above = std::filesystem::canonical(absolute.parent_path(), error);
  return error ? absolute.native() : (above / absolute.filename()).native();
}

bool is_left_behind(const std::filesystem::path& mountpoint) {
  const std::string path = listed_path(mountpoint);
  const std::string library = library_mounted_at(path);
  return !library.empty() && !is_kept(library, path);
}

Status recover_mountpoint(const std::filesystem::path& mountpoint) {
  while (is_left_behind(mountpoint)) {
    log::warn("ending a dead mount mountpoint={}", mountpoint.string());
    LENSFS_CHECK(end_by_force(mountpoint));
  }
  for (int layer = 0; layer < 16; ++layer) {
    const MountpointState state = state_of(mountpoint);
    if (state.error == ENOENT) return fail(Errc::not_found);
    if (state.error == 0 && !state.is_directory) return fail(Errc::not_directory);
    if (state.error == 0 && state.serves) {
      return fail(Errc::busy, "a library is mounted there already");
    }
    if (state.error == 0) return {};
    if (state.error != ENOTCONN && state.error != ECONNABORTED) {
      return fail(error_from_errno(state.error, "look at the mountpoint"));
    }
    log::warn("removing a dead mount mountpoint={}", mountpoint.string());
    LENSFS_CHECK(detach(mountpoint));
  }
  return fail(Errc::busy, "too many dead mounts lie upon each other there");
}

}  // namespace lensfs
