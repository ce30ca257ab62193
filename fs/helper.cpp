#include "fs/helper.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "catalog/base/log.h"

namespace lensfs {
namespace {

// Leaves open only what the helper needs: it must not hold locks and streams of the keeper's.
void close_all_but(int one, int other) {
  if (one < 0) one = other;
  const auto [low, high] = std::minmax(one, other);
  if (low > 0) ::close_range(0, static_cast<unsigned>(low) - 1, 0);
  if (high > low + 1) {
    ::close_range(static_cast<unsigned>(low) + 1, static_cast<unsigned>(high) - 1, 0);
  }
  ::close_range(static_cast<unsigned>(high) + 1, ~0U, 0);
}

}  // namespace

Result<Helper> Helper::start(Job job) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(error_from_errno(errno, "start a process beside the worker").with(job.name));
  }
  Helper helper(std::move(job));
  helper.workers_end_.reset(ends[0]);
  helper.own_end_.reset(ends[1]);
  LENSFS_CHECK(helper.fork_off());
  return helper;
}

Status Helper::fork_off() {
  const pid_t keeper = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    return fail(error_from_errno(errno, "start a process beside the worker").with(job_.name));
  }
  if (child > 0) {
    process_ = child;
    return {};
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != keeper) ::_exit(1);
  ::prctl(PR_SET_NAME, job_.name.c_str());
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_IGN);
  close_all_but(job_.keeps, own_end_.get());
  job_.work(own_end_.get());
  ::_exit(0);
}

void Helper::reap() {
  if (process_ == 0 || ::waitpid(process_, nullptr, WNOHANG) != process_) return;
  if (job_.gone) job_.gone();
  log::warn("{} died", job_.name);
  process_ = 0;
  if (const Status again = fork_off(); !again) log::error("{}", again.error().message());
}

bool Helper::end() {
  if (process_ == 0) return true;
  ::kill(process_, SIGKILL);
  if (::waitpid(process_, nullptr, WNOHANG) != process_) return false;
  if (job_.gone) job_.gone();
  process_ = 0;
  return true;
}

}  // namespace lensfs
