#include "transcode/sandbox.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace lensfs {
namespace {

// Landlock holds for one thread and its descendants. ThreadSanitizer has one of its own, in every
// process.
#ifdef __SANITIZE_THREAD__
constexpr long kMostThreads = 2;
#else
constexpr long kMostThreads = 1;
#endif

// What the kernel says of this process.
struct Extent {
  long threads = 0;
  std::uint64_t memory_bytes = 0;  // address space
};

Result<Extent> extent_of_process() {
  LENSFS_TRY(const std::string stat, read_text("/proc/self/stat"));
  // The second field is the name, in brackets, and may hold anything. After it: 17 fields, the
  // number of threads, 2 fields, the address space (proc(5)).
  const std::size_t name_ends = stat.rfind(')');
  Extent extent;
  if (name_ends == std::string::npos ||
      std::sscanf(stat.c_str() + name_ends + 1,
                  " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %*u"
                  " %lu",
                  &extent.threads, &extent.memory_bytes) != 2) {
    return fail(Errc::io, "read /proc/self/stat");
  }
  return extent;
}

// A limit that is lower already stays.
Status limit(__rlimit_resource_t what, std::uint64_t soft, std::uint64_t hard) {
  rlimit now{};
  if (::getrlimit(what, &now) != 0) return last_error("read a limit");
  now.rlim_max = std::min<rlim_t>(now.rlim_max, hard);
  now.rlim_cur = std::min<rlim_t>(now.rlim_max, soft);
  if (::setrlimit(what, &now) != 0) return last_error("set a limit");
  return {};
}

Status set_limits(const SandboxLimits& limits, std::uint64_t memory_now) {
  const std::uint64_t memory = memory_now + limits.memory_bytes;
  LENSFS_CHECK(limit(RLIMIT_AS, memory, memory));
  // At the hard limit comes SIGKILL.
  LENSFS_CHECK(limit(RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 2));
  LENSFS_CHECK(limit(RLIMIT_FSIZE, limits.output_bytes, limits.output_bytes));
  LENSFS_CHECK(limit(RLIMIT_NOFILE, limits.descriptors, limits.descriptors));
  return limit(RLIMIT_CORE, 0, 0);
}

}  // namespace

Result<Sandbox> Sandbox::make(MissingParts missing) {
  Sandbox sandbox;
  auto files = LandlockRules::make();
  if (!files && missing == MissingParts::refuse) return fail(files.error());
  if (files) sandbox.files_ = *std::move(files);
  auto calls = SyscallFilter::make();
  if (!calls && missing == MissingParts::refuse) return fail(calls.error());
  if (calls) sandbox.calls_ = *std::move(calls);
  return sandbox;
}

Status Sandbox::enter(const SandboxLimits& limits, pid_t parent) const {
  LENSFS_TRY(const Extent extent, extent_of_process());
  if (extent.threads > kMostThreads) {
    return fail(Errc::busy, "enter a sandbox with other threads running");
  }
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return last_error("end with the parent");
  if (::getppid() != parent) return fail(Errc::interrupted, "the parent has ended");
  // No dump either where dumps go to a program, which knows no limit.
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return last_error("forbid dumps");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return last_error("give up new rights");
  LENSFS_CHECK(set_limits(limits, extent.memory_bytes));
  if (files_) LENSFS_CHECK(files_->apply());
  if (calls_) LENSFS_CHECK(calls_->apply());
  return {};
}

Status check_sandbox() {
  LENSFS_CHECK(Sandbox::make(MissingParts::refuse));
  return {};
}

}  // namespace lensfs
