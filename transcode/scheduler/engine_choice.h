// Which engine makes a rendition of an asset.
#pragma once

#include <string_view>

#include "catalog/model/recipe.h"
#include "transcode/client/engines.h"

namespace lensfs {

// not_supported, with words for people, where an asset of that kind has no such rendition.
[[nodiscard]] Result<Engine> engine_of(std::string_view kind, const Recipe& recipe);

}  // namespace lensfs
