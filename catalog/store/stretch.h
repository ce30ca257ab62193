// The stretches of a file: where it holds bytes and where it has holes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "catalog/base/result.h"
#include "catalog/store/store.h"

namespace lensfs {

// How much is read, hashed and written at a time. Measured on ext4 (512 MiB, cached, with the
// hash): 128 KiB 0.39 s, 256 KiB 0.16 to 0.20 s, 1 MiB 0.13 s, 4 MiB 0.13 s.
inline constexpr std::uint64_t kChunk = std::uint64_t{1} << 20U;

enum class Holds { bytes, zeros };

// Stretch: a part of a file, in bytes.
struct Stretch {
  Holds holds = Holds::bytes;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// The stretch that starts at `offset`, which is below `size`; it ends at `size` at the latest.
// Where the file system does not say, all is bytes. Moves the file offset of `fd`.
[[nodiscard]] Result<Stretch> stretch_at(int fd, std::uint64_t offset, std::uint64_t size);

// Room for one chunk of a file of `size` bytes.
[[nodiscard]] std::vector<std::byte> chunk_buffer(std::uint64_t size);

// Reads exactly `into.size()` bytes: changed if the file ends before.
[[nodiscard]] Status read_exactly(int fd, std::span<std::byte> into, std::uint64_t offset);

// Pace: what a long pass over a file owes its caller: stops when asked to, and tells how far it is.
struct Pace {
  std::stop_token stop = {};
  const BytesDone* progress = nullptr;  // may be null or empty

  // interrupted if the caller wants to stop; else reports `bytes` more.
  [[nodiscard]] Status advance(std::uint64_t bytes) const;
};

}  // namespace lensfs
