// ContentId: the 128-bit XXH3 of a file's bytes. With the size (and a serial number for the true
// collision that nobody has ever seen) it names the object that holds them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs {

// Big-endian ("canonical") XXH3-128, seed 0: what `xxh128sum` prints.
struct ContentId {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const ContentId&) const = default;
};

// 32 lower-case hex digits, and back (invalid for anything else).
[[nodiscard]] std::string to_hex(const ContentId& id);
[[nodiscard]] Result<ContentId> content_id_from_hex(std::string_view hex);

// ObjectKey: the full name of an object in the store.
struct ObjectKey {
  ContentId id;
  std::uint64_t size = 0;    // bytes
  std::uint32_t serial = 0;  // 0 for the first content with this id and size, then 1, 2 …
  auto operator<=>(const ObjectKey&) const = default;
};

}  // namespace lensfs
