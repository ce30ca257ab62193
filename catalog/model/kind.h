// The kind of an asset, from its first bytes and its name. Nothing is decoded.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace lensfs {

inline constexpr std::size_t kKindProbeBytes = 64;

// "video", "audio", "image", "document", "design" or "other". `head` is the start of the file (up
// to kKindProbeBytes); the bytes win over the extension where they are clear.
[[nodiscard]] std::string_view kind_of(std::span<const std::byte> head, std::string_view name);

}  // namespace lensfs
