// What the files that evaluate queries share.
#pragma once

#include <cmath>
#include <optional>
#include <string>

#include "catalog/model/field_type.h"
#include "catalog/model/search.h"

namespace lensfs {

// Assets whose field a term finds.
[[nodiscard]] Result<SharedSet> field_set(Database& db, SetSource& sets, const Query& term);
[[nodiscard]] Result<SharedSet> assets_with_field(Database& db, std::string_view key);
// A glob in which only * and ? mean something.
[[nodiscard]] std::string without_classes(std::string_view glob);
// A date as extent_of reads it, and "today", "yesterday", and "-7d": so long ago.
[[nodiscard]] std::optional<Extent> moment_extent(FieldForm form, std::string_view text);

}  // namespace lensfs
