// Copying and hashing of whole files. The hash always describes the bytes that were stored.
#pragma once

#include <cstdint>
#include <functional>

#include "catalog/base/content_id.h"
#include "catalog/base/hasher.h"
#include "catalog/store/store.h"
#include "catalog/store/stretch.h"

namespace lensfs {

// Hashes the first `size` bytes of `fd`; holes cost no reading.
[[nodiscard]] Result<ContentId> hash_bytes(int fd, std::uint64_t size, const Pace& pace);

struct Copied {
  ContentId id;
  CopyMethod method = CopyMethod::read_write;
  std::uint64_t size = 0;
};

// Says whether so many more bytes may be written.
using RoomCheck = std::function<Status(std::uint64_t)>;

// Fills the empty file `target` with the bytes of `source`, by the best method that the file
// systems offer, and hashes them. not_supported for what is not a regular file.
[[nodiscard]] Result<Copied> copy_file(int source, int target, const RoomCheck& room,
                                       const Pace& pace);

// The same without a hash: shared extents where the file system has them, else stretch by stretch
// inside the kernel.
[[nodiscard]] Status fill_file(int source, int target, const RoomCheck& room);

// One method of it; copy_file chooses. `target` is as long as the source when they return.
struct CopyJob {
  int source;
  int target;
  std::uint64_t size;
};
// Reads, hashes and writes each chunk out of one buffer.
[[nodiscard]] Result<ContentId> copy_by_read_write(const CopyJob& job, const RoomCheck& room,
                                                   const Pace& pace);
// Lets the kernel copy each chunk and hashes what arrived. not_supported (or cross_device, invalid)
// before anything was copied if the kernel cannot.
[[nodiscard]] Result<ContentId> copy_by_range(const CopyJob& job, const RoomCheck& room,
                                              const Pace& pace);

}  // namespace lensfs
