#include "tools/cli/rendition_words.h"

#include <fmt/format.h>

#include "tools/cli/print.h"

namespace lensfs {

std::string name_of_recipe(const Profiles& profiles, std::string_view kind, std::string_view name,
                           const std::string& recipe) {
  for (const Profile& profile : profiles.all()) {
    const auto its = recipe_for(profile, kind, name);
    if (its && its->text() == recipe) return profile.name;
  }
  return recipe;
}

std::string extent_text(std::int64_t width, std::int64_t height, Nanoseconds duration) {
  std::string text = width == 0 ? std::string() : fmt::format("{}x{}", width, height);
  if (duration == 0) return text;
  if (!text.empty()) text += " ";
  return text + duration_text(static_cast<double>(duration) / kNanosecondsPerSecond);
}

}  // namespace lensfs
