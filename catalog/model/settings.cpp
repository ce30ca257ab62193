// The only file that includes toml++.
#include "catalog/model/settings.h"

#include <fmt/format.h>

#include <sstream>

#include <toml++/toml.h>

#include "catalog/base/fd.h"
#include "catalog/base/text.h"

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

# How long what is not in use any more stays; without a setting, until "lensfs purge" is told to
# destroy it. "lensfs gc" and "lensfs purge --policy" do what is set here. The current version of a
# file, labelled versions and what may still be open are never destroyed by it.
[keep]
# trash = "30d"            # deleted files, since they were deleted
# versions = 20            # versions of a file: so many of the newest …
# versions_for = "365d"    # … and all that were current in this time
)toml";

// Where a thing stands: "lensfs.toml:7: [keep] trash".
std::string spot(std::string_view file, const toml::source_region& at, std::string_view thing) {
  return fmt::format("{}:{}: {}", file, at.begin.line, thing);
}

// Reader: one table of the file, key by key.
class Reader {
 public:
  Reader(std::string_view file, std::string_view section) : file_(file), section_(section) {}

  [[nodiscard]] tl::unexpected<Error> refuse(const toml::source_region& at, std::string_view key,
                                             const char* what) const {
    return fail(
        Error(Errc::invalid, what).with(spot(file_, at, fmt::format("[{}] {}", section_, key))));
  }

  [[nodiscard]] Status names(std::string_view key, const toml::node& value,
                             std::vector<std::string>& into) const {
    constexpr const char* kForm = "give a list of names, such as [\"*.tmp\", \"*.lck\"]";
    const toml::array* const list = value.as_array();
    if (list == nullptr) return refuse(value.source(), key, kForm);
    for (const toml::node& one : *list) {
      const auto name = one.value_exact<std::string>();
      if (!name || name->empty()) return refuse(one.source(), key, kForm);
      if (name->find('/') != std::string::npos) {
        return refuse(one.source(), key, "a name of a file, without folders: no / can be in it");
      }
      if (name->find_first_not_of("*") == std::string::npos) {
        return refuse(one.source(), key, "this would make every file a scratch file");
      }
      into.push_back(*name);
    }
    return {};
  }

  [[nodiscard]] Status duration(std::string_view key, const toml::node& value,
                                std::optional<Nanoseconds>& into) const {
    const auto text = value.value_exact<std::string>();
    into = text ? duration_from(*text) : std::nullopt;
    if (into) return {};
    return refuse(value.source(), key, "give a time such as \"30d\", \"24h\" or \"90m\"");
  }

  [[nodiscard]] Status count(std::string_view key, const toml::node& value,
                             std::optional<std::int64_t>& into) const {
    into = value.value_exact<std::int64_t>();
    if (into && *into >= 1) return {};
    return refuse(value.source(), key, "give a whole number, 1 or more, such as 20");
  }

 private:
  std::string_view file_;
  std::string_view section_;
};

Status read_scratch(const toml::table& table, const Reader& reader, Settings& settings) {
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

Status read_keep(const toml::table& table, const Reader& reader, Settings& settings) {
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

// A new section is one line here.
struct Section {
  std::string_view name;
  Status (*read)(const toml::table&, const Reader&, Settings&);
};
constexpr Section kSections[] = {{"scratch", read_scratch}, {"keep", read_keep}};

Status read_section(const toml::key& name, const toml::node& value, std::string_view file,
                    Settings& settings) {
  for (const Section& section : kSections) {
    if (section.name != name.str()) continue;
    const toml::table* const table = value.as_table();
    if (table != nullptr) return section.read(*table, Reader(file, section.name), settings);
    return fail(Error(Errc::invalid, "this is a section; write its name in square brackets")
                    .with(spot(file, name.source(), name.str())));
  }
  return fail(Error(Errc::invalid, "no such section; there are [scratch] and [keep]")
                  .with(spot(file, name.source(), name.str())));
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
            .with(spot(file, error.source(), error.description())));
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
