// Completions for bash, zsh and fish, made from the table of commands.
#pragma once

#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs {

// usage for a shell that is not known.
[[nodiscard]] Result<std::string> completion_script(std::string_view shell);

}  // namespace lensfs
