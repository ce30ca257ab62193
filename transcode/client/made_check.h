// Whether what somebody says is a rendition can be one. What engines write comes from code that
// untrusted media may have taken over, and what people bring may be anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "transcode/engine.h"

namespace lensfs {

// Whether a rendition by that recipe may have the extension (lower case, without a dot). invalid:
// its form or its format has another.
[[nodiscard]] Status check_extension(const Recipe& recipe, std::string_view extension);
// The extension that a rendition by that recipe must have to be called `name` beside `original`
// (rendered_name); nothing if none is.
[[nodiscard]] std::optional<std::string> extension_at(const Recipe& recipe,
                                                      std::string_view original,
                                                      std::string_view name);
// Whether the file begins as files of that extension do. corrupt if it does not.
[[nodiscard]] Status check_beginning(int file, std::string_view extension);
// All of it, for what an engine made: too_big over `limit` bytes, corrupt for what makes no sense.
[[nodiscard]] Status check_made(const Recipe& recipe, const Made& made, int file,
                                std::int64_t limit);

}  // namespace lensfs
