#include "fs/kernel_mount.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

namespace lensfs {
namespace {

Result<Fd> mount_as_root(const KernelMount& mount) {
  LENSFS_TRY(Fd connection, open_path("/dev/fuse", O_RDWR));
  const std::string options = fmt::format(
      "fd={},rootmode=40000,user_id={},group_id={},default_permissions{}", connection.get(),
      ::getuid(), ::getgid(), mount.allow_other ? ",allow_other" : "");
  const unsigned long flags =
      MS_NOSUID | MS_NODEV | (mount.read_only ? static_cast<unsigned long>(MS_RDONLY) : 0UL);
  if (::mount(mount.source.c_str(), mount.mountpoint.c_str(), "fuse.lensfs", flags,
              options.c_str()) != 0) {
    return last_error("mount");
  }
  return connection;
}

// Runs fusermount3 with `arguments`; `socket` is where it sends the connection, or -1.
Status run_fusermount(std::vector<std::string> arguments, int socket) {
  const pid_t child = ::fork();
  if (child < 0) return last_error("start fusermount3");
  if (child == 0) {
    if (socket >= 0) {
      ::fcntl(socket, F_SETFD, 0);
      ::setenv("_FUSE_COMMFD", std::to_string(socket).c_str(), 1);
    }
    arguments.insert(arguments.begin(), "fusermount3");
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    ::execvp(words.front(), words.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Errc::denied, "fusermount3 failed; is the package fuse3 installed?");
}

// The descriptor that fusermount3 sends over `socket` (SCM_RIGHTS).
Result<Fd> receive_descriptor(int socket) {
  char byte = 0;
  iovec part{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) < 0) return last_error("receive the mount");
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
    return fail(Errc::denied, "fusermount3 sent no connection");
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return Fd(fd);
}

Result<Fd> mount_as_user(const KernelMount& mount) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return last_error("mount");
  }
  const Fd ours(pair[0]);
  const Fd theirs(pair[1]);
  const std::string options =
      fmt::format("nosuid,nodev,default_permissions,fsname={},subtype=lensfs{}{}", mount.source,
                  mount.allow_other ? ",allow_other" : "", mount.read_only ? ",ro" : "");
  LENSFS_CHECK(run_fusermount({"-o", options, "--", mount.mountpoint.string()}, theirs.get()));
  return receive_descriptor(ours.get());
}

}  // namespace

Result<Fd> mount_fuse(const KernelMount& mount) {
  return ::geteuid() == 0 ? mount_as_root(mount) : mount_as_user(mount);
}

Status detach(const std::filesystem::path& mountpoint) {
  if (::geteuid() != 0) return run_fusermount({"-u", "-z", "--", mountpoint.string()}, -1);
  if (::umount2(mountpoint.c_str(), MNT_DETACH) != 0) return last_error("unmount");
  return {};
}

Status end_by_force(const std::filesystem::path& mountpoint) {
  if (::geteuid() == 0 && ::umount2(mountpoint.c_str(), MNT_FORCE) == 0) return {};
  return detach(mountpoint);  // it was ended, and somebody has files open there
}

}  // namespace lensfs
