#include "catalog/model/field.h"

#include <fmt/format.h>

#include "tools/cli/asset_path.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/subcommand.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

using Words = std::vector<std::string>;

// --- values

struct Assignment {
  std::string key;
  std::optional<std::string> value;  // nothing: to be taken away
};

// KEY=VALUE words, behind the paths; KEY alone where values are taken away.
struct Wanted {
  Words paths;
  std::vector<Assignment> fields;
};

Result<Wanted> wanted_by(const Words& words, bool takes_away) {
  Wanted wanted;
  if (takes_away && words.size() < 2) {
    return fail(Error(Errc::usage, "give the key of a field and files"));
  }
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (takes_away && wanted.fields.empty()) {
      LENSFS_CHECK(check_field_key(word));
      wanted.fields.push_back({word, std::nullopt});
    } else if (!takes_away && equals != std::string::npos &&
               check_field_key(word.substr(0, equals))) {
      wanted.fields.push_back({word.substr(0, equals), word.substr(equals + 1)});
    } else {
      wanted.paths.push_back(word);
    }
  }
  if (wanted.fields.empty()) return fail(Error(Errc::usage, "which field? Give KEY=VALUE"));
  if (wanted.paths.empty()) return fail(Error(Errc::usage, "which files? Give their paths"));
  return wanted;
}

Status apply(Transaction& txn, const Assignment& field, const Asset& asset) {
  const Actor actor = actor_of_process();
  if (field.value) return set_field(txn, actor, asset, field.key, *field.value);
  return remove_field(txn, actor, asset, field.key);
}

Result<ExitCode> change(const Invocation& invocation, const Wanted& wanted) {
  LENSFS_TRY(const auto catalog, open_library(invocation, wanted.paths));
  AssetPaths paths(*catalog);
  ExitCode code = ExitCode::done;
  std::vector<AssetId> assets;
  for (const std::string& path : wanted.paths) {
    const auto asset = paths.asset_at(path);
    if (asset) {
      assets.push_back(*asset);
      continue;
    }
    complain("field", asset.error());
    code = std::max(code, exit_code_of(asset.error().code()));
  }
  LENSFS_CHECK(catalog->write([&](Transaction& txn) -> Status {
    for (const AssetId id : assets) {
      LENSFS_TRY(const Asset asset, find_asset(txn.db(), id));
      for (const Assignment& field : wanted.fields) {
        if (const Status done = apply(txn, field, asset); !done) {
          return fail(done.error().with(asset.name));
        }
      }
    }
    return {};
  }));
  return code;
}

Result<ExitCode> set(const Invocation& invocation, const Words& words) {
  LENSFS_TRY(const Wanted wanted, wanted_by(words, false));
  return change(invocation, wanted);
}

Result<ExitCode> unset(const Invocation& invocation, const Words& words) {
  LENSFS_TRY(const Wanted wanted, wanted_by(words, true));
  return change(invocation, wanted);
}

Result<ExitCode> get(const Invocation& invocation, const Words& words) {
  if (words.empty()) return fail(Error(Errc::usage, "which files? Give their paths"));
  LENSFS_TRY(const auto catalog, open_library(invocation, words));
  AssetPaths paths(*catalog);
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  for (const std::string& path : words) {
    LENSFS_TRY(const AssetId id, paths.asset_at(path));
    LENSFS_TRY(const auto fields, fields_of(*reader, id));
    for (const Field& field : fields) {
      if (invocation.has("json")) {
        print_line(JsonObject()
                       .set("path", path)
                       .set("key", field.key)
                       .set("value", field.value)
                       .set("source", field.source)
                       .text());
      } else {
        const std::string front = words.size() > 1 ? shown_text(path) + ": " : "";
        print_line(fmt::format("{}{} = {}  ({})", front, field.key, shown_text(field.value),
                               field.source));
      }
    }
  }
  return ExitCode::done;
}

// --- what fields there are

void print_type(const FieldType& type, const char* where, bool json) {
  if (json) {
    print_line(JsonObject()
                   .set("key", type.key)
                   .set("form", name_of(type.form))
                   .set("choices", type.choices)
                   .set("help", type.help)
                   .set("declared", where)
                   .text());
    return;
  }
  std::string text = fmt::format("{:<20} {:<11} {}", type.key, name_of(type.form), type.help);
  for (const std::string& choice : type.choices) {
    text += (&choice == &type.choices.front() ? "  [" : ", ") + choice;
  }
  print_line(text + (type.choices.empty() ? "" : "]"));
}

Result<ExitCode> types(const Invocation& invocation, const Words&) {
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  LENSFS_TRY(const auto declared, declared_fields(*reader));
  for (const FieldType& type : declared) {
    print_type(type, type.in_settings ? "settings" : "command", invocation.has("json"));
  }
  for (const FieldType& type : known_fields()) {
    const bool again = std::any_of(declared.begin(), declared.end(),
                                   [&](const FieldType& other) { return other.key == type.key; });
    if (!again) print_type(type, "built in", invocation.has("json"));
  }
  return ExitCode::done;
}

Status declare(const Invocation& invocation, const std::vector<FieldType>& wanted) {
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  return catalog->write([&](Transaction& txn) -> Status {
    for (const FieldType& type : wanted) {
      LENSFS_CHECK(declare_field(txn, type));
      LENSFS_CHECK(record_change(txn, actor_of_process(),
                                 {.kind = ChangeKind::fields_declared, .name = type.key}));
    }
    return {};
  });
}

Result<ExitCode> add(const Invocation& invocation, const Words& words) {
  if (words.size() < 2) {
    return fail(Error(Errc::usage, "give KEY FORM, and behind a vocabulary its choices"));
  }
  const auto form = form_from(words[1]);
  if (!form || *form == FieldForm::any) {
    return fail(Error(Errc::usage,
                      "no such form of field; there are text, number, date, timecode, duration, "
                      "rating, boolean, list and vocabulary")
                    .with(words[1]));
  }
  FieldType type{.key = words[0],
                 .form = *form,
                 .choices = {words.begin() + 2, words.end()},
                 .help = invocation.value("help-text").value_or("")};
  LENSFS_CHECK(declare(invocation, {type}));
  return ExitCode::done;
}

Result<ExitCode> preset(const Invocation& invocation, const Words& words) {
  if (words.size() != 1) return fail(Error(Errc::usage, "which set? news, post, photo or brand"));
  LENSFS_TRY(const std::vector<FieldType> all, field_preset(words.front()));
  LENSFS_CHECK(declare(invocation, all));
  for (const FieldType& type : all) print_type(type, "command", invocation.has("json"));
  return ExitCode::done;
}

Result<ExitCode> remove(const Invocation& invocation, const Words& words) {
  if (words.empty()) return fail(Error(Errc::usage, "which field? Give its key"));
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_CHECK(catalog->write([&](Transaction& txn) -> Status {
    for (const std::string& key : words) LENSFS_CHECK(forget_field(txn, key));
    return record_change(txn, actor_of_process(), {.kind = ChangeKind::fields_declared});
  }));
  return ExitCode::done;
}

Result<ExitCode> run_field(const Invocation& invocation) {
  static constexpr SubCommand kAll[] = {{"set", set},      {"unset", unset}, {"get", get},
                                        {"types", types},  {"add", add},     {"preset", preset},
                                        {"remove", remove}};
  return run_subcommand(invocation, kAll);
}

}  // namespace

Command field_verb() {
  return {
      .name = "field",
      .summary =
          "give files values such as scene, rating or embargo, and say what fields there are",
      .description =
          "field set PATH… KEY=VALUE… gives files values; field unset KEY PATH… takes them away; "
          "field get PATH… shows them and who said so: a person, a sidecar, an import or the file "
          "itself. A person's value counts before all others and is not changed when the file is "
          "read again; when it is taken away, the next one counts.\n\n"
          "field types lists the fields; field add KEY FORM [CHOICE…] declares one; field remove "
          "KEY… takes a declaration back; field preset NAME declares those that a trade uses: "
          "news, post, photo or brand. FORM is text, number, date, timecode, duration, rating, "
          "boolean, list or vocabulary. Fields can also be declared in lensfs.toml. A key that is "
          "not declared takes any text. On the drive a field is the attribute "
          "user.lensfs.field.KEY; set on a folder it is set on all files in it.",
      .operands = {.usage = "set|unset|get|types|add|remove|preset …",
                   .least = 1,
                   .completes = Completes::files},
      .options = {{.name = "help-text",
                   .help = "what a field that is added is for",
                   .value = "TEXT"}},
      .examples = {{{"lensfs field set /mnt/media/Projects/demo/*.mov scene=12 rating=4",
                     "gives all films of a project a scene and four stars"},
                    {"lensfs field add status vocabulary draft approved",
                     "a field that takes one of two words"}}},
      .run = run_field};
}

}  // namespace lensfs
