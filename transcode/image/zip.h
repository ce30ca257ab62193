// ZIP files as libarchive reads them, out of a source that is only bytes: no path is opened.
#pragma once

#include <archive.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "transcode/image/bytes.h"

namespace lensfs {

inline constexpr int kMostZipMembers = 20'000;  // that are looked at

// Where a reader of a file is. It must outlive the Archive that was opened with it.
struct ZipReading {
  Bytes bytes;
  std::int64_t offset = 0;
  std::array<std::byte, 65536> block{};
};

using Archive = std::unique_ptr<archive, int (*)(archive*)>;

// Opens it from its start. corrupt for what is no ZIP.
[[nodiscard]] Result<Archive> open_zip(ZipReading& reading);

}  // namespace lensfs
