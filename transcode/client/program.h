// Where lensfs-transcode is, and how it is started.
#pragma once

#include <sys/types.h>

#include "transcode/client/engine_process.h"

namespace lensfs {

struct StartedProgram {
  pid_t process = 0;  // a child of ours
  Fd control;
};

// With no descriptor of ours but the control socket and standard error, and with little of our
// environment: what is secret in it must not be within a decoder's reach.
[[nodiscard]] Result<StartedProgram> start_program(const EngineProgram& program);

}  // namespace lensfs
