// What lensfs_posix_matrix printed, compared: a run on the drive with one on the disk below it,
// less the differences that are accepted.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lensfs::test {

// Check and outcome, in the order in which they were printed.
using Outcomes = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Outcomes outcomes_in(const std::string& printed);

// Accepted: a difference that is as it should be. Both are patterns as fnmatch(3) takes them;
// `on_drive` is what the drive says instead of what the disk says.
struct Accepted {
  std::string check;
  std::string on_drive;
  std::string reason;  // the comment above it
};
// One per line, "<check>: <outcome on the drive>"; a comment line above one or several says why.
[[nodiscard]] std::vector<Accepted> accepted_in(const std::string& text);

// What is wrong, one sentence each: differences that nobody accepted, checks that only one run has,
// accepted differences that have no reason or do not occur.
[[nodiscard]] std::vector<std::string> complaints(const Outcomes& on_disk, const Outcomes& on_drive,
                                                  const std::vector<Accepted>& accepted);

}  // namespace lensfs::test
