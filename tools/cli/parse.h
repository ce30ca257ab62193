// Parse: a command line against the table of commands.
#pragma once

#include <string>
#include <vector>

#include "tools/command.h"

namespace lensfs {

// usage, with what is wrong in words. `words` are those after the verb; `before` are the common
// options that stood before it.
[[nodiscard]] Result<Invocation> parse(const Command& command, std::vector<std::string> words);

}  // namespace lensfs
