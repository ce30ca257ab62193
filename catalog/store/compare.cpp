#include "catalog/store/compare.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "catalog/base/fd.h"
#include "catalog/store/stretch.h"

namespace lensfs {
namespace {

bool has_size(const struct stat& status, std::uint64_t size) {
  return S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) == size;
}

// The stretch of two files at once: zeros only where both have a hole.
Result<Stretch> stretch_of_both(int a, int b, std::uint64_t offset, std::uint64_t size) {
  LENSFS_TRY(const Stretch in_a, stretch_at(a, offset, size));
  LENSFS_TRY(const Stretch in_b, stretch_at(b, offset, size));
  const bool is_hole = in_a.holds == Holds::zeros && in_b.holds == Holds::zeros;
  return Stretch{.holds = is_hole ? Holds::zeros : Holds::bytes,
                 .offset = offset,
                 .length = std::min(in_a.length, in_b.length)};
}

}  // namespace

Result<bool> same_bytes(int a, int b, std::uint64_t size, std::stop_token stop) {
  LENSFS_TRY(const struct stat of_a, stat_of(a));
  LENSFS_TRY(const struct stat of_b, stat_of(b));
  if (!has_size(of_a, size) || !has_size(of_b, size)) return false;
  if (of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino) return true;

  const Pace pace{.stop = std::move(stop)};
  std::vector<std::byte> from_a = chunk_buffer(size);
  std::vector<std::byte> from_b = chunk_buffer(size);
  for (std::uint64_t offset = 0; offset < size;) {
    LENSFS_CHECK(pace.advance(0));
    LENSFS_TRY(const Stretch stretch, stretch_of_both(a, b, offset, size));
    if (stretch.holds == Holds::zeros) {
      offset += stretch.length;
      continue;
    }
    const std::size_t length = std::min(stretch.length, kChunk);
    LENSFS_CHECK(read_exactly(a, std::span(from_a).first(length), offset));
    LENSFS_CHECK(read_exactly(b, std::span(from_b).first(length), offset));
    if (std::memcmp(from_a.data(), from_b.data(), length) != 0) return false;
    offset += length;
  }
  return true;
}

}  // namespace lensfs
