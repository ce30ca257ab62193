// What a field has to do with a value that was typed.
#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/field.h"
#include "catalog/model/glob.h"
#include "catalog/model/search_internal.h"

namespace lensfs {
namespace {

// Which texts a term means. Case makes a difference only to "=".
class TextTest {
 public:
  TextTest(const FieldType& type, const Query& term)
      : term_(term),
        is_list_(type.form == FieldForm::list),
        folded_(fold_name(term.value)),
        until_(fold_name(term.until)) {}

  [[nodiscard]] bool operator()(std::string_view value) const {
    if (!is_list_) return holds(value);
    const std::vector<std::string> items = list_items(value);
    const bool any = std::any_of(items.begin(), items.end(),
                                 [&](const std::string& item) { return holds(item); });
    return any;
  }

 private:
  [[nodiscard]] bool holds(std::string_view value) const {
    if (term_.compare == Compare::equals) return value == term_.value;
    const std::string folded = fold_name(value);
    switch (term_.compare) {
      case Compare::matches:
      case Compare::equals:
      case Compare::differs:
        return matches_glob(without_classes(folded_), folded);
      case Compare::below:
        return folded < folded_;
      case Compare::at_most:
        return folded <= folded_;
      case Compare::above:
        return folded > folded_;
      case Compare::at_least:
        return folded >= folded_;
      case Compare::between:
        return folded >= folded_ && folded <= until_;
    }
    return false;
  }

  const Query& term_;
  bool is_list_;
  std::string folded_;
  std::string until_;
};

struct ValueRow {
  std::string_view value;  // valid until the next row
  AssetId asset{};
  static ValueRow from(const Row& row) { return {row.text(0), row.get<AssetId>(1)}; }
};

Result<SharedSet> with_texts(Database& db, SetSource& sets, std::string_view key,
                             const TextTest& test) {
  auto set = std::make_shared<AssetSet>();
  LENSFS_TRY(const std::vector<std::string> values, field_values(db, key, kFewValues + 1));
  if (values.size() <= kFewValues) {
    for (const std::string& value : values) {
      if (!test(value)) continue;
      LENSFS_TRY(const SharedSet with, sets.with_field(db, key, value));
      *set |= *with;
    }
    return set;
  }
  std::string last;
  bool wanted = test(last);
  LENSFS_CHECK(db.each<ValueRow>(
      "SELECT value, asset_id FROM fields WHERE key = ?1 ORDER BY value",
      [&](const ValueRow& row) {
        if (row.value != last) {
          last = row.value;
          wanted = test(last);
        }
        if (wanted) set->add(row.asset);
      },
      key));
  LENSFS_CHECK(remove_hidden(db, *set));
  return set;
}

// Which numbers a term means: from inclusive, until exclusive.
std::optional<Extent> wanted_extent(FieldForm form, const Query& term) {
  const auto value = form == FieldForm::date || form == FieldForm::any
                         ? moment_extent(form, term.value)
                         : extent_of(form, term.value);
  if (!value) return std::nullopt;
  switch (term.compare) {
    case Compare::matches:
    case Compare::equals:
    case Compare::differs:
      return value;
    case Compare::below:
      return Extent{-HUGE_VAL, value->from};
    case Compare::at_most:
      return Extent{-HUGE_VAL, value->until};
    case Compare::above:
      return Extent{value->until, HUGE_VAL};
    case Compare::at_least:
      return Extent{value->from, HUGE_VAL};
    case Compare::between: {
      const auto until = form == FieldForm::date || form == FieldForm::any
                             ? moment_extent(form, term.until)
                             : extent_of(form, term.until);
      return until ? std::optional(Extent{value->from, until->until}) : std::nullopt;
    }
  }
  return std::nullopt;
}

Result<SharedSet> with_numbers(Database& db, std::string_view key, const Extent& wanted) {
  auto set = std::make_shared<AssetSet>();
  LENSFS_CHECK(db.each<AssetId>(
      "SELECT asset_id FROM fields WHERE key = ?1 AND number >= ?2 AND number < ?3",
      [&](AssetId id) { set->add(id); }, key, wanted.from, wanted.until));
  LENSFS_CHECK(remove_hidden(db, *set));
  return set;
}

}  // namespace

std::string without_classes(std::string_view glob) {
  std::string plain;
  for (const char c : glob) {
    if (c == '[') {
      plain += "[[]";
    } else {
      plain += c;
    }
  }
  return plain;
}

Result<SharedSet> assets_with_field(Database& db, std::string_view key) {
  auto set = std::make_shared<AssetSet>();
  LENSFS_CHECK(db.each<AssetId>(
      "SELECT asset_id FROM fields WHERE key = ?1", [&](AssetId id) { set->add(id); }, key));
  LENSFS_CHECK(remove_hidden(db, *set));
  return set;
}

Result<SharedSet> field_set(Database& db, SetSource& sets, const Query& term) {
  LENSFS_TRY(const FieldType type, type_of_field(db, term.key));
  if (term.compare == Compare::differs) {
    Query same = term;
    same.compare = Compare::matches;
    LENSFS_TRY(const SharedSet with, assets_with_field(db, term.key));
    LENSFS_TRY(const SharedSet equal, field_set(db, sets, same));
    auto set = std::make_shared<AssetSet>(*with);
    *set -= *equal;
    return set;
  }
  const auto wanted = wanted_extent(type.form, term);
  const bool quantity = type.form != FieldForm::any && type.form != FieldForm::text &&
                        type.form != FieldForm::list && type.form != FieldForm::vocabulary;
  if (!wanted && quantity && term.value != "*") return std::make_shared<const AssetSet>();
  if (!wanted) return with_texts(db, sets, term.key, TextTest(type, term));
  LENSFS_TRY(const SharedSet numbers, with_numbers(db, term.key, *wanted));
  const bool plain = term.compare == Compare::matches || term.compare == Compare::equals;
  if (quantity || !plain) return numbers;
  // "007" is that text, too, where nobody said what the field is.
  LENSFS_TRY(const SharedSet exact, sets.with_field(db, term.key, term.value));
  auto set = std::make_shared<AssetSet>(*numbers);
  *set |= *exact;
  return set;
}

}  // namespace lensfs
