// Settings: what <library>/lensfs.toml says. Everything has a default; a library without the file
// has them all.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "catalog/base/clock.h"
#include "catalog/base/result.h"
#include "catalog/model/field_type.h"
#include "catalog/model/profile.h"
#include "catalog/model/scratch.h"

namespace lensfs {

// [keep]: how long what is not in use any more stays. Nothing: for ever.
struct KeepSettings {
  std::optional<Nanoseconds> trash{};      // what was deleted longer ago goes
  std::optional<std::int64_t> versions{};  // so many of the newest stay, the current one included
  std::optional<Nanoseconds> versions_for{};  // what was replaced by a newer one since then stays

  [[nodiscard]] bool any() const { return trash || versions || versions_for; }
};

// [usage]: what is noted of who opens what.
struct UsageSettings {
  bool record = true;
  std::optional<Nanoseconds> keep{365 * 86400 * kNanosecondsPerSecond};  // nothing: for ever
  // Globs of programs (as scratch names) that open everything and use nothing. What they open is
  // noted, but counts for no search.
  std::vector<std::string> ignore = programs_that_read_all();
};

struct Settings {
  ScratchNames scratch{ScratchNames::defaults()};
  KeepSettings keep;
  RenditionSettings renditions;
  std::vector<FieldType> fields;  // [fields.KEY], and those of [fields] preset
  UsageSettings usage;
  bool sequences = false;  // [ingest]: runs of numbered pictures become one asset each
};

inline constexpr const char* kSettingsName = "lensfs.toml";

// Reads the file. invalid for what makes no sense, with file, line, the thing and what would be
// right.
[[nodiscard]] Result<Settings> read_settings(const std::filesystem::path& library);
// The same for text; `file` is what errors call it.
[[nodiscard]] Result<Settings> settings_from(std::string_view text, std::string_view file);

// What a new library's file says: all there is, as comments.
[[nodiscard]] std::string_view settings_template();

}  // namespace lensfs
