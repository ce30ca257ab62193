// Names: what is legal, how they are compared, how they are spelled.
//
// Everything the drive lists is legal on SMB: valid UTF-8, none of < > : " / \ | ? *, no control
// character, no trailing dot or space. A name that is not gets a reversible spelling: each byte in
// the way becomes %XX (upper-case hex); a % that two hex digits follow becomes %25, so that
// raw_name(legal_name(x)) == x for every x of at most 255 bytes that holds no / and no NUL.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lensfs {

inline constexpr std::size_t kNameLimit = 255;  // bytes in one file name

[[nodiscard]] bool is_utf8(std::string_view text);

// The legal spelling of a file name. It may be longer than kNameLimit: the caller then shortens it
// (shortened_name) and keeps the raw bytes beside it.
[[nodiscard]] std::string legal_name(std::string_view raw);
[[nodiscard]] bool is_legal_name(std::string_view name);  // legal_name would change nothing
// The bytes that a spelling stands for; text that holds no valid %XX is returned as it is.
[[nodiscard]] std::string raw_name(std::string_view legal);
// At most kNameLimit bytes: the stem is cut at a character and `~` + 8 hex digits of the name's
// XXH3 are put before the extension. Names that fit come back unchanged.
[[nodiscard]] std::string shortened_name(std::string_view legal);

// One path segment that stands for any text: as legal_name, and "/" too (%2F). Used for values in
// key=value segments, so that `tag=place%2Foslo` is one folder name.
[[nodiscard]] std::string segment_from_text(std::string_view text);
[[nodiscard]] std::string text_from_segment(std::string_view segment);

// The key under which two names clash on a case- and form-blind system: Unicode NFC and case
// folded. Bytes that are not UTF-8 are kept.
[[nodiscard]] std::string fold_name(std::string_view name);

// "clip.final.mov" -> {"clip.final", ".mov"}; a leading dot does not start an extension.
struct NameParts {
  std::string_view stem;
  std::string_view extension;  // with its dot, or empty
};
[[nodiscard]] NameParts split_name(std::string_view name);
[[nodiscard]] std::string lower_extension(std::string_view name);  // "mov"; ASCII lower case

// The number that all of the text is, as std::from_chars reads it; nothing for other text.
template <typename Number>
[[nodiscard]] std::optional<Number> number_from(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

// A cell of a table in CSV (RFC 4180): quoted where it has to be.
[[nodiscard]] std::string csv_cell(std::string_view text);

// How people write a length of time: "30s", "90m", "24h", "7d", "1y" (365 days), "0"; at most a
// hundred years. In nanoseconds; nothing for other text.
[[nodiscard]] std::optional<std::int64_t> duration_from(std::string_view text);

// How people write a size: "500M", "2G", "64k", "1T" (powers of 1024), or bytes. Nothing for other
// text.
[[nodiscard]] std::optional<std::int64_t> bytes_from(std::string_view text);

// An asset id as people see it: Crockford base32, lower case, at least 4 characters ("000a").
[[nodiscard]] std::string base32_id(std::int64_t id);
[[nodiscard]] std::optional<std::int64_t> id_from_base32(std::string_view text);

// "clip.mov" + 10 -> "clip~000a.mov", the stem cut where the result would pass kNameLimit.
[[nodiscard]] std::string suffixed_name(std::string_view name, std::int64_t id);
// The id in such a name, if it has the form.
[[nodiscard]] std::optional<std::int64_t> id_in_suffixed_name(std::string_view name);

}  // namespace lensfs
