// SyscallFilter: which system calls a process may still make once it applied it. What decoders need
// with their threads is allowed: memory, waiting, descriptors that are open, opening for reading.
//   - What a library tries and can do without fails with an error: sockets, terminals, priorities,
//     opening for writing.
//   - What only an attack would try ends the process at once, by SIGSYS: starting programs, looking
//     into other processes, mounting.
//   - Anything else is not done either. The process says on standard error which call it was, and
//     ends with kExitForbidden (protocol.h): a library that was updated may have a good reason, and
//     somebody will want to know. (An attacker who changes that handler gains nothing: still no
//     call is done.)
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

class SyscallFilter {
 public:
  // not_supported where the kernel cannot filter (seccomp).
  [[nodiscard]] static Result<SyscallFilter> make();
  // For the whole process; cannot be undone. PR_SET_NO_NEW_PRIVS must be set. The filter must live
  // as long as the process: the handler of SIGSYS reads it.
  [[nodiscard]] Status apply() const;

 private:
  SyscallFilter() = default;
  std::vector<sock_filter> allowed_;  // by the number, and some by their arguments
  std::vector<sock_filter> refused_;  // arguments that make an allowed call fail
  std::vector<std::string> names_;    // of calls, by their number
};

}  // namespace lensfs
