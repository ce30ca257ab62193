// FieldType: what values a field takes. Some fields are known from the start (rating, shot,
// duration …); lensfs.toml and `lensfs field add` declare others or these otherwise; any other key
// takes any text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/db/transaction.h"

namespace lensfs {

enum class FieldForm {
  any,         // not declared: any text; one that is a number or a date compares as such
  text,        // any text, compared as text
  number,      // 12, -3.5, 30000/1001
  date,        // 2026-05-01, 2026-05, 2026-05-01T12:00:00+02:00
  timecode,    // 01:00:05:12, 01:00:05;12
  duration,    // seconds: 12.48; also 90s, 1m30s, 00:01:30
  rating,      // -1 (rejected), 0 … 5 in halves
  boolean,     // yes, no
  list,        // a, b, c
  vocabulary,  // one of the declared choices
};
[[nodiscard]] std::string_view name_of(FieldForm form);
[[nodiscard]] std::optional<FieldForm> form_from(std::string_view name);

struct FieldType {
  std::string key;
  FieldForm form = FieldForm::any;
  std::vector<std::string> choices{};
  std::string help{};
  bool in_settings = false;

  static FieldType from(const Row& row);
};

// A value as it is kept.
struct FieldValue {
  std::string text;                // canonical spelling
  std::optional<double> number{};  // as a quantity: see the schema
};
// invalid, saying what would be right.
[[nodiscard]] Result<FieldValue> checked_value(const FieldType& type, std::string_view value);

// What a typed quantity stands for when it is compared: from inclusive, until exclusive, so that
// 2026-05 is all of May and 12 is just 12. Nothing for text that is no quantity of this form.
struct Extent {
  double from = 0;
  double until = 0;
};
[[nodiscard]] std::optional<Extent> extent_of(FieldForm form, std::string_view text);

// The items of a list, trimmed, without empty ones.
[[nodiscard]] std::vector<std::string> list_items(std::string_view text);

// The type of a field: declared, known from the start, or any.
[[nodiscard]] Result<FieldType> type_of_field(Database& db, std::string_view key);
[[nodiscard]] Result<std::vector<FieldType>> declared_fields(Database& db);  // by key
[[nodiscard]] const std::vector<FieldType>& known_fields();                  // by key
// Sets of fields for a trade: news, post, photo, brand. not_found for another name.
[[nodiscard]] Result<std::vector<FieldType>> field_preset(std::string_view name);

// Values that are there already stay as they are. invalid for a bad key, a vocabulary without
// choices, or choices of another form.
[[nodiscard]] Status declare_field(Transaction& txn, const FieldType& type);
[[nodiscard]] Status forget_field(Transaction& txn, std::string_view key);  // not_found
// Makes the fields that lensfs.toml declares exactly these. Nothing is written where they are.
[[nodiscard]] Result<bool> settings_fields_differ(Database& db,
                                                  const std::vector<FieldType>& types);
[[nodiscard]] Status declare_settings_fields(Transaction& txn, const std::vector<FieldType>& types);

}  // namespace lensfs
