// Whether what somebody says is a rendition can be one. What engines write comes from code that
// untrusted media may have taken over, and what people bring may be anything.
#pragma once

#include <cstdint>
#include <string_view>

#include "transcode/engine.h"

namespace lensfs {

// Whether a rendition by that recipe may have the extension (lower case, without a dot). invalid:
// its form or its format has another.
[[nodiscard]] Status check_extension(const Recipe& recipe, std::string_view extension);
// Whether the file begins as files of that extension do. corrupt if it does not.
[[nodiscard]] Status check_beginning(int file, std::string_view extension);
// All of it, for what an engine made: too_big over `limit` bytes, corrupt for what makes no sense.
[[nodiscard]] Status check_made(const Recipe& recipe, const Made& made, int file,
                                std::int64_t limit);

}  // namespace lensfs
