// [renditions] and [profile.NAME] of lensfs.toml.
#include <algorithm>
#include <array>
#include <charconv>

#include "catalog/model/settings_reader.h"

namespace lensfs {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"video", "audio", "image", "document",
                                                    "design"};
constexpr std::array kForms = {Recipe::Form::still,    Recipe::Form::video,     Recipe::Form::audio,
                               Recipe::Form::waveform, Recipe::Form::filmstrip, Recipe::Form::edit};
struct Raster {
  std::string_view name;
  int divisor;
};
constexpr std::array kRasters = {Raster{"full", 1}, Raster{"half", 2}, Raster{"quarter", 4}};

Status read_making(const SettingsReader& reader, std::string_view key, const toml::node& value,
                   Making& into) {
  const auto text = value.value_exact<std::string>();
  if (text == "off") {
    into = Making::off;
  } else if (text == "on-demand") {
    into = Making::on_demand;
  } else if (text == "eager") {
    into = Making::eager;
  } else {
    return reader.refuse(value.source(), key, "give \"eager\", \"on-demand\" or \"off\"");
  }
  return {};
}

Status read_completing(const SettingsReader& reader, std::string_view key, const toml::node& value,
                       Completing& into) {
  const auto text = value.value_exact<std::string>();
  if (text == "off") {
    into = Completing::none;
  } else if (text == "read") {
    into = Completing::read;
  } else if (text == "all") {
    into = Completing::all;
  } else {
    return reader.refuse(value.source(), key, "give \"off\", \"read\" or \"all\"");
  }
  return {};
}

Status read_project(const toml::table& table, const SettingsReader& reader,
                    MakingRules::ForProject& into) {
  for (const auto& [key, value] : table) {
    if (key == "make") {
      LENSFS_CHECK(read_making(reader, key, value, into.by_default.emplace()));
    } else if (key == "eager") {
      LENSFS_CHECK(reader.names(key, value, into.eager.emplace()));
    } else {
      return reader.refuse(key.source(), key, "no such setting; there are make and eager");
    }
  }
  return {};
}

Status read_projects(const toml::node& value, const SettingsReader& reader, MakingRules& rules) {
  const toml::table* const projects = value.as_table();
  if (projects == nullptr) {
    return reader.refuse(value.source(), "projects", "write [renditions.projects.NAME]");
  }
  const SettingsReader below = reader.below("projects");
  for (const auto& [name, project] : *projects) {
    const toml::table* const table = project.as_table();
    if (table == nullptr) {
      return below.refuse(project.source(), name, "write [renditions.projects.NAME]");
    }
    LENSFS_CHECK(
        read_project(*table, below.below(name.str()), rules.projects[std::string(name.str())]));
  }
  return {};
}

Status read_needed(const SettingsReader& reader, std::string_view key, const toml::node& value,
                   Nanoseconds& into) {
  std::optional<Nanoseconds> duration;
  LENSFS_CHECK(reader.duration(key, value, duration));
  into = *duration;
  return {};
}

Status read_number(const SettingsReader& reader, std::string_view key, const toml::node& value,
                   std::int64_t& into) {
  std::optional<std::int64_t> number;
  LENSFS_CHECK(reader.count(key, value, number));
  into = *number;
  return {};
}

// --- profiles
std::optional<Recipe::Form> form_from(std::string_view text) {
  for (const Recipe::Form form : kForms) {
    if (name_of(form) == text) return form;
  }
  return std::nullopt;
}

bool take_box(std::string_view text, Recipe& recipe) {
  const std::size_t cross = text.find('x');
  if (cross == std::string_view::npos) return false;
  const auto side = [](std::string_view digits, int& into) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
    return error == std::errc() && end == digits.data() + digits.size() && into > 0;
  };
  return side(text.substr(0, cross), recipe.width) && side(text.substr(cross + 1), recipe.height);
}

Status read_recipe_key(const SettingsReader& reader, const toml::key& key, const toml::node& value,
                       Recipe& recipe) {
  const auto text = value.value_exact<std::string>();
  if (key == "form") {
    const auto form = text ? form_from(*text) : std::nullopt;
    if (!form) {
      return reader.refuse(value.source(), key,
                           "give \"still\", \"video\", \"audio\", \"waveform\", \"filmstrip\" or"
                           " \"edit\"");
    }
    recipe.form = *form;
  } else if (key == "box") {
    if (!text || !take_box(*text, recipe)) {
      return reader.refuse(value.source(), key, "give a width and a height such as \"1280x720\"");
    }
  } else if (key == "format" && text) {
    recipe.format = *text;
  } else if (key == "codec" && text) {
    recipe.codec = *text == "lb" ? std::string() : *text;
  } else if (key == "raster") {
    const auto raster = std::find_if(kRasters.begin(), kRasters.end(),
                                     [&](const Raster& known) { return text == known.name; });
    if (raster == kRasters.end()) {
      return reader.refuse(value.source(), key, "give \"full\", \"half\" or \"quarter\"");
    }
    recipe.divisor = raster->divisor == 2 ? 0 : raster->divisor;
  } else if (key == "quality" || key == "tiles") {
    std::int64_t count = 0;
    LENSFS_CHECK(read_number(reader, key, value, count));
    (key == "quality" ? recipe.quality : recipe.tiles) =
        static_cast<int>(std::min<std::int64_t>(count, 1 << 20));
  } else {
    return reader.refuse(
        key.source(), key,
        "no such setting; there are form, box, format, quality, tiles, codec and raster");
  }
  return {};
}

// What a kind becomes where nothing is said of it.
Recipe usual_recipe(std::string_view kind) {
  if (kind == "video") return {.form = Recipe::Form::video, .format = "like"};
  if (kind == "audio") return {.form = Recipe::Form::audio, .format = "m4a"};
  return {};
}

std::string usual_format(Recipe::Form form, std::string_view kind) {
  if (form == Recipe::Form::video) return "like";
  if (form == Recipe::Form::audio) return "m4a";
  if (form == Recipe::Form::edit) return kind == "audio" ? "wav" : "like";
  return "auto";
}

Status read_recipe(const toml::node& value, const SettingsReader& reader, std::string_view kind,
                   Profile& profile) {
  const toml::table* const table = value.as_table();
  if (table == nullptr) {
    return reader.refuse(
        value.source(), kind,
        "give what is made of it, such as { form = \"still\", box = \"800x800\" }");
  }
  Recipe recipe = usual_recipe(kind);
  const toml::node* const form = table->get("form");
  if (form != nullptr) {
    LENSFS_CHECK(read_recipe_key(reader, toml::key("form", form->source()), *form, recipe));
    recipe.format = usual_format(recipe.form, kind);
  }
  for (const auto& [key, part] : *table) {
    if (key != "form") LENSFS_CHECK(read_recipe_key(reader, key, part, recipe));
  }
  Recipe checked = recipe;
  if (checked.format == "like") checked.format = "mxf";
  if (const Status right = check_recipe(checked); !right) {
    return reader.refuse(value.source(), kind, right.error().text());
  }
  profile.recipes[std::string(kind)] = recipe;
  return {};
}

Status read_profile(const toml::table& table, const SettingsReader& reader, Profile& profile) {
  for (const auto& [key, value] : table) {
    if (key == "fallback") {
      const auto text = value.value_exact<std::string>();
      if (text != "original" && text != "none") {
        return reader.refuse(value.source(), key, "give \"original\" or \"none\"");
      }
      profile.fallback = *text == "none" ? Profile::Fallback::none : Profile::Fallback::original;
    } else if (std::find(kKinds.begin(), kKinds.end(), key.str()) != kKinds.end()) {
      LENSFS_CHECK(read_recipe(value, reader, key, profile));
    } else {
      return reader.refuse(
          key.source(), key,
          "no such setting; there are fallback, video, audio, image, document and design");
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> programs_that_read_all() {
  return {// indexers
          "baloo_file*", "tracker-*", "localsearch*", "recollindex", "updatedb*",
          // scanners for viruses
          "clamscan", "clamd", "clamdscan", "clamonacc", "wdavdaemon",
          // searches
          "grep", "rg", "ag",
          // backups and mirrors
          "rsync", "rclone", "restic", "borg", "duplicity", "bacula-fd", "bareos-fd"};
}

Status read_renditions(const toml::table& table, const SettingsReader& reader, Settings& settings) {
  RenditionSettings& to = settings.renditions;
  for (const auto& [key, value] : table) {
    if (key == "make") {
      LENSFS_CHECK(read_making(reader, key, value, to.making.by_default));
    } else if (key == "eager") {
      to.making.eager.clear();
      LENSFS_CHECK(reader.names(key, value, to.making.eager));
    } else if (key == "projects") {
      LENSFS_CHECK(read_projects(value, reader, to.making));
    } else if (key == "complete") {
      LENSFS_CHECK(read_completing(reader, key, value, to.complete));
    } else if (key == "refuse") {
      to.refused.clear();
      LENSFS_CHECK(reader.names(key, value, to.refused));
    } else if (key == "wait") {
      LENSFS_CHECK(read_needed(reader, key, value, to.wait));
    } else if (key == "workers" && value.value_exact<std::int64_t>() == 0) {
      to.workers = 0;  // one more than processors
    } else if (key == "workers") {
      LENSFS_CHECK(read_number(reader, key, value, to.workers));
    } else if (key == "most_asked") {
      LENSFS_CHECK(read_number(reader, key, value, to.most_asked));
    } else if (key == "memory") {
      LENSFS_CHECK(reader.size(key, value, to.memory));
    } else if (key == "output") {
      LENSFS_CHECK(reader.size(key, value, to.output));
    } else if (key == "processor_time") {
      LENSFS_CHECK(read_needed(reader, key, value, to.processor_time));
    } else if (key == "quiet") {
      LENSFS_CHECK(read_needed(reader, key, value, to.quiet));
    } else {
      return reader.refuse(
          key.source(), key,
          "no such setting; there are make, eager, projects, complete, refuse, wait,"
          " workers,"
          " most_asked, memory, output, processor_time and quiet");
    }
  }
  return {};
}

Status read_profiles(const toml::table& table, const SettingsReader& reader, Settings& settings) {
  for (const auto& [name, value] : table) {
    const toml::table* const own = value.as_table();
    if (own == nullptr) return reader.refuse(name.source(), name, "write [profile.NAME]");
    if (const Status right = check_profile_name(name.str()); !right) {
      return reader.refuse(name.source(), name, right.error().text());
    }
    if (name == "original") {
      return reader.refuse(name.source(), name, "this profile shows every asset as it is");
    }
    Profile profile{.name = std::string(name.str())};
    LENSFS_CHECK(read_profile(*own, reader.below(name.str()), profile));
    if (profile.recipes.empty()) {
      return reader.refuse(name.source(), name, "say what is made of at least one kind");
    }
    settings.renditions.profiles.set(std::move(profile));
  }
  return {};
}

}  // namespace lensfs
