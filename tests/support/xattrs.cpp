#include "tests/support/xattrs.h"

#include <sys/xattr.h>

#include <algorithm>
#include <array>

namespace lensfs::test {
namespace {

constexpr std::size_t kLargest = 65536;  // Linux: one value, one list of names

}  // namespace

Result<std::string> xattr(const path& at, const std::string& name) {
  std::string value(kLargest, '\0');
  const ssize_t size = ::getxattr(at.c_str(), name.c_str(), value.data(), value.size());
  if (size < 0) return last_error("getxattr");
  value.resize(static_cast<std::size_t>(size));
  return value;
}

std::string xattr_text(const path& at, const std::string& name) {
  return xattr(at, name).value_or("");
}

int set_xattr(const path& at, const std::string& name, std::string_view value, int flags) {
  return error_of(::setxattr(at.c_str(), name.c_str(), value.data(), value.size(), flags));
}

int remove_xattr(const path& at, const std::string& name) {
  return error_of(::removexattr(at.c_str(), name.c_str()));
}

int xattr_error(const path& at, const std::string& name, std::size_t room) {
  std::string value(room, '\0');
  return error_of(::getxattr(at.c_str(), name.c_str(), value.data(), room));
}

std::vector<std::string> xattr_names(const path& at) {
  std::string list(kLargest, '\0');
  const ssize_t size = ::listxattr(at.c_str(), list.data(), list.size());
  EXPECT_EQ(error_of(size), 0) << "listxattr " << at;
  list.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  std::vector<std::string> names;
  for (std::size_t from = 0; from < list.size();) {
    names.emplace_back(list.c_str() + from);
    from += names.back().size() + 1;
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace lensfs::test
