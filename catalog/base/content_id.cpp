#include "catalog/base/content_id.h"

namespace lensfs {
namespace {

// The value of a lower-case hex digit, or -1.
int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string to_hex(const ContentId& id) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(id.bytes.size() * 2);
  for (const std::uint8_t byte : id.bytes) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 0x0FU];
  }
  return hex;
}

Result<ContentId> content_id_from_hex(std::string_view hex) {
  ContentId id;
  if (hex.size() != id.bytes.size() * 2) return fail(Errc::invalid, "not a content id");
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const int high = digit_of(hex[2 * i]);
    const int low = digit_of(hex[2 * i + 1]);
    if (high < 0 || low < 0) return fail(Errc::invalid, "not a content id");
    id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

}  // namespace lensfs
