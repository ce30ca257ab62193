// The text of a packet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs::xmp {

// UTF-8 without a byte order mark, of UTF-8 or UTF-16. corrupt for what is neither, too_big over
// kLargestPacket.
[[nodiscard]] Result<std::string> as_utf8(std::string_view packet);
// Adds the character of a code point; what it is given must be one.
void append_utf8(std::string& text, std::uint32_t code);
// In character data and in double quotes.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace lensfs::xmp
