// lens: which profile a mounted drive shows, changed while it is in use.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <thread>

#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

constexpr const char* kAttribute = "user.lensfs.lens";

Result<std::string> lens_of(const std::string& mountpoint) {
  std::array<char, 256> text{};
  const ssize_t size = ::getxattr(mountpoint.c_str(), kAttribute, text.data(), text.size());
  if (size >= 0) return std::string(text.data(), static_cast<std::size_t>(size));
  return fail(Error(Errc::not_found, "no drive of LensFS is mounted there").with(mountpoint));
}

ino_t inode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

// Returns once the kernel was told, so that whoever looks now sees the new one.
void wait_until_seen(const std::string& mountpoint, ino_t before) {
  constexpr int kMostLooks = 200;
  for (int look = 0; look < kMostLooks && inode_of(mountpoint + "/Projects") == before; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Result<ExitCode> run_lens(const Invocation& invocation) {
  const std::string& mountpoint = invocation.operands()[0];
  LENSFS_TRY(const std::string before, lens_of(mountpoint));
  if (invocation.operands().size() == 1) {
    print(before + "\n");
    return ExitCode::done;
  }
  const std::string& profile = invocation.operands()[1];
  if (profile == before) return ExitCode::done;
  const ino_t seen = inode_of(mountpoint + "/Projects");
  if (::setxattr(mountpoint.c_str(), kAttribute, profile.data(), profile.size(), 0) != 0) {
    if (errno == EINVAL) {
      return fail(Error(Errc::not_found, "there is no such profile; see Resolutions in the drive")
                      .with(profile));
    }
    if (errno == EPERM) {
      return fail(Error(Errc::not_permitted, "only who owns the library, and root, may do that")
                      .with(mountpoint));
    }
    return last_error("change the lens");
  }
  wait_until_seen(mountpoint, seen);
  return ExitCode::done;
}

}  // namespace

Command lens_verb() {
  return {
      .name = "lens",
      .summary = "show a mounted drive through a profile",
      .description =
          "The drive at MOUNTPOINT shows every file through PROFILE from now on: 720p, say, or "
          "original for the files themselves. Names stay where formats allow it. Files that are "
          "open, and folders that somebody is in, stay what they were. Without PROFILE: says which "
          "one is in force.",
      .operands = {.usage = "MOUNTPOINT [PROFILE]",
                   .least = 1,
                   .most = 2,
                   .completes = Completes::directories},
      .options = {},
      .examples = {{{"lensfs lens ~/Drive 720p", "proxies from now on"},
                    {"lensfs lens ~/Drive original", "the originals, writable"}}},
      .run = run_lens,
  };
}

}  // namespace lensfs
