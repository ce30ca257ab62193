// The rules of access as attributes: user.lensfs.access is the text of a rule; user.lensfs.right is
// what the asker may do; system.posix_acl_access tells the same story to programs that know access
// lists, and sets a rule where a rule can say it.
#pragma once

#include <string>
#include <string_view>

#include "fs/tree.h"

namespace lensfs {

[[nodiscard]] bool is_access_attribute(std::string_view name);
// denied for a rule to who does not manage the thing; no_attribute where there is none.
[[nodiscard]] Result<std::string> get_access_attribute(Tree& tree, NodeId node,
                                                       std::string_view name);
// invalid for a text that is no rule; not_supported for what no rule can say.
[[nodiscard]] Status set_access_attribute(Tree& tree, const Asking& asking, NodeId node,
                                          std::string_view name, std::string_view value);
[[nodiscard]] Status remove_access_attribute(Tree& tree, const Asking& asking, NodeId node,
                                             std::string_view name);
// chmod: the bits that rules give are those that there are. not_permitted for others, for a mode
// cannot say what a rule does. True if the mode is for rules to say.
[[nodiscard]] Result<bool> check_mode(Tree& tree, NodeId node, mode_t mode);

}  // namespace lensfs
