// What every name in the catalog must be, whatever it names.
#pragma once

#include <string_view>

#include "catalog/base/result.h"

namespace lensfs {

// One path segment: UTF-8, 1 … 255 bytes, no "/", no NUL, not "." or "..". invalid, name_too_long.
// Whether it is legal on SMB is the business of who spells it (legal_name).
[[nodiscard]] Status check_name(std::string_view name);

}  // namespace lensfs
