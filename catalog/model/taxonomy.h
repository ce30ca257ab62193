// Edits of the taxonomy itself. What terms were, and who carried them, stays in the past tables.
#pragma once

#include <string_view>

#include "catalog/model/tag.h"

namespace lensfs {

// Gives a term another name or another term above it, with all its sub-terms; terms above `to` are
// made. Where `to` is there already the two become one, sub-terms of the same name too: every asset
// that carried either carries `to`. Attributes of the target win.
// not_found; invalid for a bad term or one below `from`; not_empty if `to` is above `from`.
[[nodiscard]] Status rename_term(Transaction& txn, const Actor& actor, std::string_view from,
                                 std::string_view to);
// Removes a term that has no sub-terms and that no asset carries, what lies in the trash excepted:
// from that it is taken off. not_found, not_empty.
[[nodiscard]] Status remove_term(Transaction& txn, const Actor& actor, std::string_view path);

}  // namespace lensfs
