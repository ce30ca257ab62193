// A program that a command asks for something: what it printed and how it ended.
#pragma once

#include <string>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

struct ProgramSaid {
  int exit = -1;  // exit status; 128 + signal if one ended it
  std::string out;
  std::string err;
};

// Runs `words`: a program, looked up in PATH and in the sbin directories, and its arguments;
// without input. not_found if there is no such program.
[[nodiscard]] Result<ProgramSaid> run_program(const std::vector<std::string>& words);

}  // namespace lensfs
