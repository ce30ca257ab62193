// Sandbox: what a process gives up before it looks at a file that somebody sent. After it entered,
// it has its open descriptors, its memory and its threads, and can read fonts and colour profiles.
// It cannot open anything else, write a file that it did not get, start a program, reach the
// network or another process, gain rights, or outlive its parent.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "transcode/landlock.h"
#include "transcode/syscall_filter.h"

namespace lensfs {

struct SandboxLimits {
  // Of address space, beyond what the process has when it enters: what malloc and mmap give out.
  // Beyond it they fail.
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpu_seconds = 0;  // of all threads together; then SIGXCPU
  // Of each file that it writes. Beyond it writes fail with EFBIG if SIGXFSZ is ignored.
  std::uint64_t output_bytes = 0;
  std::uint64_t descriptors = 64;  // open at once
};

enum class MissingParts { refuse, go_without };

// Sandbox: made once, then entered by each process that was forked. May be used from any thread.
class Sandbox {
 public:
  // not_supported where the kernel cannot do it; the error names what is missing. With go_without
  // that part is left out, the limits hold all the same.
  [[nodiscard]] static Result<Sandbox> make(MissingParts missing);
  // Locks the calling process in, for good. It must have one thread, and outlive this object by
  // nothing. `parent` is the process that it must not outlive: interrupted if that is gone already.
  // After an error the process must end.
  [[nodiscard]] Status enter(const SandboxLimits& limits, pid_t parent) const;

 private:
  Sandbox() = default;
  std::optional<LandlockRules> files_;
  std::optional<SyscallFilter> calls_;
};

// Whether this kernel can do it all; the error names what is missing.
[[nodiscard]] Status check_sandbox();

}  // namespace lensfs
