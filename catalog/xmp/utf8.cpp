#include "catalog/xmp/utf8.h"

#include "catalog/base/text.h"
#include "catalog/xmp/packet.h"

namespace lensfs::xmp {
namespace {

using namespace std::string_view_literals;

// As far as it is in pairs; halves that have no other half become "?".
std::string from_utf16(std::string_view bytes, bool big) {
  std::string text;
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(big ? first << 8U | second : second << 8U | first);
  };
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    std::uint32_t code = unit(at);
    if (code >= 0xD800 && code < 0xDC00 && at + 3 < bytes.size()) {
      const std::uint32_t low = unit(at + 2);
      const bool is_pair = low >= 0xDC00 && low < 0xE000;
      code = is_pair ? 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00) : '?';
      if (is_pair) at += 2;
    } else if (code >= 0xD800 && code < 0xE000) {
      code = '?';
    }
    append_utf8(text, code);
  }
  return text;
}

}  // namespace

void append_utf8(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    text += static_cast<char>(0xC0U | code >> 6U);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0U | code >> 12U);
    text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
  } else {
    text += static_cast<char>(0xF0U | code >> 18U);
    text += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
    text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
  }
  text += static_cast<char>(0x80U | (code & 0x3FU));
}

Result<std::string> as_utf8(std::string_view packet) {
  if (packet.size() > kLargestPacket) return fail(Errc::too_big, "more XMP than 16 MiB");
  std::string text;
  if (packet.starts_with("\xFE\xFF"sv) || packet.starts_with("\0<"sv)) {
    text = from_utf16(packet.substr(packet.front() == '\0' ? 0 : 2), true);
  } else if (packet.starts_with("\xFF\xFE"sv) || packet.starts_with("<\0"sv)) {
    text = from_utf16(packet.substr(packet.front() == '<' ? 0 : 2), false);
  } else {
    text = packet.substr(packet.starts_with("\xEF\xBB\xBF"sv) ? 3 : 0);
  }
  while (!text.empty() && text.back() == '\0') text.pop_back();
  if (!is_utf8(text) || text.find('\0') != std::string::npos) {
    return fail(Errc::corrupt, "no XMP: it is no text in UTF-8");
  }
  return text;
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        // Control characters have no spelling in XML 1.0.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') safe += c;
    }
  }
  return safe;
}

}  // namespace lensfs::xmp
