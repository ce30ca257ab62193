#include "catalog/model/names.h"

#include "catalog/base/text.h"

namespace lensfs {

Status check_name(std::string_view name) {
  if (name.empty()) return fail(Errc::invalid, "a name is empty");
  if (name.size() > kNameLimit) return fail(Errc::name_too_long, "a name has over 255 bytes");
  if (name == "." || name == "..") return fail(Errc::invalid, "not a name");
  if (name.find('/') != std::string_view::npos || name.find('\0') != std::string_view::npos) {
    return fail(Errc::invalid, "a name holds a slash or a zero byte");
  }
  if (!is_utf8(name)) return fail(Errc::invalid, "a name is not UTF-8");
  return {};
}

}  // namespace lensfs
