// Extended attributes: which name means a tag, a field, a computed value or raw bytes, on files and
// on folders. The table of design is here and nowhere else; no kernel type is.
//
//   user.xdg.tags                 all tags, comma separated; setting replaces the set
//   user.lensfs.tag.<term>        there when tagged; set adds, remove takes off
//   user.lensfs.field.<key>       a field; user.xdg.comment, user.baloo.rating (in half stars) and
//                                 user.dublincore.<x> are fields under other names. Listed is what
//                                 a person or a sidecar said; the file's own values are answered
//   …:_kMDItemUserTags            all tags, as Finder and Samba write them (finder_tags.h)
//   user.lensfs.{id,hash,…}       computed, read only, never listed
//   user.lensfs.why.<query>       what is wrong with a query
//   user.*, security.NTACL        kept byte for byte
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fs/tree.h"

namespace lensfs {

// no_attribute if there is none of that name, not_supported for names of other systems.
[[nodiscard]] Result<std::string> get_attribute(Tree& tree, NodeId node, std::string_view name);
// What people and applications set; computed values are left out.
[[nodiscard]] Result<std::vector<std::string>> list_attributes(Tree& tree, NodeId node);

enum class SetMode { any, create, replace };  // as setxattr(2)
// A tag or field set on a project folder or a term applies to all its members.
// exists / no_attribute by `mode`, invalid for a bad term or field, not_permitted for what is read
// only, too_big, not_supported.
[[nodiscard]] Status set_attribute(Tree& tree, const Asking& asking, NodeId node,
                                   std::string_view name, std::string_view value, SetMode mode);
[[nodiscard]] Status remove_attribute(Tree& tree, const Asking& asking, NodeId node,
                                      std::string_view name);

}  // namespace lensfs
