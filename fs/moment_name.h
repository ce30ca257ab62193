// Moments as people and programs type them, always in UTC:
//
//   @GMT-2026.11.24-19.30.05     as Samba's shadow_copy2 asks for
//   @2026-11-24                  the end of that day
//   @2026-11-24T19.30[.05]       the end of that minute or second
//   @approved                    a label
//
// The "@" of all but the first may be left out in /Versions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/db/database.h"
#include "fs/listing.h"
#include "fs/time_node.h"

namespace lensfs {

// The last nanosecond of what was typed; nothing for other text.
[[nodiscard]] std::optional<Nanoseconds> moment_in(std::string_view typed);

struct TypedWhen {
  When when;
  Keep keep = Keep::until_told;  // no: the same words will mean something else later
};
// What comes after "@" (or the whole word, in /Versions). A moment that is not over yet means the
// last one that is. not_found for what is neither a moment nor a label, and for moments before the
// library began.
[[nodiscard]] Result<TypedWhen> typed_when(Database& db, std::string_view typed);

[[nodiscard]] std::string gmt_token(std::int64_t second);  // "@GMT-2026.11.24-19.30.05"

// The names under which a version shows in its history: "v001 2026-11-24 19.30.05 ada.mov".
[[nodiscard]] std::string name_of(const Version& version, std::string_view extension);
// The number in "v3", "v003", "v003.mov" or such a name.
[[nodiscard]] std::optional<std::int64_t> number_in(std::string_view name);
// "clip@v3.mov" -> {"clip.mov", 3}
struct Selected {
  std::string name;
  std::int64_t number = 0;
};
[[nodiscard]] std::optional<Selected> selected_version(std::string_view name);

}  // namespace lensfs
