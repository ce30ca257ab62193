#include "catalog/model/settings.h"

#include <sstream>

#include "catalog/base/fd.h"
#include "catalog/model/field.h"
#include "catalog/model/settings_reader.h"

namespace lensfs {
namespace {

constexpr std::string_view kTemplate =
    R"toml(# Settings of this LensFS library. Everything has a default; lines that start with # are
# comments. Mounts read this file when they begin, commands each time.

# Names of files that work at once in their folder, but are never versioned, tagged, searched or
# counted: lock files, temporary files, what file managers drop. * stands for any characters, ? for
# one; capitals make no difference.
[scratch]
# also = ["*.bak", "*.autosave"]    # beside those that are built in
# names = ["*.tmp", "*.lck"]        # instead of those that are built in

# What ingesting makes of runs of numbered pictures (plate.1001.exr, plate.1002.exr …), whether
# files are read, and whether sidecars are written.
[ingest]
# sequences = true         # one asset of each; as "lensfs ingest --sequences"
# read = false             # leaves unread what files say of themselves: fields and words
# sidecars = false         # XMP files beside assets stay as they are when the catalog changes

# Fields that files have beside those that are built in ("lensfs field types" lists them). Forms: text,
# number, date, timecode, duration, rating, boolean, list, vocabulary.
[fields]
# preset = ["news"]        # sets for a trade: news, post, photo, brand
# status = { form = "vocabulary", choices = ["draft", "approved"], help = "where it stands" }

# How long what is not in use any more stays; without a setting, until "lensfs purge" is told to
# destroy it. "lensfs gc" and "lensfs purge --policy" do what is set here. The current version of a
# file, labelled versions and what may still be open are never destroyed by it.
[keep]
# trash = "30d"            # deleted files, since they were deleted
# versions = 20            # versions of a file: so many of the newest …
# versions_for = "365d"    # … and all that were current in this time

# What is noted of who opens which file on the drive ("lensfs usage", "lensfs log"). When something was
# used last is kept for searches (lastused>-30d, is:unused).
[usage]
# record = false           # notes nothing
# keep = "1y"              # how long it is kept; "always" is possible
# ignore = ["baloo_file*", "rsync"]  # programs that open everything and use nothing: noted, but no use for
                           # searches; instead of those that are built in

# When renditions are made, and what it may cost.
[renditions]
# make = "on-demand"       # "eager": at ingest, "on-demand": when looked for by name, or "off"
# eager = ["thumb", "edit"]  # profiles that are made at ingest all the same
# complete = "off"         # what is rendered when it is read is made whole when nothing else is to be done:
                           # "read": if somebody read more than a glance of it, "all", or "off"
# refuse = ["baloo_file*", "rsync"]  # programs that may not open such a file until it is whole, for they would have
                           # all of it rendered; instead of those that are built in ([]: none)
# wait = "3s"              # how long a look-up waits for what is being made
# workers = 2              # at once; 0: one more than processors
# most_asked = 200         # renditions that one user may have asked for at a time
# memory = "2G"            # of one worker
# output = "64G"           # of one rendition
# processor_time = "6h"    # of one file
# quiet = "2m"             # a worker that shows no progress for so long is ended

# [renditions.projects.NEWS]    # the same for one project
# make = "eager"
# eager = ["thumb", "720p"]

# A profile of your own, or one that is built in made otherwise: for each kind of asset what is made
# of it. Kinds: video, audio, image, document, design; sequences are made as video. What is not
# named falls back.
# [profile.web]
# fallback = "original"    # or "none": what it does not apply to is not shown
# video = { form = "video", box = "1280x720", format = "mp4", quality = 26 }
# audio = { form = "audio", format = "m4a", quality = 128 }
# image = { form = "still", box = "2048x2048", format = "webp", quality = 80 }

# For editing, rendered when it is read: codec "lb", "sq" or "hqx" of DNxHR, raster "full", "half" or "quarter".
# [profile.edit]
# video = { form = "edit", codec = "sq", raster = "full" }
# audio = { form = "edit", format = "wav" }
)toml";

Status read_scratch(const toml::table& table, const SettingsReader& reader, Settings& settings) {
  std::vector<std::string> names = ScratchNames::defaults();
  std::vector<std::string> also;
  for (const auto& [key, value] : table) {
    if (key == "names") {
      names.clear();
      LENSFS_CHECK(reader.names(key, value, names));
    } else if (key == "also") {
      LENSFS_CHECK(reader.names(key, value, also));
    } else {
      return reader.refuse(key.source(), key, "no such setting; there are names and also");
    }
  }
  names.insert(names.end(), also.begin(), also.end());
  settings.scratch = ScratchNames(std::move(names));
  return {};
}

Status read_keep(const toml::table& table, const SettingsReader& reader, Settings& settings) {
  for (const auto& [key, value] : table) {
    if (key == "trash") {
      LENSFS_CHECK(reader.duration(key, value, settings.keep.trash));
    } else if (key == "versions") {
      LENSFS_CHECK(reader.count(key, value, settings.keep.versions));
    } else if (key == "versions_for") {
      LENSFS_CHECK(reader.duration(key, value, settings.keep.versions_for));
    } else {
      return reader.refuse(key.source(), key,
                           "no such setting; there are trash, versions and versions_for");
    }
  }
  return {};
}

Status read_ingest(const toml::table& table, const SettingsReader& reader, Settings& settings) {
  for (const auto& [key, value] : table) {
    const auto chosen = value.value<bool>();
    bool* const setting = key == "read"        ? &settings.renditions.reads
                          : key == "sidecars"  ? &settings.renditions.writes_sidecars
                          : key == "sequences" ? &settings.sequences
                                               : nullptr;
    if (setting == nullptr) {
      return reader.refuse(key.source(), key,
                           "no such setting; there are sequences, read and sidecars");
    }
    if (!chosen) return reader.refuse(value.source(), key, "give true or false");
    *setting = *chosen;
  }
  return {};
}

Status read_usage(const toml::table& table, const SettingsReader& reader, Settings& settings) {
  UsageSettings& usage = settings.usage;
  for (const auto& [key, value] : table) {
    if (key == "record") {
      const auto chosen = value.value_exact<bool>();
      if (!chosen) return reader.refuse(value.source(), key, "give true or false");
      usage.record = *chosen;
    } else if (key == "keep" && value.value_exact<std::string>() == "always") {
      usage.keep.reset();
    } else if (key == "keep") {
      LENSFS_CHECK(reader.duration(key, value, usage.keep));
    } else if (key == "ignore") {
      usage.ignore.clear();
      LENSFS_CHECK(reader.names(key, value, usage.ignore));
    } else {
      return reader.refuse(key.source(), key, "no such setting; there are record, keep and ignore");
    }
  }
  return {};
}

// The later declaration of a key counts.
void put_field(std::vector<FieldType>& fields, FieldType type) {
  std::erase_if(fields, [&](const FieldType& other) { return other.key == type.key; });
  type.in_settings = true;
  fields.push_back(std::move(type));
}

// One field: { form = "vocabulary", choices = [...], help = "..." }, or its form alone.
Status read_field(std::string_view key, const toml::node& value, const SettingsReader& reader,
                  FieldType& type) {
  constexpr const char* kForms =
      "give one of text, number, date, timecode, duration, rating, boolean, list, vocabulary";
  const toml::table* const table = value.as_table();
  const toml::node* const spelled = table == nullptr ? &value : table->get("form");
  const auto name = spelled == nullptr ? std::nullopt : spelled->value_exact<std::string>();
  const auto form = name ? form_from(*name) : std::nullopt;
  if (!form || *form == FieldForm::any) return reader.refuse(value.source(), key, kForms);
  type.form = *form;
  if (table == nullptr) return {};
  for (const auto& [setting, given] : *table) {
    if (setting == "choices") {
      LENSFS_CHECK(reader.below(key).texts(setting, given, type.choices));
    } else if (setting == "help") {
      type.help = given.value_or(std::string());
    } else if (setting != "form") {
      return reader.below(key).refuse(setting.source(), setting,
                                      "no such setting; there are form, choices and help");
    }
  }
  return {};
}

Status read_fields(const toml::table& table, const SettingsReader& reader, Settings& settings) {
  for (const auto& [key, value] : table) {
    if (key == "preset") {
      std::vector<std::string> names;
      LENSFS_CHECK(reader.texts(key, value, names));
      for (const std::string& name : names) {
        auto preset = field_preset(name);
        if (!preset)
          return reader.refuse(value.source(), key, "there are news, post, photo, brand");
        for (FieldType& type : *preset) put_field(settings.fields, std::move(type));
      }
      continue;
    }
    FieldType type{.key = std::string(key.str())};
    if (!check_field_key(key.str())) {
      return reader.refuse(key.source(), key, "a key is made of letters, digits, _ - and .");
    }
    LENSFS_CHECK(read_field(key.str(), value, reader, type));
    if ((type.form == FieldForm::vocabulary) == type.choices.empty()) {
      return reader.refuse(value.source(), key, "a vocabulary, and nothing else, has choices");
    }
    put_field(settings.fields, std::move(type));
  }
  return {};
}

// A new section is one line here.
struct Section {
  std::string_view name;
  Status (*read)(const toml::table&, const SettingsReader&, Settings&);
};
constexpr Section kSections[] = {{"scratch", read_scratch}, {"keep", read_keep},
                                 {"ingest", read_ingest},   {"fields", read_fields},
                                 {"usage", read_usage},     {"renditions", read_renditions},
                                 {"profile", read_profiles}};

Status read_section(const toml::key& name, const toml::node& value, std::string_view file,
                    Settings& settings) {
  for (const Section& section : kSections) {
    if (section.name != name.str()) continue;
    const toml::table* const table = value.as_table();
    if (table != nullptr)
      return section.read(*table, SettingsReader(file, std::string(section.name)), settings);
    return fail(Error(Errc::invalid, "this is a section; write its name in square brackets")
                    .with(settings_spot(file, name.source(), name.str())));
  }
  return fail(
      Error(
          Errc::invalid,
          "no such section; there are [scratch], [keep], [ingest], [fields], [usage], [renditions] "
          "and [profile.NAME]")
          .with(settings_spot(file, name.source(), name.str())));
}

}  // namespace

std::string_view settings_template() {
  return kTemplate;
}

Result<Settings> settings_from(std::string_view text, std::string_view file) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(
        Error(Errc::invalid, "not TOML: write [section] and key = value lines, text in quotes")
            .with(settings_spot(file, error.source(), error.description())));
  }
  Settings settings;
  for (const auto& [name, value] : table) {
    LENSFS_CHECK(read_section(name, value, file, settings));
  }
  return settings;
}

Result<Settings> read_settings(const std::filesystem::path& library) {
  const std::filesystem::path file = library / kSettingsName;
  const auto text = read_text(file);
  if (!text && text.error().code() == Errc::not_found) return Settings();
  if (!text) return fail(text.error().with(file.native()));
  return settings_from(*text, file.native());
}

}  // namespace lensfs
