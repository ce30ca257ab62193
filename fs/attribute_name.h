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

// not_supported for everything that the drive does not keep. That includes system.posix_acl_*: an
// ACL that is stored but not enforced would be a lie. It also includes security.capability, so that
// `ls -l`, which asks for both, learns it from the first file and asks for no other.
[[nodiscard]] Result<AttributeName> parse_attribute_name(std::string_view name);
// The name under which a field is listed.
[[nodiscard]] std::string attribute_of_field(std::string_view key);

inline constexpr std::string_view kTagsAttribute = "user.xdg.tags";

}  // namespace lensfs
