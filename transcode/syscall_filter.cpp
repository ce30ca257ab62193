#include "transcode/syscall_filter.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

#include "catalog/base/fd.h"
#include "transcode/protocol.h"

namespace lensfs {
namespace {

constexpr int kAllowed[] = {
    // descriptors
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(preadv),
    SCMP_SYS(write),
    SCMP_SYS(pwrite64),
    SCMP_SYS(writev),
    SCMP_SYS(pwritev),
    SCMP_SYS(lseek),
    SCMP_SYS(_llseek),
    SCMP_SYS(close),
    SCMP_SYS(close_range),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(fcntl),
    SCMP_SYS(fcntl64),
    SCMP_SYS(ftruncate),
    SCMP_SYS(ftruncate64),
    SCMP_SYS(fallocate),
    SCMP_SYS(fadvise64),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(eventfd2),
    // files by name: Landlock says which
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(fstat),
    SCMP_SYS(fstat64),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstatat64),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(umask),
    // memory
    SCMP_SYS(mmap),
    SCMP_SYS(mmap2),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(mincore),
    SCMP_SYS(membarrier),
    // threads, waiting, time
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(gettid),
    SCMP_SYS(tgkill),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(sched_get_priority_max),
    SCMP_SYS(sched_get_priority_min),
    SCMP_SYS(getcpu),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(restart_syscall),
    // the process itself
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getresuid),
    SCMP_SYS(getresgid),
    SCMP_SYS(getrusage),
    SCMP_SYS(getrlimit),
    SCMP_SYS(ugetrlimit),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getpriority),
    SCMP_SYS(getrandom),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
};

struct Failing {
  int call;
  int error;
};
// Libraries try these and go on without. clone3 hides its flags from the filter: glibc then takes
// clone.
constexpr Failing kFailing[] = {
    {SCMP_SYS(clone3), ENOSYS},
    {SCMP_SYS(openat2), ENOSYS},
    {SCMP_SYS(socket), EACCES},
    {SCMP_SYS(socketpair), EACCES},
    {SCMP_SYS(connect), EACCES},
    {SCMP_SYS(ioctl), ENOTTY},
    {SCMP_SYS(getpeername), ENOTSOCK},  // is standard error the journal?
    {SCMP_SYS(getsockname), ENOTSOCK},
    {SCMP_SYS(memfd_create), EACCES},  // memory that no limit counts
    {SCMP_SYS(mkdir), EACCES},
    {SCMP_SYS(mkdirat), EACCES},
    {SCMP_SYS(unlink), EACCES},
    {SCMP_SYS(unlinkat), EACCES},
    {SCMP_SYS(rename), EACCES},
    {SCMP_SYS(renameat), EACCES},
    {SCMP_SYS(renameat2), EACCES},
    {SCMP_SYS(link), EACCES},
    {SCMP_SYS(linkat), EACCES},
    {SCMP_SYS(symlink), EACCES},
    {SCMP_SYS(symlinkat), EACCES},
    {SCMP_SYS(chmod), EACCES},
    {SCMP_SYS(fchmod), EACCES},
    {SCMP_SYS(fchmodat), EACCES},
    {SCMP_SYS(utimensat), EACCES},
    {SCMP_SYS(kill), EPERM},
    {SCMP_SYS(tkill), EPERM},
    {SCMP_SYS(setrlimit), EPERM},
    {SCMP_SYS(setpriority), EPERM},
    {SCMP_SYS(sched_setaffinity), EPERM},
    {SCMP_SYS(sched_setparam), EPERM},
    {SCMP_SYS(sched_setscheduler), EPERM},
    {SCMP_SYS(sched_setattr), EPERM},
    {SCMP_SYS(mlock), EPERM},
    {SCMP_SYS(get_mempolicy), EPERM},
    {SCMP_SYS(set_mempolicy), EPERM},
    {SCMP_SYS(mbind), EPERM},
};

constexpr int kDeadly[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(kcmp),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),  // descriptors could come and go by them
};

struct Condition {
  int call;
  scmp_arg_cmp argument;
};

scmp_arg_cmp masked(unsigned argument, int mask, int value) {
  return {.arg = argument,
          .op = SCMP_CMP_MASKED_EQ,
          .datum_a = static_cast<scmp_datum_t>(mask),
          .datum_b = static_cast<scmp_datum_t>(value)};
}
scmp_arg_cmp is(unsigned argument, int value) {
  return {.arg = argument,
          .op = SCMP_CMP_EQ,
          .datum_a = static_cast<scmp_datum_t>(value),
          .datum_b = 0};
}
scmp_arg_cmp is_not(unsigned argument, int value) {
  return {.arg = argument,
          .op = SCMP_CMP_NE,
          .datum_a = static_cast<scmp_datum_t>(value),
          .datum_b = 0};
}

// Allowed with such an argument only.
std::vector<Condition> allowed_with() {
  return {{SCMP_SYS(clone), masked(0, CLONE_THREAD, CLONE_THREAD)},
          {SCMP_SYS(prctl), is(0, PR_SET_NAME)},
          {SCMP_SYS(prctl), is(0, PR_GET_NAME)},
          {SCMP_SYS(prctl), is(0, PR_SET_VMA)}};
}

// Allowed calls that fail with such an argument.
std::vector<Condition> refused_with() {
  std::vector<Condition> refused = {{SCMP_SYS(prlimit64), is_not(2, 0)}};
  for (const auto& [call, flags] : {std::pair{SCMP_SYS(open), 1U}, {SCMP_SYS(openat), 2U}}) {
    for (const int writes : {O_WRONLY, O_RDWR, O_ACCMODE}) {
      refused.push_back({call, masked(flags, O_ACCMODE, writes)});
    }
    for (const int makes : {O_CREAT, O_TRUNC}) {
      refused.push_back({call, masked(flags, makes, makes)});
    }
  }
  // These make the kernel signal somebody, or others wait.
  for (const int command : {F_SETOWN, F_SETOWN_EX, F_SETSIG, F_SETLEASE, F_NOTIFY, F_ADD_SEALS}) {
    refused.push_back({SCMP_SYS(fcntl), is(1, command)});
  }
  return refused;
}

// Rules: a filter of libseccomp while it is put together. The first failure is kept.
class Rules {
 public:
  explicit Rules(std::uint32_t otherwise) : filter_(::seccomp_init(otherwise)) {
    if (!filter_) failed_ = ENOMEM;
  }
  void add(std::uint32_t action, int call) {
    if (failed_ == 0) failed_ = -::seccomp_rule_add(filter_.get(), action, call, 0);
  }
  void add(std::uint32_t action, const Condition& condition) {
    if (failed_ != 0) return;
    failed_ =
        -::seccomp_rule_add_array(filter_.get(), action, condition.call, 1, &condition.argument);
  }
  [[nodiscard]] Result<std::vector<sock_filter>> program() const {
    if (failed_ != 0) return fail(error_from_errno(failed_, "make a filter of system calls"));
    const Fd memory(::memfd_create("filter", MFD_CLOEXEC));
    if (!memory) return last_error("make a filter of system calls");
    if (const int error = ::seccomp_export_bpf(filter_.get(), memory.get()); error != 0) {
      return fail(error_from_errno(-error, "make a filter of system calls"));
    }
    LENSFS_TRY(const struct stat size, stat_of(memory.get()));
    std::vector<sock_filter> program(static_cast<std::size_t>(size.st_size) / sizeof(sock_filter));
    LENSFS_CHECK(read_full(memory.get(), std::as_writable_bytes(std::span(program)), 0));
    return program;
  }

 private:
  struct Release {
    void operator()(void* filter) const { ::seccomp_release(filter); }
  };
  std::unique_ptr<void, Release> filter_;
  int failed_ = 0;
};

Result<std::vector<sock_filter>> program_of_allowed() {
  Rules rules(SCMP_ACT_TRAP);
  for (const int call : kAllowed) rules.add(SCMP_ACT_ALLOW, call);
  for (const Condition& condition : allowed_with()) rules.add(SCMP_ACT_ALLOW, condition);
  for (const auto& [call, error] : kFailing) {
    rules.add(SCMP_ACT_ERRNO(static_cast<std::uint16_t>(error)), call);
  }
  for (const int call : kDeadly) rules.add(SCMP_ACT_KILL_PROCESS, call);
  return rules.program();
}

Result<std::vector<sock_filter>> program_of_refused() {
  Rules rules(SCMP_ACT_ALLOW);
  for (const Condition& condition : refused_with()) rules.add(SCMP_ACT_ERRNO(EACCES), condition);
  return rules.program();
}

std::vector<std::string> names_of_calls() {
  constexpr int kMost = 1024;
  std::vector<std::string> names(kMost);
  for (int call = 0; call < kMost; ++call) {
    char* name = ::seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);
    names[static_cast<std::size_t>(call)] = name != nullptr ? name : std::to_string(call);
    std::free(name);
  }
  return names;
}

bool kernel_can(std::uint32_t action) {
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

Status install(std::span<const sock_filter> program) {
  // The kernel takes it as writable and only reads it.
  const sock_fprog prog{.len = static_cast<unsigned short>(program.size()),
                        .filter = const_cast<sock_filter*>(program.data())};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &prog) != 0) {
    return last_error("filter system calls");
  }
  return {};
}

// tgkill, which abort() ends by, reaches nobody else. Written by hand, because it differs from
// process to process, and libseccomp takes longer than the fork.
Status keep_signals_inside() {
  const auto self = static_cast<std::uint32_t>(::getpid());
  static_assert(std::endian::native == std::endian::little);
  constexpr auto kFirstArgument = offsetof(seccomp_data, args);  // its low half
  const sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFirstArgument),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, self, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return install(program);
}

// What the handler of SIGSYS needs; it gets nothing by its arguments.
std::atomic<const std::vector<std::string>*> names_for_handler = nullptr;

void say(std::string_view words) {
  if (::write(STDERR_FILENO, words.data(), words.size()) < 0) errno = 0;
}

[[noreturn]] void end_forbidden(int /*signal*/, siginfo_t* what, void* /*context*/) {
  const std::vector<std::string>* names = names_for_handler.load();
  const auto call = static_cast<std::size_t>(what->si_syscall);
  say("\nsystem call ");
  say(call < names->size() ? std::string_view((*names)[call]) : "without a name");
  say("\n");
  ::_exit(kExitForbidden);
}

}  // namespace

Result<SyscallFilter> SyscallFilter::make() {
  if (!kernel_can(SECCOMP_RET_TRAP) || !kernel_can(SECCOMP_RET_KILL_PROCESS)) {
    return fail(Errc::not_supported, "this kernel cannot filter system calls (seccomp)");
  }
  SyscallFilter filter;
  LENSFS_TRY(filter.allowed_, program_of_allowed());
  LENSFS_TRY(filter.refused_, program_of_refused());
  filter.names_ = names_of_calls();
  return filter;
}

Status SyscallFilter::apply() const {
  names_for_handler = &names_;
  struct sigaction action {};
  action.sa_sigaction = end_forbidden;
  action.sa_flags = SA_SIGINFO;
  if (::sigaction(SIGSYS, &action, nullptr) != 0) return last_error("handle SIGSYS");
  LENSFS_CHECK(keep_signals_inside());
  LENSFS_CHECK(install(refused_));
  return install(allowed_);  // the last: it allows no further one
}

}  // namespace lensfs
