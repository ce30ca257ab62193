// Byte comparison: what decides that two files are one content.
#pragma once

#include <cstdint>
#include <stop_token>

#include "catalog/base/result.h"

namespace lensfs {

// Whether both files have `size` bytes and all of them are equal. What is a hole in both is not
// read. Moves the file offset of both. io, interrupted.
[[nodiscard]] Result<bool> same_bytes(int a, int b, std::uint64_t size, std::stop_token stop);

}  // namespace lensfs
