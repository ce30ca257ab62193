#include "tools/cli/exit_code.h"

namespace lensfs {

ExitCode exit_code_of(Errc code) {
  switch (code) {
    case Errc::not_found:
    case Errc::no_attribute:
      return ExitCode::nothing_found;
    case Errc::usage:
    case Errc::invalid:
      return ExitCode::usage;
    case Errc::denied:
    case Errc::not_permitted:
    case Errc::read_only:
      return ExitCode::denied;
    case Errc::busy:
      return ExitCode::busy;
    case Errc::corrupt:
      return ExitCode::damaged;
    case Errc::interrupted:
      return ExitCode::interrupted;
    case Errc::exists:
    case Errc::not_directory:
    case Errc::is_directory:
    case Errc::not_empty:
    case Errc::range:
    case Errc::too_big:
    case Errc::name_too_long:
    case Errc::not_supported:
    case Errc::no_space:
    case Errc::stale:
    case Errc::io:
    case Errc::changed:
    case Errc::cross_device:
    case Errc::too_many_files:
      break;
  }
  return ExitCode::system;
}

std::string_view next_step(Errc code) {
  if (code == Errc::no_space) return "free some space or run \"lensfs gc\", then run it again";
  if (code == Errc::busy) return "try again when the other process is done";
  if (code == Errc::corrupt) return "run \"lensfs verify\" to see what is hurt";
  if (code == Errc::too_many_files) return "raise the limit of open files (ulimit -n)";
  return {};
}

}  // namespace lensfs
