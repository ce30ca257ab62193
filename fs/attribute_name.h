// AttributeName: an attribute's name taken apart.
#pragma once

#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs {

struct AttributeName {
  enum class Meaning { tags, tag, field, computed, raw };
  Meaning meaning = Meaning::raw;
  std::string key;  // the term, the field's key, or what is computed; raw: the whole name
};

// not_supported for namespaces that the drive does not keep (trusted.*, most of security.*);
// no_attribute for security.capability, which the kernel asks for and nobody has.
[[nodiscard]] Result<AttributeName> parse_attribute_name(std::string_view name);
// The name under which a field is listed.
[[nodiscard]] std::string attribute_of_field(std::string_view key);

inline constexpr std::string_view kTagsAttribute = "user.xdg.tags";

}  // namespace lensfs
