#include "catalog/model/profile.h"

#include <algorithm>
#include <array>

#include "catalog/base/text.h"
#include "catalog/model/frame_name.h"

namespace lensfs {
namespace {

using Form = Recipe::Form;

constexpr std::array<std::string_view, 3> kPictures = {"image", "document", "design"};

// One rung: everything that has pixels fits into the box, sound alone is compressed.
struct Rung {
  std::string_view name;
  int width;
  int height;
  int audio;  // kbit/s of a stereo pair
};
constexpr std::array kLadder = {
    Rung{"2160p", 3840, 2160, 256},
    Rung{"1080p", 1920, 1080, 192},
    Rung{"720p", 1280, 720, 160},
    Rung{"360p", 640, 360, 96},
};

Profile profile_of(const Rung& rung) {
  Profile profile{.name = std::string(rung.name)};
  profile.recipes["video"] = {
      .form = Form::video, .width = rung.width, .height = rung.height, .format = "like"};
  profile.recipes["audio"] = {.form = Form::audio, .format = "m4a", .quality = rung.audio};
  for (const std::string_view kind : kPictures) {
    profile.recipes[std::string(kind)] = {
        .form = Form::still, .width = rung.width, .height = rung.height};
  }
  return profile;
}

Profile for_editing(std::string_view name, std::string_view codec) {
  Profile profile{.name = std::string(name)};
  profile.recipes["video"] = {.form = Form::edit, .format = "like", .codec = std::string(codec)};
  profile.recipes["audio"] = {.form = Form::edit, .format = "wav"};
  return profile;
}

Profile sound(std::string_view format) {
  Profile profile{.name = std::string(format)};
  for (const std::string_view kind : {"video", "audio"}) {
    profile.recipes[std::string(kind)] = {.form = Form::edit, .format = std::string(format)};
  }
  return profile;
}

Profile stills(std::string_view name, int width, int height) {
  Profile profile{.name = std::string(name)};
  for (const std::string_view kind : {"video", "audio", "image", "document", "design"}) {
    profile.recipes[std::string(kind)] = {.form = Form::still, .width = width, .height = height};
  }
  return profile;
}

// Extensions that stand for the same format; the first is the format's own.
constexpr std::array<std::string_view, 9> kSame = {
    " jpg jpeg jpe jfif ", " png ", " webp ", " mov qt ", " mp4 m4v ", " mxf ", " m4a ", " wav ",
    " aiff aif "};

std::string_view family_of(std::string_view extension) {
  const std::string word = " " + std::string(extension) + " ";
  for (const std::string_view family : kSame) {
    if (family.find(word) != std::string_view::npos) return family;
  }
  return {};
}

// Players look at the content of these.
bool is_quicktime(std::string_view family) {
  return family.starts_with(" mov") || family.starts_with(" mp4");
}

// Documents and designs of which a picture can be made at all; of plain text there is none.
constexpr std::string_view kPages =
    " pdf docx docm pptx pptm xlsx xlsm odt ods odp odg epub key numbers pages psd psb ai eps ps ";

bool can_be_made(std::string_view kind, std::string_view name) {
  const std::string word = " " + lower_extension(name) + " ";
  if (kind == "audio") return word != " mid " && word != " midi ";
  if (kind != "document" && kind != "design") return true;
  return word.size() > 2 && kPages.find(word) != std::string_view::npos;
}

std::optional<int> count_from(std::string_view text) {
  const auto value = number_from<int>(text);
  return value && *value >= 1 ? value : std::nullopt;
}

std::string_view format_of(std::string_view extension) {
  const std::string_view family = family_of(extension);
  if (family.starts_with(" jpg")) return "jpeg";
  if (family == " png ") return "png";
  if (family == " webp ") return "webp";
  return {};
}

// Of a part of a clip.
std::string_view edit_format_of(std::string_view extension) {
  const std::string_view family = family_of(extension);
  if (is_quicktime(family)) return "mov";
  if (family == " mxf ") return "mxf";
  if (family == " wav ") return "wav";
  return family.starts_with(" aiff") ? "aiff" : std::string_view();
}

// Takes "w800" and the like into the recipe.
bool select(std::string_view selector, Recipe& recipe) {
  if (selector.size() < 2) return false;
  const char what = selector.front();
  if (what == 'w' || what == 'h') {
    const auto pixels = count_from(selector.substr(1));
    if (!pixels) return false;
    (what == 'w' ? recipe.width : recipe.height) = *pixels;
  } else {
    recipe.at = selector;
  }
  return check_recipe(recipe).has_value();
}

}  // namespace

std::optional<Recipe> recipe_for(const Profile& profile, std::string_view kind,
                                 std::string_view name) {
  const bool is_sequence = kind == kSequenceKind;
  const auto found = profile.recipes.find(is_sequence ? "video" : kind);
  if (found == profile.recipes.end() || !can_be_made(kind, name)) return std::nullopt;
  Recipe recipe = found->second;
  // It has no sound, and no outline of it is made.
  const bool is_of_frames = recipe.form != Form::waveform && recipe.form != Form::edit;
  if (is_sequence && !is_of_frames) return std::nullopt;
  if (recipe.format != "like") return recipe;
  if (is_sequence) {
    recipe.format = "mov";
    return recipe;
  }
  const std::string_view family = family_of(lower_extension(name));
  const bool is_mov = family.starts_with(" mov") || recipe.form == Form::edit;
  recipe.format = family == " mxf " ? "mxf" : is_mov ? "mov" : "mp4";
  return recipe;
}

std::string_view rendered_stem(std::string_view name) {
  const auto sequence = sequence_name(name);
  return sequence ? sequence->stem() : split_name(name).stem;
}

std::string rendered_name(std::string_view name, std::string_view extension) {
  const std::string_view family = family_of(lower_extension(name));
  const std::string_view other = family_of(extension);
  const bool is_sniffed = is_quicktime(family) && is_quicktime(other);
  const bool same_format = is_sniffed || (!family.empty() && family == other);
  if (same_format && !sequence_name(name)) return std::string(name);
  return std::string(rendered_stem(name)) + "." + std::string(extension);
}

std::vector<std::string> possible_names(std::string_view name) {
  std::vector<std::string> names = {std::string(name)};
  for (const std::string_view extension :
       {"jpg", "png", "webp", "mov", "mp4", "mxf", "m4a", "wav", "aiff"}) {
    std::string other = rendered_name(name, extension);
    if (other != name) names.push_back(std::move(other));
  }
  return names;
}

std::optional<SelectedRendition> selected_rendition(std::string_view name) {
  const NameParts parts = split_name(name);
  if (parts.extension.empty()) return std::nullopt;
  const std::size_t at = parts.stem.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const std::string extension = lower_extension(name);
  const std::string_view selector = parts.stem.substr(at + 1);
  const bool is_part = selector.find('+') != std::string_view::npos;
  const std::string_view format = is_part ? edit_format_of(extension) : format_of(extension);
  if (format.empty()) return std::nullopt;
  SelectedRendition selected{
      .stem = std::string(parts.stem.substr(0, at)),
      .recipe = {.form = is_part ? Form::edit : Form::still, .format = std::string(format)}};
  if (!select(selector, selected.recipe)) return std::nullopt;
  return selected;
}

Profiles Profiles::built_in() {
  Profiles profiles;
  profiles.set({.name = "original"});
  profiles.set(for_editing("edit-hq", "sq"));
  profiles.set(for_editing("edit", ""));
  for (const Rung& rung : kLadder) profiles.set(profile_of(rung));
  profiles.set(stills("poster", 1920, 1080));
  profiles.set(stills("thumb", 256, 256));
  Profile filmstrip{.name = "filmstrip", .fallback = Profile::Fallback::none};
  filmstrip.recipes["video"] = {.form = Form::filmstrip, .width = 160, .height = 90};
  profiles.set(std::move(filmstrip));
  Profile waveform{.name = "waveform", .fallback = Profile::Fallback::none};
  for (const std::string_view kind : {"video", "audio"}) {
    waveform.recipes[std::string(kind)] = {
        .form = Form::waveform, .width = 1800, .height = 280, .format = "png"};
  }
  profiles.set(std::move(waveform));
  profiles.set(sound("wav"));
  profiles.set(sound("aiff"));
  return profiles;
}

const Profile* Profiles::find(std::string_view name) const {
  const auto at = std::find_if(profiles_.begin(), profiles_.end(),
                               [&](const Profile& profile) { return profile.name == name; });
  return at == profiles_.end() ? nullptr : &*at;
}

void Profiles::set(Profile profile) {
  const auto at = std::find_if(profiles_.begin(), profiles_.end(),
                               [&](const Profile& known) { return known.name == profile.name; });
  if (at != profiles_.end()) {
    *at = std::move(profile);
  } else {
    profiles_.push_back(std::move(profile));
  }
}

Status check_profile_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || !is_utf8(name) || !is_legal_name(name) ||
      name.find('=') != std::string_view::npos || name.front() == '@' || name.front() == '.') {
    return fail(Errc::invalid, "a profile's name is made of what a folder's name may hold");
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view rest = name.substr(1);
  if (name.front() == 'v' && !rest.empty() && std::all_of(rest.begin(), rest.end(), is_digit)) {
    return fail(Errc::invalid, "v and a number is a version, not a profile");
  }
  if (name.size() >= 5 && std::all_of(name.begin(), name.begin() + 4, is_digit) &&
      (name[4] == '-' || name[4] == '.')) {
    return fail(Errc::invalid, "this could be a date");
  }
  return {};
}

Making MakingRules::making_of(std::string_view project, std::string_view profile) const {
  const auto named = projects.find(project);
  const ForProject* const own = named == projects.end() ? nullptr : &named->second;
  const Making usual = own != nullptr && own->by_default ? *own->by_default : by_default;
  if (usual == Making::off) return Making::off;
  const std::vector<std::string>& list = own != nullptr && own->eager ? *own->eager : eager;
  const bool is_eager = std::find(list.begin(), list.end(), profile) != list.end();
  return is_eager ? Making::eager : usual;
}

Making MakingRules::making_in(const std::vector<std::string>& placed_in,
                              std::string_view profile) const {
  if (placed_in.empty()) return making_of("", profile);
  Making making = Making::off;
  for (const std::string& project : placed_in) {
    making = std::max(making, making_of(project, profile));
  }
  return making;
}

}  // namespace lensfs
