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

// One name for it: what the file is called that it runs; of a script that an interpreter runs, the
// script's. Empty: it is not to be seen from here. Remembered as long as it runs the same file:
// costs about a microsecond then.
[[nodiscard]] std::string program_of(std::int64_t process);

}  // namespace lensfs
