// SVG and plain text.
#include <algorithm>

#include <pugixml.hpp>

#include "catalog/base/text.h"
#include "catalog/xmp/packet.h"
#include "transcode/facts/readers.h"

namespace lensfs::facts {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMostDrawing = std::size_t{32} << 20U;

std::string_view local(std::string_view name) {
  return name.substr(name.find(':') + 1);
}

const char* child_text(const pugi::xml_node& parent, std::string_view name) {
  for (const pugi::xml_node& child : parent.children()) {
    if (local(child.name()) == name) return child.text().get();
  }
  return "";
}

// Words of texts in it, in order.
struct Words : pugi::xml_tree_walker {
  explicit Words(Facts& to) : facts(to) {}
  bool for_each(pugi::xml_node& node) override {
    const std::string_view parent = local(node.parent().name());
    if (node.type() == pugi::node_pcdata && (parent == "text" || parent == "tspan")) {
      facts.add_words(node.value());
    }
    return true;
  }
  Facts& facts;
};

std::string from_utf16(std::string_view bytes, bool big) {
  std::string text;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    const auto high = static_cast<unsigned char>(bytes[at + (big ? 0 : 1)]);
    const auto low = static_cast<unsigned char>(bytes[at + (big ? 1 : 0)]);
    const unsigned code = static_cast<unsigned>(high) << 8U | low;
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xC0U | code >> 6U);
      text += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0xD800 || code >= 0xE000) {
      text += static_cast<char>(0xE0U | code >> 12U);
      text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
      text += static_cast<char>(0x80U | (code & 0x3FU));
    }
  }
  return text;
}

}  // namespace

bool is_deep(std::string_view xml) {
  constexpr int kDeepest = 200;
  int depth = 0;
  for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
    const char next = at + 1 < xml.size() ? xml[at + 1] : '\0';
    if (next == '/') {
      --depth;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    if (end == std::string_view::npos) return false;
    if (next == '?' || next == '!' || xml[end - 1] == '/') continue;
    if (++depth > kDeepest) return true;
  }
  return false;
}

Status read_drawing(const Bytes& bytes, Facts& facts) {
  LENSFS_TRY(const std::string text, bytes.head(kMostDrawing));
  if (text.starts_with("\x1f\x8b"sv) || is_deep(text)) return {};
  pugi::xml_document document;
  if (!document.load_buffer(text.data(), text.size())) return {};  // others draw what they can
  pugi::xml_node top = document.document_element();
  facts.say("title", child_text(top, "title"));
  facts.say("description", child_text(top, "desc"));
  Words words(facts);
  document.traverse(words);
  return {};
}

// Text is what has no control characters.
Status read_words(const Bytes& bytes, Facts& facts) {
  std::string text(std::min(kLongestWords, static_cast<std::size_t>(bytes.size())), '\0');
  LENSFS_TRY(const std::size_t length, bytes.read_at(0, std::as_writable_bytes(std::span(text))));
  text.resize(length);
  const std::string_view whole = text;
  if (whole.starts_with("\xFF\xFE"sv) || whole.starts_with("\xFE\xFF"sv)) {
    text = from_utf16(whole.substr(2), whole.front() == '\xFE');
  }
  const bool is_text = std::none_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x09 || (c > 0x0D && c < 0x20 && c != 0x1B);
  });
  if (!is_text) return {};
  // A character may be cut at the end.
  for (int i = 0; i < 3 && !text.empty() && !is_utf8(text) && bytes.size() > std::ssize(text);
       ++i) {
    text.pop_back();
  }
  facts.add_words(readable(text));
  return {};
}

}  // namespace lensfs::facts
