// The man page lensfs(1), in roff, made from the table of commands.
#pragma once

#include <string>

namespace lensfs {

[[nodiscard]] std::string man_page(std::string_view version);

}  // namespace lensfs
