// How renditions are called on the command line.
#pragma once

#include <string>
#include <string_view>

#include "catalog/model/profile.h"

namespace lensfs {

// What a recipe is of an asset of that kind and name: the name of the profile, else its own text.
[[nodiscard]] std::string name_of_recipe(const Profiles& profiles, std::string_view kind,
                                         std::string_view name, const std::string& recipe);
// "1920x1080", "1:02:03"; empty for what has neither.
[[nodiscard]] std::string extent_text(std::int64_t width, std::int64_t height,
                                      Nanoseconds duration);

}  // namespace lensfs
