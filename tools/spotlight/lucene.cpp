#include "tools/spotlight/lucene.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr int kDeepest = 64;
constexpr std::size_t kMostTerms = 256;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<LuceneQuery> all() {
    LENSFS_TRY(LuceneQuery query, any());
    if (!rest().empty()) return wrong("more than one query");
    return query;
  }

 private:
  using Op = LuceneQuery::Op;

  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  bool take(std::string_view token) {
    if (!rest().starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  [[nodiscard]] tl::unexpected<Error> wrong(const char* why) const {
    return fail(Error(Errc::invalid, why).with(fmt::format("at {}", at_ + 1)));
  }

  Result<LuceneQuery> any() { return several(Op::any_of, " OR ", &Parser::all_of); }
  Result<LuceneQuery> all_of() { return several(Op::all_of, " AND ", &Parser::negated); }

  // Parts between these words; one that stands alone is what it is.
  Result<LuceneQuery> several(Op op, std::string_view between,
                              Result<LuceneQuery> (Parser::*one)()) {
    LuceneQuery query{.op = op};
    do {
      LENSFS_TRY(LuceneQuery part, (this->*one)());
      query.parts.push_back(std::move(part));
    } while (take(between));
    if (query.parts.size() > 1) return query;
    LuceneQuery only = std::move(query.parts.front());
    return only;
  }

  Result<LuceneQuery> negated() {
    if (++depth_ > kDeepest) return wrong("too many levels");
    auto query = negated_within();
    --depth_;
    return query;
  }

  Result<LuceneQuery> negated_within() {
    if (take("NOT ")) {
      LENSFS_TRY(LuceneQuery of, negated());
      LuceneQuery query{.op = Op::none_of};
      query.parts.push_back(std::move(of));
      return query;
    }
    if (!take("(")) return term();
    LENSFS_TRY(LuceneQuery query, any());
    if (!take(")")) return wrong("a parenthesis is open");
    return query;
  }

  Result<LuceneQuery> term() {
    if (++terms_ > kMostTerms) return wrong("too many terms");
    LuceneQuery term;
    LENSFS_TRY(Pattern first, word());
    if (!take(":")) {
      term.values.push_back(std::move(first));
      return term;
    }
    if (!first.is_plain()) return wrong("no field has such a name");
    term.field = std::move(first.parts.front());
    LENSFS_CHECK(value(term));
    return term;
  }

  Status value(LuceneQuery& term) {
    if (take("\"")) return quoted(term);
    if (take("(")) return list(term);
    if (take("[")) return range(term, LuceneQuery::Form::within, "]");
    if (take("{")) return range(term, LuceneQuery::Form::between, "}");
    LENSFS_TRY(Pattern only, word());
    term.values.push_back(std::move(only));
    return {};
  }

  Status quoted(LuceneQuery& term) {
    std::string text;
    for (; !rest().empty() && rest().front() != '"'; ++at_) {
      if (rest().front() == '\\' && rest().size() > 1) ++at_;
      text += rest().front();
    }
    if (!take("\"")) return wrong("a quote is open");
    term.form = LuceneQuery::Form::quoted;
    term.values.push_back({{std::move(text)}});
    return {};
  }

  Status list(LuceneQuery& term) {
    do {
      LENSFS_TRY(Pattern one, word());
      term.values.push_back(std::move(one));
      if (term.values.size() > kMostTerms) return wrong("too many words");
    } while (take(" "));
    if (!take(")")) return wrong("a list is open");
    return {};
  }

  Status range(LuceneQuery& term, LuceneQuery::Form form, std::string_view close) {
    LENSFS_TRY(Pattern from, word());
    if (!take(" TO ")) return wrong("a range has two ends");
    LENSFS_TRY(Pattern until, word());
    if (!take(close)) return wrong("a range is open");
    term.form = form;
    term.values = {std::move(from), std::move(until)};
    return {};
  }

  // Ends before what means something by itself.
  Result<Pattern> word() {
    constexpr std::string_view kEnds = " :()[]{}\"";
    constexpr std::string_view kNotMeant = "?^~!&|";  // Samba never leaves these bare
    const std::size_t from = at_;
    Pattern pattern;
    for (; !rest().empty() && kEnds.find(rest().front()) == std::string_view::npos; ++at_) {
      char c = rest().front();
      if (kNotMeant.find(c) != std::string_view::npos) return wrong("not understood");
      if (c == '*') {
        pattern.parts.emplace_back();
        continue;
      }
      if (c == '\\') {
        if (rest().size() == 1) return wrong("a backslash ends it");
        ++at_;
        c = rest().front();
      }
      pattern.parts.back() += c;
    }
    const std::string_view spelled = text_.substr(from, at_ - from);
    if (spelled.empty()) return wrong("a word is missing");
    if (spelled == "AND" || spelled == "OR" || spelled == "NOT" || spelled == "TO") {
      return wrong("a word of the language stands alone");
    }
    return pattern;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t terms_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<LuceneQuery> parse_lucene(std::string_view text) {
  if (text.size() > kLuceneBytes) return fail(Errc::invalid, "the query is too long");
  if (!is_utf8(text) || std::any_of(text.begin(), text.end(), is_control)) {
    return fail(Errc::invalid, "not a text");
  }
  return Parser(text).all();
}

}  // namespace lensfs
