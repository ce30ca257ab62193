#include "fs/dead_mount.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "catalog/base/log.h"
#include "catalog/store/mount_marks.h"
#include "fs/kernel_mount.h"

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

// "\040" and the like, as the kernel spells blanks in /proc/self/mountinfo.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 4, code, 8).ec == std::errc()) {
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// The library whose drive has that device number; empty if none has.
std::string library_of(const std::string& device) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    // id parent major:minor root mountpoint options … - type source options
    std::istringstream words(line);
    std::string skipped, has, type, source;
    words >> skipped >> skipped >> has;
    const std::size_t rest = line.find(" - ");
    if (has != device || rest == std::string::npos) continue;
    std::istringstream(line.substr(rest + 3)) >> type >> source;
    if (type == "fuse.lensfs") return unescaped(source);
  }
  return {};
}

}  // namespace

namespace {

// Answered by the kernel alone: the mount itself may let whoever asks wait for ever.
std::string device_of(int at, const char* name, int flags) {
  struct statx status {};
  if (::statx(at, name, flags | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, 0, &status) != 0) return {};
  return fmt::format("{}:{}", status.stx_dev_major, status.stx_dev_minor);
}

}  // namespace

std::string device_at(const std::filesystem::path& mountpoint) {
  return device_of(AT_FDCWD, mountpoint.c_str(), 0);
}

std::string device_of(int fd) {
  return device_of(fd, "", AT_EMPTY_PATH);
}

bool is_left_behind(const std::filesystem::path& mountpoint) {
  const std::string device = device_at(mountpoint);
  const std::string library = device.empty() ? "" : library_of(device);
  return !library.empty() && !is_kept(library, device);
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
