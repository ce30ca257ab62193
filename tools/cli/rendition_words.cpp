#include "tools/cli/rendition_words.h"

#include <fmt/format.h>

#include "tools/cli/print.h"

namespace lensfs {

std::string name_of_recipe(const Profiles& profiles, std::string_view kind, std::string_view name,
                           const std::string& recipe) {
  const auto known = Recipe::from_text(recipe);
  if (known && known->form == Recipe::Form::facts) return "facts";
  const int rate = known ? known->rate : 0;  // an asset's own, no profile's
  for (const Profile& profile : profiles.all()) {
    auto its = recipe_for(profile, kind, name);
    if (!its) continue;
    its->rate = rate;
    if (its->text() == recipe) return profile.name;
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
