#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "catalog/base/fd.h"
#include "fs/dead_mount.h"
#include "tools/cli/mount_status.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

constexpr int kKeeperEndsWithin = 120'000;  // milliseconds; what was written is saved first

// The keeper of a mount, watched so that its end can be waited for. Empty when it is unknown.
Fd watch_keeper(const MountStatus& status) {
  const auto text = status.value("keeper");
  if (!text) return {};
  pid_t pid = 0;
  const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), pid);
  if (error != std::errc() || pid <= 1) return {};
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

// Unmounting as a user goes through libfuse's set-uid helper.
Status unmount_as_user(std::string mountpoint) {
  std::string program = "fusermount3";
  std::string option = "-u";
  std::string end = "--";
  std::array<char*, 5> arguments{program.data(), option.data(), end.data(), mountpoint.data(),
                                 nullptr};
  pid_t child = 0;
  if (const int error =
          ::posix_spawnp(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ);
      error != 0) {
    return fail(error_from_errno(error, "fusermount3 cannot be run"));
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return last_error("wait for fusermount3");
  if (status != 0) return fail(Error(Errc::busy, "not unmounted").with(mountpoint));
  return {};
}

Status unmount(const std::string& mountpoint) {
  if (::umount2(mountpoint.c_str(), UMOUNT_NOFOLLOW) == 0) return {};
  if (errno == EPERM) return unmount_as_user(mountpoint);
  if (errno == EBUSY) {
    return fail(Error(Errc::busy, "in use; close what is open there and leave its folders")
                    .with(mountpoint));
  }
  return fail(error_from_errno(errno, "unmount").with(mountpoint));
}

Result<ExitCode> run_umount(const Invocation& invocation) {
  const std::string& mountpoint = invocation.operands().front();
  if (is_left_behind(mountpoint)) {
    LENSFS_CHECK(recover_mountpoint(mountpoint));
    if (invocation.has("json")) print_line(JsonObject().set("unmounted", mountpoint).text());
    return ExitCode::done;
  }
  const auto status = read_mount_status(mountpoint);
  if (!status && status.error().code() == Errc::not_found) return fail(status.error());
  const Fd keeper = status ? watch_keeper(*status) : Fd();
  LENSFS_CHECK(unmount(mountpoint));
  if (keeper) {
    pollfd waited{.fd = keeper.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waited, 1, kKeeperEndsWithin) == 0) {
      return fail(
          Error(Errc::busy, "unmounted, but its process has not ended yet").with(mountpoint));
    }
  }
  if (invocation.has("json")) print_line(JsonObject().set("unmounted", mountpoint).text());
  return ExitCode::done;
}

}  // namespace

Command umount_verb() {
  return {
      .name = "umount",
      .summary = "unmount a drive",
      .description =
          "Unmounts a drive and waits until the process that kept it has ended; what was written "
          "is saved first. While a file is open there, or a folder of it is somebody's working "
          "folder, the drive stays mounted and the exit status is 4. What is left of a drive whose "
          "process was killed is cleaned up; programs that wait for it get an error.",
      .operands = {.usage = "MOUNTPOINT",
                   .least = 1,
                   .most = 1,
                   .completes = Completes::directories},
      .options = {},
      .examples = {{{"lensfs umount /mnt/media", "unmounts /mnt/media"},
                    {"lensfs umount --json ~/drive", "prints what was unmounted, for a program"}}},
      .run = run_umount};
}

}  // namespace lensfs
