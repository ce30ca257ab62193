#include "catalog/model/glob.h"

#include <optional>

namespace lensfs {
namespace {

// The length of the character that starts `text`; a byte that starts none counts as one.
std::size_t character_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return length <= text.size() ? length : 1;
}

std::string_view first_character(std::string_view text) {
  return text.substr(0, character_length(text));
}

// "[a-z]" at the start of a glob, taken apart.
struct CharacterClass {
  std::string_view members;  // between the brackets, without "!"
  bool negated = false;
  std::size_t length = 0;  // of the whole, brackets included
};

std::optional<CharacterClass> character_class(std::string_view glob) {
  std::size_t start = 1;
  const bool negated = start < glob.size() && (glob[start] == '!' || glob[start] == '^');
  if (negated) ++start;
  const auto end = glob.find(']', start + 1);  // a "]" that comes first is a member
  if (end == std::string_view::npos) return std::nullopt;
  return CharacterClass{
      .members = glob.substr(start, end - start), .negated = negated, .length = end + 1};
}

// UTF-8 compares as its code points do, so a range is a range of strings.
bool holds(const CharacterClass& of, std::string_view character) {
  std::string_view rest = of.members;
  bool found = false;
  while (!rest.empty() && !found) {
    const std::string_view low = first_character(rest);
    rest.remove_prefix(low.size());
    if (rest.size() < 2 || rest.front() != '-') {
      found = character == low;
      continue;
    }
    rest.remove_prefix(1);
    const std::string_view high = first_character(rest);
    rest.remove_prefix(high.size());
    found = low <= character && character <= high;
  }
  return found != of.negated;
}

// What one element of a glob (not "*") takes of a text.
struct Step {
  std::size_t glob = 0;
  std::size_t text = 0;
};

std::optional<Step> match_one(std::string_view glob, std::string_view text) {
  if (glob.empty() || text.empty()) return std::nullopt;
  const std::string_view character = first_character(text);
  if (glob.front() == '?') return Step{.glob = 1, .text = character.size()};
  if (glob.front() == '[') {
    if (const auto of = character_class(glob)) {
      if (!holds(*of, character)) return std::nullopt;
      return Step{.glob = of->length, .text = character.size()};
    }
  }
  if (glob.front() != text.front()) return std::nullopt;
  return Step{.glob = 1, .text = 1};
}

}  // namespace

bool matches_glob(std::string_view glob, std::string_view text) {
  // Where to go on when the text behind the last "*" did not match: only that star has to give.
  std::optional<std::string_view> glob_after_star;
  std::string_view text_at_star;
  while (!text.empty()) {
    if (!glob.empty() && glob.front() == '*') {
      glob.remove_prefix(1);
      glob_after_star = glob;
      text_at_star = text;
      continue;
    }
    if (const auto step = match_one(glob, text)) {
      glob.remove_prefix(step->glob);
      text.remove_prefix(step->text);
      continue;
    }
    if (!glob_after_star) return false;
    text_at_star.remove_prefix(character_length(text_at_star));
    text = text_at_star;
    glob = *glob_after_star;
  }
  return glob.find_first_not_of('*') == std::string_view::npos;
}

std::string_view literal_prefix(std::string_view glob) {
  return glob.substr(0, glob.find_first_of("*?["));
}

std::string glob_of_text(std::string_view text) {
  std::string glob;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[') {
      glob += '[';
      glob += c;
      glob += ']';
    } else {
      glob += c;
    }
  }
  return glob;
}

}  // namespace lensfs
