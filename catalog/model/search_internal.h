// What the files that evaluate queries share.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model/field_type.h"
#include "catalog/model/search.h"

namespace lensfs {

// Assets whose field a term finds.
[[nodiscard]] Result<SharedSet> field_set(Database& db, SetSource& sets, const Query& term);
[[nodiscard]] Result<SharedSet> assets_with_field(Database& db, std::string_view key);
// The first `limit` values of a field, in text order; a step in an index for each.
[[nodiscard]] Result<std::vector<std::string>> field_values(Database& db, std::string_view key,
                                                            std::size_t limit);
// A field with more values than this is read in one pass over its rows, not set by set.
inline constexpr std::size_t kFewValues = 256;
// Whether found_among knows the term: what many assets have in common, and each tells by itself.
[[nodiscard]] bool is_told_by_each(const Query& term);
// Those of a few assets that such a term finds; a point query for each.
[[nodiscard]] Result<AssetSet> found_among(Database& db, const AssetSet& few, const Query& term);
// A glob in which only * and ? mean something.
[[nodiscard]] std::string without_classes(std::string_view glob);
// A date as extent_of reads it, and "today", "yesterday", and "-7d": so long ago.
[[nodiscard]] std::optional<Extent> moment_extent(FieldForm form, std::string_view text);

}  // namespace lensfs
