#include "catalog/store/stretch.h"

#include <unistd.h>

#include <algorithm>

#include "catalog/base/fd.h"

namespace lensfs {

Result<Stretch> stretch_at(int fd, std::uint64_t offset, std::uint64_t size) {
  const auto rest = size - offset;
  const off_t bytes_at = ::lseek(fd, static_cast<off_t>(offset), SEEK_DATA);
  if (bytes_at < 0) {
    if (errno == ENXIO) return Stretch{.holds = Holds::zeros, .offset = offset, .length = rest};
    if (errno == EINVAL || errno == EOPNOTSUPP) {
      return Stretch{.holds = Holds::bytes, .offset = offset, .length = rest};
    }
    return last_error("seek");
  }
  const auto gap = static_cast<std::uint64_t>(bytes_at) - offset;
  if (gap > 0) {
    return Stretch{.holds = Holds::zeros, .offset = offset, .length = std::min(gap, rest)};
  }
  const off_t hole_at = ::lseek(fd, bytes_at, SEEK_HOLE);
  if (hole_at < 0) return last_error("seek");
  const auto length = static_cast<std::uint64_t>(hole_at) - offset;
  return Stretch{.holds = Holds::bytes, .offset = offset, .length = std::min(length, rest)};
}

std::vector<std::byte> chunk_buffer(std::uint64_t size) {
  return std::vector<std::byte>(std::min(size, kChunk));
}

Status read_exactly(int fd, std::span<std::byte> into, std::uint64_t offset) {
  LENSFS_TRY(const std::size_t count, read_full(fd, into, static_cast<off_t>(offset)));
  if (count < into.size()) return fail(Errc::changed, "the file got shorter while it was read");
  return {};
}

Status Pace::advance(std::uint64_t bytes) const {
  if (stop.stop_requested()) return fail(Errc::interrupted, "asked to stop");
  if (progress != nullptr && *progress && bytes > 0) (*progress)(bytes);
  return {};
}

}  // namespace lensfs
