#include "transcode/facts/running_text.h"

#include <algorithm>
#include <array>

#include "catalog/base/text.h"
#include "catalog/xmp/utf8.h"

namespace lensfs::facts {
namespace {

constexpr std::size_t kMostOfTag = 64;
constexpr std::size_t kMostOfEntity = 10;

unsigned code_of(std::string_view number) {
  unsigned code = 0;
  const bool is_hex = number.starts_with('x') || number.starts_with('X');
  if (is_hex) number.remove_prefix(1);
  const char* const end = number.data() + number.size();
  const auto [stopped, error] = std::from_chars(number.data(), end, code, is_hex ? 16 : 10);
  const bool is_one = error == std::errc() && stopped == end && code >= 0x20 && code < 0x110000 &&
                      (code < 0xD800 || code >= 0xE000);
  return is_one ? code : ' ';
}

}  // namespace

void RunningText::put(char c) {
  if (skipped_ > 0 || (of_ == Of::runs && !is_wanted_)) return;
  const bool is_space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
  if (is_space && (text_.empty() || text_.back() == ' ')) return;
  text_ += is_space ? ' ' : c;
}

void RunningText::end_tag() {
  in_tag_ = false;
  const bool is_end = tag_.starts_with('/');
  const bool is_empty = tag_.ends_with('/');
  std::string_view name = tag_;
  name = name.substr(is_end ? 1 : 0);
  name = name.substr(0, name.find_first_of(" \t\r\n/"));
  name = name.substr(name.find(':') + 1);
  if (name == "script" || name == "style" || name == "head") {
    if (!is_empty) skipped_ = std::max(0, skipped_ + (is_end ? -1 : 1));
  }
  if (name == "t") is_wanted_ = !is_end && !is_empty;
  constexpr std::array<std::string_view, 14> kBreaks = {
      "p", "h", "h1", "h2", "h3", "tr", "td", "li", "br", "si", "tab", "div", "cell", "s"};
  const bool is_break = std::find(kBreaks.begin(), kBreaks.end(), name) != kBreaks.end();
  if (is_break && !text_.empty() && text_.back() != ' ') text_ += ' ';
}

void RunningText::end_entity() {
  in_entity_ = false;
  std::string meant = " ";
  if (entity_ == "amp") meant = "&";
  if (entity_ == "lt") meant = "<";
  if (entity_ == "gt") meant = ">";
  if (entity_ == "quot") meant = "\"";
  if (entity_ == "apos") meant = "'";
  if (entity_.starts_with('#')) {
    meant.clear();
    xmp::append_utf8(meant, code_of(std::string_view(entity_).substr(1)));
  }
  for (const char c : meant) put(c);
}

void RunningText::add(std::string_view block) {
  for (const char c : block) {
    if (in_tag_) {
      if (c == '>') {
        end_tag();
      } else if (tag_.size() < kMostOfTag) {
        tag_ += c;
      } else {
        tag_.back() = c;  // whether it ends with "/" is told by the last one
      }
    } else if (c == '<') {
      in_tag_ = true;
      in_entity_ = false;
      tag_.clear();
    } else if (in_entity_) {
      if (c == ';') {
        end_entity();
      } else if (entity_.size() < kMostOfEntity) {
        entity_ += c;
      } else {
        in_entity_ = false;
      }
    } else if (c == '&') {
      in_entity_ = true;
      entity_.clear();
    } else {
      put(c);
    }
  }
}

}  // namespace lensfs::facts
