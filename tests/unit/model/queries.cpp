#include "tests/unit/model/queries.h"

#include <array>
#include <cstdlib>

namespace lensfs::test {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string printed_term(const Query& term) {
  if (term.key.empty()) return quoted(term.value);
  const std::string text = term.key + compare_text(term.compare) + quoted(term.value);
  return term.compare == Compare::between ? text + ".." + quoted(term.until) : text;
}

}  // namespace

std::string compare_text(Compare compare) {
  constexpr std::array<const char*, 8> kAll = {":", "=", "!=", "<", "<=", ">", ">=", ":"};
  return kAll[static_cast<std::size_t>(compare)];
}

std::string printed(const Query& query) {
  if (query.op == Query::Op::term) return printed_term(query);
  if (query.op == Query::Op::none_of) return "not (" + printed(query.parts.front()) + ")";
  std::string text;
  for (const Query& part : query.parts) {
    if (!text.empty()) text += query.op == Query::Op::any_of ? " or " : " ";
    text += "(" + printed(part) + ")";
  }
  return text;
}

std::size_t asked_for(const char* name, std::size_t otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::stoul(value);
}

}  // namespace lensfs::test
