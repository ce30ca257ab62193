#include "catalog/store/object_name.h"

#include <fmt/format.h>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr std::size_t kDirectoryLength = 6;  // "ab/cd/"
constexpr std::size_t kHexLength = 32;

}  // namespace

std::string object_directory(const ContentId& id) {
  return fmt::format("{:02x}/{:02x}", id.bytes[0], id.bytes[1]);
}

std::string object_name(const ObjectKey& key) {
  std::string name = fmt::format("{}/{}-{}", object_directory(key.id), to_hex(key.id), key.size);
  if (key.serial != 0) name += fmt::format(".{}", key.serial);
  return name;
}

std::optional<ObjectKey> key_from_name(std::string_view relative) {
  if (relative.size() < kDirectoryLength + kHexLength + 2) return std::nullopt;
  const auto id = content_id_from_hex(relative.substr(kDirectoryLength, kHexLength));
  if (!id) return std::nullopt;

  const std::string_view rest = relative.substr(kDirectoryLength + kHexLength + 1);
  const auto dot = rest.find('.');
  const auto size = number_from<std::uint64_t>(rest.substr(0, dot));
  const auto serial = dot == std::string_view::npos
                          ? std::optional<std::uint32_t>(0)
                          : number_from<std::uint32_t>(rest.substr(dot + 1));
  if (!size || !serial) return std::nullopt;

  const ObjectKey key{.id = *id, .size = *size, .serial = *serial};
  if (object_name(key) != relative) return std::nullopt;
  return key;
}

}  // namespace lensfs
