// Globs over folded names: * any characters, ? one character, [a-z] [!a-z] one of some.
#pragma once

#include <string>
#include <string_view>

namespace lensfs {

// Whether all of `text` matches. Characters are code points; a "[" without its "]" stands for
// itself. Linear in the text for each "*" of the glob.
[[nodiscard]] bool matches_glob(std::string_view glob, std::string_view text);
// The start of a glob that every match shares, up to the first special character.
[[nodiscard]] std::string_view literal_prefix(std::string_view glob);
// A glob that only this text matches.
[[nodiscard]] std::string glob_of_text(std::string_view text);

}  // namespace lensfs
