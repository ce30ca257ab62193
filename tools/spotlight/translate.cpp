#include "tools/spotlight/translate.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/glob.h"
#include "tools/spotlight/fields.h"
#include "tools/spotlight/lucene.h"

namespace lensfs {
namespace {

constexpr std::string_view kFolderField = "path.real.fulltext";

tl::unexpected<Error> cannot(const char* why, std::string_view field) {
  return fail(Error(Errc::not_supported, why).with(field));
}

Query joined(Query::Op op, std::vector<Query> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return {.op = op, .parts = std::move(parts)};
}

Query term_of(std::string_view key, std::string value, Compare compare = Compare::matches) {
  Query term;
  term.key = key;
  term.value = std::move(value);
  term.compare = compare;
  return term;
}

// What no asset is.
Query nothing() {
  return {.op = Query::Op::none_of, .parts = {term_of("name", "*")}};
}

std::string glob_of(const Pattern& pattern) {
  std::string glob;
  for (const std::string& part : pattern.parts) {
    if (&part != &pattern.parts.front()) glob += "*";
    glob += glob_of_text(part);
  }
  return glob;
}

// As words: a star at the end is the beginning of one; one at the start says nothing, for words
// are found wherever they stand. Nothing for a star within, and for no words.
std::optional<Query> said(const Pattern& pattern) {
  std::vector<std::string> parts = pattern.parts;
  if (parts.size() > 1 && parts.front().empty()) parts.erase(parts.begin());
  const bool goes_on = parts.size() > 1 && parts.back().empty();
  if (goes_on) parts.pop_back();
  if (parts.size() != 1) return std::nullopt;
  std::string& phrase = parts.front();
  while (phrase.ends_with('*')) phrase.pop_back();  // a star that is meant is no letter
  if (phrase.empty()) return std::nullopt;
  return term_of("text", goes_on ? phrase + "*" : phrase);
}

class Translation {
 public:
  explicit Translation(const std::vector<std::string>& terms) : terms_(terms) {}

  [[nodiscard]] Result<Query> of(const LuceneQuery& query) const {
    if (query.op == LuceneQuery::Op::term) return of_term(query);
    std::vector<Query> parts;
    for (const LuceneQuery& part : query.parts) {
      LENSFS_TRY(Query translated, of(part));
      parts.push_back(std::move(translated));
    }
    if (query.op == LuceneQuery::Op::none_of) {
      return Query{.op = Query::Op::none_of, .parts = std::move(parts)};
    }
    const bool any = query.op == LuceneQuery::Op::any_of;
    return joined(any ? Query::Op::any_of : Query::Op::all_of, std::move(parts));
  }

 private:
  [[nodiscard]] Result<Query> of_term(const LuceneQuery& term) const {
    const SpotlightField field = spotlight_field(term.field);
    if (field.means == SpotlightField::Means::nothing) return cannot("not kept", term.field);
    if (term.form == LuceneQuery::Form::within || term.form == LuceneQuery::Form::between) {
      return of_range(field, term);
    }
    std::vector<Query> any;
    for (const Pattern& value : term.values) {
      LENSFS_TRY(Query one, of_value(field, term.field, value));
      any.push_back(std::move(one));
    }
    return joined(Query::Op::any_of, std::move(any));
  }

  [[nodiscard]] Result<Query> of_value(const SpotlightField& field, std::string_view name,
                                       const Pattern& value) const {
    switch (field.means) {
      case SpotlightField::Means::anywhere:
        return anywhere(value);
      case SpotlightField::Means::text: {
        const auto words = said(value);
        if (!words) return cannot("words are not found by their ends", name);
        return *words;
      }
      case SpotlightField::Means::name:
        return term_of("name", glob_of(value));
      case SpotlightField::Means::tag:
        return tagged(value);
      case SpotlightField::Means::type:
        return of_type(value);
      case SpotlightField::Means::field:
        return in_field(field, name, value);
      case SpotlightField::Means::quantity:
        if (!value.is_plain()) return cannot("a quantity has no stars", name);
        return checked(term_of(field.key, field.text_of(value.parts.front())), name);
      case SpotlightField::Means::nothing:
        break;
    }
    return cannot("not kept", name);
  }

  // In the name, as a tag, or said by the file.
  [[nodiscard]] Query anywhere(const Pattern& value) const {
    if (value.is_anything()) return term_of("name", "*");
    std::vector<Query> any = {term_of("name", "*" + glob_of(value) + "*"), tagged(value)};
    if (auto words = said(value)) any.push_back(*std::move(words));
    return joined(Query::Op::any_of, std::move(any));
  }

  // By the whole term or by its last part, in any case.
  [[nodiscard]] Query tagged(const Pattern& value) const {
    const std::string glob = fold_name(glob_of(value));
    std::vector<Query> any;
    for (const std::string& term : terms_) {
      const std::string folded = fold_name(term);
      const std::string_view last = std::string_view(folded).substr(folded.rfind('/') + 1);
      if (!matches_glob(glob, folded) && !matches_glob(glob, last)) continue;
      any.push_back(term_of("tag", term));
    }
    // A synonym is no term of its own.
    if (any.empty() && value.is_plain()) any.push_back(term_of("tag", value.parts.front()));
    return any.empty() ? nothing() : joined(Query::Op::any_of, std::move(any));
  }

  [[nodiscard]] static Query of_type(const Pattern& type) {
    const std::string glob = glob_of(type);
    std::vector<Query> any;
    for (const std::string_view kind : kinds_of_type(glob)) {
      any.push_back(term_of("kind", std::string(kind)));
    }
    for (const std::string_view extension : extensions_of_type(glob)) {
      any.push_back(term_of("ext", std::string(extension)));
    }
    return any.empty() ? nothing() : joined(Query::Op::any_of, std::move(any));
  }

  [[nodiscard]] static Result<Query> in_field(const SpotlightField& field, std::string_view name,
                                              const Pattern& value) {
    std::string text;
    bool is_exact = false;
    for (const std::string& part : value.parts) {
      if (&part != &value.parts.front()) text += "*";
      text += part;
      is_exact = is_exact || part.find_first_of("*?") != std::string::npos;
    }
    if (is_exact && !value.is_plain()) return cannot("a star that is meant beside one", name);
    return term_of(field.key, text, is_exact ? Compare::equals : Compare::matches);
  }

  [[nodiscard]] static Result<Query> of_range(const SpotlightField& field,
                                              const LuceneQuery& term) {
    if (field.means != SpotlightField::Means::quantity) {
      return cannot("neither more nor less", term.field);
    }
    const Pattern& from = term.values.front();
    const Pattern& until = term.values.back();
    const bool has_from = !from.is_anything();
    const bool has_until = !until.is_anything();
    if ((has_from && !from.is_plain()) || (has_until && !until.is_plain()) ||
        (!has_from && !has_until)) {
      return cannot("no range", term.field);
    }
    const bool ends_belong = term.form == LuceneQuery::Form::within;
    std::vector<Query> all;
    if (has_from) {
      all.push_back(term_of(field.key, field.text_of(from.parts.front()),
                            ends_belong ? Compare::at_least : Compare::above));
      LENSFS_CHECK(checked(all.back(), term.field));
    }
    if (has_until) {
      all.push_back(term_of(field.key, field.text_of(until.parts.front()),
                            ends_belong ? Compare::at_most : Compare::below));
      LENSFS_CHECK(checked(all.back(), term.field));
    }
    return joined(Query::Op::all_of, std::move(all));
  }

  [[nodiscard]] static Result<Query> checked(Query term, std::string_view name) {
    if (fault_of_term(term) != nullptr || !is_quantity(term.key, term.value)) {
      return cannot("no such quantity", name);
    }
    return term;
  }

  const std::vector<std::string>& terms_;
};

}  // namespace

Result<SpotlightQuery> spotlight_query(std::string_view lucene,
                                       const std::vector<std::string>& terms) {
  LENSFS_TRY(const LuceneQuery whole, parse_lucene(lucene));
  const bool has_folder = whole.op == LuceneQuery::Op::all_of && whole.parts.size() == 2 &&
                          whole.parts.back().op == LuceneQuery::Op::term &&
                          whole.parts.back().field == kFolderField &&
                          whole.parts.back().form == LuceneQuery::Form::quoted;
  if (!lucene.starts_with('(') || !has_folder) {
    return fail(Errc::invalid, "not as Samba asks: no folder behind what is asked");
  }
  LENSFS_TRY(Query query, Translation(terms).of(whole.parts.front()));
  return SpotlightQuery{std::move(query), whole.parts.back().values.front().parts.front()};
}

}  // namespace lensfs
