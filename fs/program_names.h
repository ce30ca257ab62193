// Which program a process runs, as far as /proc tells.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lensfs {

// What the file is called that it runs, and what it calls itself, which is how a script is known;
// the latter is cut after 15 bytes. `process` may be one of its threads. Empty: it is not to be
// seen from here, or has ended.
[[nodiscard]] std::vector<std::string> names_of_program(std::int64_t process);

}  // namespace lensfs
