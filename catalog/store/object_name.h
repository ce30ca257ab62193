// The names of objects on disk (FORMAT.md) and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/base/content_id.h"

namespace lensfs {

// Relative to objects/: "ab/cd" and "ab/cd/<32 hex>-<size>[.n]".
[[nodiscard]] std::string object_directory(const ContentId& id);
[[nodiscard]] std::string object_name(const ObjectKey& key);

// The key that a path relative to objects/ stands for: only the one spelling that object_name
// writes.
[[nodiscard]] std::optional<ObjectKey> key_from_name(std::string_view relative);

}  // namespace lensfs
