#include "catalog/base/text.h"

#include <fmt/format.h>
#include <utf8proc.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <memory>

namespace lensfs {
namespace {

constexpr std::size_t kMinIdDigits = 4;
constexpr std::size_t kMaxIdDigits = 13;  // 65 bits
constexpr std::string_view kIdDigits = "0123456789abcdefghjkmnpqrstvwxyz";
// An "extension" that is longer than this is a sentence with a dot in it, and may be cut.
constexpr std::size_t kKeptExtension = 32;

std::uint8_t byte_of(char c) {
  return static_cast<std::uint8_t>(c);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Whether "%XX" stands at `at`.
bool is_escape(std::string_view text, std::size_t at) {
  return text[at] == '%' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 &&
         hex_value(text[at + 2]) >= 0;
}

// The length of the valid character that starts at `at`; 0 if there is none.
std::size_t character_length(std::string_view text, std::size_t at) {
  if (byte_of(text[at]) < 0x80) return 1;
  const std::string_view rest = text.substr(at, 4);
  utf8proc_int32_t code_point = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(rest.data()),
                                       static_cast<utf8proc_ssize_t>(rest.size()), &code_point);
  return length > 0 && code_point >= 0 ? static_cast<std::size_t>(length) : 0;
}

bool is_in_the_way(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (byte_of(c) < 0x20 || c == 0x7F) return true;
  if (std::string_view("<>:\"/\\|?*").find(c) != std::string_view::npos) return true;
  if ((c == '.' || c == ' ') && at + 1 == text.size()) return true;
  return is_escape(text, at);
}

// The longest start of `text` of at most `limit` bytes that ends between two characters and does
// not cut a %XX.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && (byte_of(text[end]) & 0xC0U) == 0x80) --end;
  for (std::size_t back = 1; back <= 2 && back <= end; ++back) {
    if (is_escape(text, end - back)) return text.substr(0, end - back);
  }
  return text.substr(0, end);
}

// Puts `mark` before the extension and cuts the stem so that the whole fits.
std::string with_mark(std::string_view name, std::string_view mark) {
  NameParts parts = split_name(name);
  if (parts.extension.size() > kKeptExtension) parts = {.stem = name, .extension = {}};
  const std::size_t room = kNameLimit - mark.size() - parts.extension.size();
  return fmt::format("{}{}{}", cut(parts.stem, room), mark, parts.extension);
}

int id_digit(char c) {
  const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower == 'o') return 0;
  if (lower == 'i' || lower == 'l') return 1;
  const auto at = kIdDigits.find(lower);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::optional<std::int64_t> id_at_end(std::string_view stem) {
  const auto tilde = stem.rfind('~');
  if (tilde == std::string_view::npos) return std::nullopt;
  const auto digits = stem.substr(tilde + 1);
  const auto id = id_from_base32(digits);
  // Only the one spelling that suffixed_name writes: a name must not have two forms.
  if (!id || base32_id(*id) != digits) return std::nullopt;
  return id;
}

// Adds the folded form of valid UTF-8 to `out`.
void fold_valid(std::string_view text, std::string& out) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (length < 0) {
    out += text;
  } else {
    out.append(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
  }
}

char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string legal_name(std::string_view raw) {
  std::string legal;
  legal.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t length = character_length(raw, at);
    if (length == 0 || is_in_the_way(raw, at)) {
      legal += fmt::format("%{:02X}", byte_of(raw[at]));
      ++at;
    } else {
      legal += raw.substr(at, length);
      at += length;
    }
  }
  return legal;
}

bool is_legal_name(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t length = character_length(name, at);
    if (length == 0 || is_in_the_way(name, at)) return false;
    at += length;
  }
  return true;
}

std::string raw_name(std::string_view legal) {
  std::string raw;
  raw.reserve(legal.size());
  for (std::size_t at = 0; at < legal.size();) {
    if (is_escape(legal, at)) {
      raw += static_cast<char>(hex_value(legal[at + 1]) * 16 + hex_value(legal[at + 2]));
      at += 3;
    } else {
      raw += legal[at];
      ++at;
    }
  }
  return raw;
}

std::string shortened_name(std::string_view legal) {
  if (legal.size() <= kNameLimit) return std::string(legal);
  const std::uint64_t hash = XXH3_64bits(legal.data(), legal.size());
  return with_mark(legal, fmt::format("~{:08x}", hash >> 32U));
}

// legal_name already escapes "/", which no file name holds.
std::string segment_from_text(std::string_view text) {
  return legal_name(text);
}

std::string text_from_segment(std::string_view segment) {
  return raw_name(segment);
}

std::string fold_name(std::string_view name) {
  std::string folded;
  folded.reserve(name.size());
  if (std::all_of(name.begin(), name.end(), [](char c) { return byte_of(c) < 0x80; })) {
    for (const char c : name) folded += ascii_lower(c);
    return folded;
  }
  std::size_t valid_from = 0;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t length = character_length(name, at);
    if (length > 0) {
      at += length;
      continue;
    }
    fold_valid(name.substr(valid_from, at - valid_from), folded);
    folded += name[at];
    valid_from = ++at;
  }
  fold_valid(name.substr(valid_from), folded);
  return folded;
}

NameParts split_name(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) {
    return {.stem = name, .extension = {}};
  }
  return {.stem = name.substr(0, dot), .extension = name.substr(dot)};
}

std::string lower_extension(std::string_view name) {
  std::string extension(split_name(name).extension);
  if (!extension.empty()) extension.erase(0, 1);
  std::transform(extension.begin(), extension.end(), extension.begin(), ascii_lower);
  return extension;
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string cell = "\"";
  for (const char c : text) {
    cell += c;
    if (c == '"') cell += c;
  }
  return cell + '"';
}

std::optional<std::int64_t> duration_from(std::string_view text) {
  constexpr std::int64_t kMostSeconds = std::int64_t{100} * 366 * 86400;
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  std::int64_t seconds = 0;
  if (unit == "s" || (unit.empty() && count == 0)) seconds = 1;
  if (unit == "m") seconds = 60;
  if (unit == "h") seconds = 3600;
  if (unit == "d") seconds = 86400;
  if (unit == "y") seconds = 365 * 86400;
  if (error != std::errc() || count < 0 || seconds == 0) return std::nullopt;
  if (count > kMostSeconds / seconds) return std::nullopt;
  return count * seconds * 1'000'000'000;
}

std::optional<std::int64_t> bytes_from(std::string_view text) {
  constexpr std::string_view kUnits = "kMGT";
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  if (error != std::errc() || count < 0 || unit.size() > 1) return std::nullopt;
  if (unit.empty()) return count;
  const std::size_t power = kUnits.find(unit);
  if (power == std::string_view::npos) return std::nullopt;
  const int shift = 10 * (static_cast<int>(power) + 1);
  if (count > (std::numeric_limits<std::int64_t>::max() >> shift)) return std::nullopt;
  return count << shift;
}

std::string base32_id(std::int64_t id) {
  std::string digits;
  for (auto rest = static_cast<std::uint64_t>(id); rest != 0 || digits.size() < kMinIdDigits;
       rest >>= 5U) {
    digits += kIdDigits[rest & 31U];
  }
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<std::int64_t> id_from_base32(std::string_view text) {
  if (text.empty() || text.size() > kMaxIdDigits) return std::nullopt;
  std::uint64_t id = 0;
  for (const char c : text) {
    const int digit = id_digit(c);
    if (digit < 0 || id >> 58U != 0) return std::nullopt;
    id = id << 5U | static_cast<std::uint64_t>(digit);
  }
  return static_cast<std::int64_t>(id);
}

std::string suffixed_name(std::string_view name, std::int64_t id) {
  return with_mark(name, "~" + base32_id(id));
}

std::optional<std::int64_t> id_in_suffixed_name(std::string_view name) {
  if (const auto id = id_at_end(split_name(name).stem)) return id;
  return id_at_end(name);  // where a long "extension" was part of the stem
}

}  // namespace lensfs
