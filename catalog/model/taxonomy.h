// Edits of the taxonomy itself.
#pragma once

#include <string_view>

#include "catalog/model/tag.h"

namespace lensfs {

[[nodiscard]] Status rename_term(Transaction& txn, const Actor& actor, std::string_view from,
                                 std::string_view to);
[[nodiscard]] Status remove_term(Transaction& txn, const Actor& actor, std::string_view path);

}  // namespace lensfs
