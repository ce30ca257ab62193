// Which fields are known and declared; field_value.cpp says what values they take.
#include "catalog/model/field_type.h"

#include <algorithm>
#include <array>

#include "catalog/base/text.h"
#include "catalog/model/field.h"

namespace lensfs {
namespace {

struct NamedForm {
  FieldForm form;
  std::string_view name;
};
constexpr std::array<NamedForm, 10> kForms = {{{FieldForm::any, "any"},
                                               {FieldForm::text, "text"},
                                               {FieldForm::number, "number"},
                                               {FieldForm::date, "date"},
                                               {FieldForm::timecode, "timecode"},
                                               {FieldForm::duration, "duration"},
                                               {FieldForm::rating, "rating"},
                                               {FieldForm::boolean, "boolean"},
                                               {FieldForm::list, "list"},
                                               {FieldForm::vocabulary, "vocabulary"}}};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

Status check_type(const FieldType& type) {
  LENSFS_CHECK(check_field_key(type.key));
  if (type.form == FieldForm::vocabulary && type.choices.empty()) {
    return fail(Error(Errc::invalid, "a vocabulary needs its choices").with(type.key));
  }
  if (type.form != FieldForm::vocabulary && !type.choices.empty()) {
    return fail(Error(Errc::invalid, "only a vocabulary has choices").with(type.key));
  }
  for (const std::string& choice : type.choices) {
    if (choice.empty() || choice.find('\n') != std::string::npos || !is_utf8(choice)) {
      return fail(Error(Errc::invalid, "a choice is one line of text").with(type.key));
    }
  }
  return {};
}

Status put_type(Transaction& txn, const FieldType& type) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO field_types (key, form, choices, help, in_settings)"
      " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO UPDATE SET"
      " form = excluded.form, choices = excluded.choices, help = excluded.help,"
      " in_settings = excluded.in_settings",
      type.key, name_of(type.form), joined_lines(type.choices), type.help, type.in_settings));
  return {};
}

bool same_declaration(const FieldType& a, const FieldType& b) {
  return a.key == b.key && a.form == b.form && a.choices == b.choices && a.help == b.help;
}

const FieldType* known_field(std::string_view key) {
  const auto& known = known_fields();
  const auto at = std::lower_bound(
      known.begin(), known.end(), key,
      [](const FieldType& type, std::string_view wanted) { return type.key < wanted; });
  return at != known.end() && at->key == key ? &*at : nullptr;
}

}  // namespace

std::string_view name_of(FieldForm form) {
  for (const NamedForm& known : kForms) {
    if (known.form == form) return known.name;
  }
  return "any";
}

std::optional<FieldForm> form_from(std::string_view name) {
  for (const NamedForm& known : kForms) {
    if (known.name == name) return known.form;
  }
  return std::nullopt;
}

FieldType FieldType::from(const Row& row) {
  return {.key = row.get<std::string>(0),
          .form = form_from(row.text(1)).value_or(FieldForm::any),
          .choices = lines_of(row.text(2)),
          .help = row.get<std::string>(3),
          .in_settings = row.get<bool>(4)};
}

const std::vector<FieldType>& known_fields() {
  static const std::vector<FieldType> kKnown = [] {
    std::vector<FieldType> known;
    const auto add = [&](FieldForm form, std::initializer_list<const char*> keys) {
      for (const char* key : keys) known.push_back({.key = key, .form = form});
    };
    add(FieldForm::number, {"width", "height", "rate", "channels", "sample_rate", "bit_depth",
                            "audio_tracks", "iso", "aperture", "exposure", "focal_length",
                            "altitude", "pages", "orientation", "rotation", "year"});
    add(FieldForm::duration, {"duration"});
    add(FieldForm::timecode, {"timecode"});
    add(FieldForm::date, {"shot", "embargo", "expires"});
    add(FieldForm::rating, {"rating"});
    add(FieldForm::boolean, {"good", "rejected"});
    add(FieldForm::list, {"keywords", "people"});
    add(FieldForm::text, {"title", "description", "comment", "creator", "copyright", "rights",
                          "reel", "scene", "take", "codec", "camera_make", "camera_model", "lens"});
    std::sort(known.begin(), known.end(),
              [](const FieldType& a, const FieldType& b) { return a.key < b.key; });
    return known;
  }();
  return kKnown;
}

Result<FieldType> type_of_field(Database& db, std::string_view key) {
  LENSFS_TRY(
      std::optional<FieldType> declared,
      db.maybe<FieldType>(
          "SELECT key, form, choices, help, in_settings FROM field_types WHERE key = ?1", key));
  if (declared) return *std::move(declared);
  if (const FieldType* known = known_field(key); known != nullptr) return *known;
  return FieldType{.key = std::string(key)};
}

Result<std::vector<FieldType>> declared_fields(Database& db) {
  std::vector<FieldType> types;
  LENSFS_CHECK(db.each<FieldType>(
      "SELECT key, form, choices, help, in_settings FROM field_types ORDER BY key"
      " /* SCAN: all of them */",
      [&](FieldType type) { types.push_back(std::move(type)); }));
  return types;
}

Status declare_field(Transaction& txn, const FieldType& type) {
  LENSFS_CHECK(check_type(type));
  return put_type(txn, type);
}

Status forget_field(Transaction& txn, std::string_view key) {
  LENSFS_TRY(const std::int64_t rows, txn.db().run("DELETE FROM field_types WHERE key = ?1", key));
  if (rows == 0) return fail(Error(Errc::not_found, "no field of this key is declared").with(key));
  return {};
}

Result<bool> settings_fields_differ(Database& db, const std::vector<FieldType>& types) {
  LENSFS_TRY(std::vector<FieldType> there, declared_fields(db));
  std::erase_if(there, [](const FieldType& type) { return !type.in_settings; });
  std::vector<FieldType> wanted = types;
  std::sort(wanted.begin(), wanted.end(),
            [](const FieldType& a, const FieldType& b) { return a.key < b.key; });
  return !std::equal(there.begin(), there.end(), wanted.begin(), wanted.end(), same_declaration);
}

Status declare_settings_fields(Transaction& txn, const std::vector<FieldType>& types) {
  LENSFS_CHECK(txn.db().run("DELETE FROM field_types WHERE in_settings = 1 /* SCAN: few rows */"));
  for (FieldType type : types) {
    LENSFS_CHECK(check_type(type));
    type.in_settings = true;
    LENSFS_CHECK(put_type(txn, type));
  }
  return {};
}

Result<std::vector<FieldType>> field_preset(std::string_view name) {
  using Form = FieldForm;
  if (name == "news") {
    return std::vector<FieldType>{
        {"desk",
         Form::vocabulary,
         {"politics", "sport", "culture", "business", "world"},
         "who runs the story"},
        {"story", Form::text, {}, "slug of the story"},
        {"reporter", Form::text, {}, "who reported"},
        {"location", Form::text, {}, "where it was shot"},
        {"embargo", Form::date, {}, "not to be shown before"},
        {"expires", Form::date, {}, "not to be shown after"},
        {"usage", Form::vocabulary, {"free", "once", "restricted"}, "how it may be used"}};
  }
  if (name == "post") {
    return std::vector<FieldType>{{"scene", Form::text, {}, "scene of the script"},
                                  {"take", Form::number, {}, "take of the slate"},
                                  {"reel", Form::text, {}, "camera reel"},
                                  {"camera", Form::text, {}, "camera letter"},
                                  {"good", Form::boolean, {}, "circled take"},
                                  {"vfx", Form::boolean, {}, "needs visual effects"},
                                  {"status",
                                   Form::vocabulary,
                                   {"logged", "selected", "in edit", "locked"},
                                   "where it stands"}};
  }
  if (name == "photo") {
    return std::vector<FieldType>{{"rating", Form::rating, {}, "-1 rejected, 0 to 5 stars"},
                                  {"people", Form::list, {}, "who is to be seen"},
                                  {"location", Form::text, {}, "where it was taken"},
                                  {"release",
                                   Form::vocabulary,
                                   {"none", "model", "property", "both"},
                                   "releases that are signed"},
                                  {"credit", Form::text, {}, "line to be printed"}};
  }
  if (name == "brand") {
    return std::vector<FieldType>{
        {"product", Form::list, {}, "products that are shown"},
        {"campaign", Form::text, {}, "campaign it was made for"},
        {"market", Form::list, {}, "markets it is cleared for"},
        {"channel", Form::list, {}, "web, print, social …"},
        {"status", Form::vocabulary, {"draft", "review", "approved", "retired"}, "where it stands"},
        {"expires", Form::date, {}, "not to be used after"}};
  }
  return fail(Error(Errc::not_found, "no such set of fields; there are news, post, photo and brand")
                  .with(name));
}

}  // namespace lensfs
