// AttributeName: an attribute's name taken apart.
#pragma once

#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs {

struct AttributeName {
  enum class Meaning {
    tags,           // all tags, comma separated
    tag,            // one term
    finder_tags,    // all tags, as Finder writes them
    finder_stream,  // the same with a zero byte behind, as Samba's streams have
    field,          // a field's value
    half_stars,     // the field rating in half stars: 0 to 10
    computed,       // only read
    raw,            // kept as it is
  };
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
