// Extended attributes, with errno as the answer where that is what a test is about.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"
#include "tests/support/files.h"

namespace lensfs::test {

// The value; Errc::no_attribute if there is none.
[[nodiscard]] Result<std::string> xattr(const path& at, const std::string& name);
// The value, or "" if it cannot be had: for comparisons where absence is a failure anyway.
[[nodiscard]] std::string xattr_text(const path& at, const std::string& name);
// 0 or errno. `flags`: 0, XATTR_CREATE, XATTR_REPLACE.
[[nodiscard]] int set_xattr(const path& at, const std::string& name, std::string_view value,
                            int flags = 0);
[[nodiscard]] int remove_xattr(const path& at, const std::string& name);
// 0 or errno of asking with a buffer of this size.
[[nodiscard]] int xattr_error(const path& at, const std::string& name, std::size_t room = 65536);
[[nodiscard]] std::vector<std::string> xattr_names(const path& at);  // in byte order

}  // namespace lensfs::test
