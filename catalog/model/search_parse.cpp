// A query's text becomes a tree. One parser object per query, one character of lookahead.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/base/text.h"
#include "catalog/model/field.h"
#include "catalog/model/search.h"

namespace lensfs {
namespace {

constexpr std::size_t kQueryLimit = 4096;  // bytes
constexpr int kTermsLimit = 256;
constexpr int kDepthLimit = 64;
constexpr std::array<std::string_view, 17> kBuiltInKeys = {
    "tag",    "project", "name", "kind", "ext", "label", "size", "added",   "modified",
    "author", "version", "has",  "no",   "is",  "like",  "text", "lastused"};

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

bool ends_word(char c) {
  return is_space(c) || c == '(' || c == ')' || c == '"';
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// A group of one is that one.
Query group_of(Query::Op op, std::vector<Query> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  Query group;
  group.op = op;
  group.parts = std::move(parts);
  return group;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Query> parse() {
    LENSFS_CHECK(check_characters());
    skip_space();
    if (at_end()) return wrong("a query is empty");
    LENSFS_TRY(Query query, any());
    if (!at_end()) return wrong("a closing parenthesis without its opening one");
    return query;
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char next() const { return at_end() ? '\0' : text_[at_]; }

  void skip_space() {
    while (!at_end() && is_space(text_[at_])) ++at_;
  }

  // What cannot be read, and where: characters from 1.
  [[nodiscard]] tl::unexpected<Error> wrong(const char* reason) const {
    const auto before = text_.substr(0, at_);
    const auto characters = std::count_if(before.begin(), before.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
    });
    return fail(Error(Errc::invalid, reason).with(fmt::format("character {}", characters + 1)));
  }

  Status check_characters() {
    if (text_.size() > kQueryLimit) return wrong("a query has over 4096 bytes");
    if (!is_utf8(text_)) return wrong("a query is not UTF-8");
    const auto control = std::find_if(text_.begin(), text_.end(), [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
    if (control == text_.end()) return {};
    at_ = static_cast<std::size_t>(control - text_.begin());
    return wrong("a control character");
  }

  // The word that starts here, without moving on.
  [[nodiscard]] std::string_view peek_word() const {
    std::size_t end = at_;
    while (end < text_.size() && !ends_word(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  [[nodiscard]] bool stands_at(std::string_view keyword) const {
    const std::string_view word = peek_word();
    const std::size_t end = at_ + word.size();
    // A quote right behind makes it a part of something else, which term() will refuse.
    return word.size() == keyword.size() && lower_ascii(word) == keyword &&
           (end == text_.size() || text_[end] != '"');
  }

  bool take(std::string_view keyword) {
    if (!stands_at(keyword)) return false;
    at_ += keyword.size();
    skip_space();
    return true;
  }

  Result<Query> any() {
    std::vector<Query> parts;
    do {
      LENSFS_TRY(Query part, all());
      parts.push_back(std::move(part));
    } while (take("or"));
    return group_of(Query::Op::any_of, std::move(parts));
  }

  Result<Query> all() {
    std::vector<Query> parts;
    do {
      LENSFS_TRY(Query part, negation());
      parts.push_back(std::move(part));
    } while (take("and") || (!at_end() && next() != ')' && !stands_at("or")));
    return group_of(Query::Op::all_of, std::move(parts));
  }

  Result<Query> negation() {
    if (depth_ == kDepthLimit) return wrong("a query is nested deeper than 64");
    ++depth_;
    auto query = take("not") ? negated() : next() == '(' ? in_parentheses() : term();
    --depth_;
    return query;
  }

  Result<Query> negated() {
    LENSFS_TRY(Query part, negation());
    Query query;
    query.op = Query::Op::none_of;
    query.parts.push_back(std::move(part));
    return query;
  }

  Result<Query> in_parentheses() {
    const std::size_t opening = at_++;
    skip_space();
    LENSFS_TRY(Query query, any());
    if (next() != ')') {
      at_ = opening;
      return wrong("an opening parenthesis without its closing one");
    }
    ++at_;
    skip_space();
    return query;
  }

  Result<Query> term() {
    if (at_end()) return wrong("something to look for is missing at the end");
    if (next() == ')') return wrong("something to look for is missing before the parenthesis");
    if (stands_at("and") || stands_at("or")) {
      return wrong("something to look for is missing before the keyword");
    }
    if (++terms_ > kTermsLimit) return wrong("a query has over 256 terms");
    const std::size_t start = at_;
    Query query;
    LENSFS_TRY(query.key, key());
    if (!query.key.empty()) query.compare = comparison();
    LENSFS_TRY(const bool ends_open, first_value(query));
    if (ends_open) {
      LENSFS_TRY(query.until, value());
    }
    if (const char* const fault = fault_of_term(query); fault != nullptr) {
      at_ = start;
      return wrong(fault);
    }
    skip_space();
    return query;
  }

  // The value, and whether the end of a range follows.
  Result<bool> first_value(Query& query) {
    const bool may_range = query.compare == Compare::matches && is_compared(query.key);
    if (next() != '"' && may_range) {
      const std::string_view whole = peek_word();
      const auto dots = whole.find("..");
      if (dots != std::string_view::npos && dots != 0) {
        query.compare = Compare::between;
        query.value = std::string(whole.substr(0, dots));
        at_ += dots + 2;
        return true;
      }
    }
    const bool was_quoted = next() == '"';
    LENSFS_TRY(query.value, value());
    if (!was_quoted || !may_range || !text_.substr(at_).starts_with("..")) return false;
    query.compare = Compare::between;
    at_ += 2;
    return true;
  }

  Result<std::string> value() { return next() == '"' ? quoted() : word(); }

  // The key, if the term has one; what compares is next then.
  Result<std::string> key() {
    const std::string_view whole = peek_word();
    const auto mark = whole.find_first_of(":=<>!");
    if (mark == std::string_view::npos) return std::string();
    if (whole[mark] == '!' && whole.substr(mark, 2) != "!=") return std::string();
    const std::string_view name = whole.substr(0, mark);
    if (name.empty()) return wrong("a key is missing before what compares");
    if (!check_field_key(name)) return wrong("a key is made of letters, digits, _ - and .");
    at_ += mark;
    const std::string lower = lower_ascii(name);
    const bool built_in =
        std::find(kBuiltInKeys.begin(), kBuiltInKeys.end(), lower) != kBuiltInKeys.end() ||
        lower == "stem" || lower == "marker";
    return built_in ? lower : std::string(name);
  }

  Compare comparison() {
    struct Spelled {
      std::string_view text;
      Compare compare;
    };
    constexpr std::array<Spelled, 7> kAll = {{{":", Compare::matches},
                                              {"!=", Compare::differs},
                                              {"<=", Compare::at_most},
                                              {">=", Compare::at_least},
                                              {"=", Compare::equals},
                                              {"<", Compare::below},
                                              {">", Compare::above}}};
    for (const Spelled& one : kAll) {
      if (!text_.substr(at_).starts_with(one.text)) continue;
      at_ += one.text.size();
      return one.compare;
    }
    return Compare::matches;  // key() saw one
  }

  Result<std::string> word() {
    const std::string_view found = peek_word();
    if (found.empty()) return wrong("a value is missing behind what compares");
    at_ += found.size();
    if (next() == '"') return wrong("a quote in the middle of a word");
    return std::string(found);
  }

  Result<std::string> quoted() {
    const std::size_t opening = at_++;
    std::string value;
    for (;;) {
      const auto quote = text_.find('"', at_);
      if (quote == std::string_view::npos) {
        at_ = opening;
        return wrong("a quote is not closed");
      }
      value += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (next() != '"') break;
      value += '"';
      ++at_;
    }
    if (value.empty()) {
      at_ = opening;
      return wrong("nothing stands between the quotes");
    }
    const bool ranges = text_.substr(at_).starts_with("..");
    if (!at_end() && !ends_word(next()) && !ranges) {
      return wrong("a space is missing behind the quote");
    }
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int terms_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<Query> parse_query(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace lensfs
