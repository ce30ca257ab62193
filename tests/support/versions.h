// What `lensfs versions` says of a file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/files.h"

namespace lensfs::test {

struct SavedVersion {
  int number = 0;
  std::int64_t size = 0;
  std::string hash, author, reason;
  bool is_current = false;
};

// Of a path inside a mount, oldest first; empty if it has none. Saving goes on in the background
// after the last close: ask within wait_until().
[[nodiscard]] std::vector<SavedVersion> versions_of(const path& at);

// Succeeds once there are so many versions, the last one is current, and it is as large as the
// file. Says how many there are in the end if that does not come true.
[[nodiscard]] testing::AssertionResult gets_versions(const path& at, std::size_t wanted);

}  // namespace lensfs::test
