// Help: made from the table of commands, at most 80 columns wide.
#pragma once

#include <string>

#include "tools/command.h"

namespace lensfs {

[[nodiscard]] std::string help_text();                        // of the program
[[nodiscard]] std::string help_text(const Command& command);  // of one verb
[[nodiscard]] std::string usage_line(const Command& command);

// Text filled to `width` columns; every line but the first starts with `indent` spaces.
[[nodiscard]] std::string filled(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace lensfs
