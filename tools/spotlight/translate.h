// What Spotlight asks for, as a query of the library. Names of fields are those to which the file
// of attribute_mappings() maps Spotlight's attributes, Samba's own among them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/search.h"

namespace lensfs {

struct SpotlightQuery {
  Query query;
  std::string folder;  // only what lies below is wanted; absolute, as the share has it
};

// `terms`: all of the taxonomy, for what is asked of tags. invalid or not_supported, with what it
// is that cannot be translated. Samba puts what a client asked for in parentheses and the folder
// behind it; a text that is made otherwise is invalid, so that no client can choose the folder.
[[nodiscard]] Result<SpotlightQuery> spotlight_query(std::string_view lucene,
                                                     const std::vector<std::string>& terms);

// What `elasticsearch:mappings` of smb.conf names: JSON, attributes of Spotlight to fields.
[[nodiscard]] std::string attribute_mappings();

}  // namespace lensfs
