// Where lensfs-transcode is, and how it is started.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string_view>

#include "transcode/client/engine_process.h"

namespace lensfs {

// A program of ours: beside the one that runs, or in ../libexec/lensfs of it. Nothing: not there.
[[nodiscard]] std::optional<std::filesystem::path> program_beside(std::string_view name);

struct StartedProgram {
  pid_t process = 0;  // a child of ours
  Fd control;
};

// With no descriptor of ours but the control socket and standard error, and with little of our
// environment: what is secret in it must not be within a decoder's reach.
[[nodiscard]] Result<StartedProgram> start_program(const EngineProgram& program);

}  // namespace lensfs
