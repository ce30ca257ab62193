#include "fs/posix_acl.h"

#include <endian.h>

#include <algorithm>
#include <cstring>

namespace lensfs {
namespace {

constexpr std::uint32_t kVersion = 2;

struct Packed {
  std::uint16_t tag;
  std::uint16_t bits;
  std::uint32_t id;
};
static_assert(sizeof(Packed) == 8);

bool is_tag(std::uint16_t tag) {
  return tag == 0x01 || tag == 0x02 || tag == 0x04 || tag == 0x08 || tag == 0x10 || tag == 0x20;
}

}  // namespace

std::string acl_bytes(std::vector<AclEntry> entries) {
  std::sort(entries.begin(), entries.end(), [](const AclEntry& a, const AclEntry& b) {
    return a.tag != b.tag ? a.tag < b.tag : a.id < b.id;
  });
  const std::uint32_t version = htole32(kVersion);
  std::string bytes(sizeof version + entries.size() * sizeof(Packed), '\0');
  std::memcpy(bytes.data(), &version, sizeof version);
  std::size_t at = sizeof version;
  for (const AclEntry& entry : entries) {
    const Packed packed{htole16(static_cast<std::uint16_t>(entry.tag)), htole16(entry.bits),
                        htole32(entry.id)};
    std::memcpy(bytes.data() + at, &packed, sizeof packed);
    at += sizeof packed;
  }
  return bytes;
}

Result<std::vector<AclEntry>> parse_acl(std::string_view bytes) {
  std::uint32_t version = 0;
  if (bytes.size() < sizeof version) return fail(Errc::invalid);
  std::memcpy(&version, bytes.data(), sizeof version);
  bytes.remove_prefix(sizeof version);
  if (le32toh(version) != kVersion || bytes.size() % sizeof(Packed) != 0) {
    return fail(Errc::invalid);
  }
  std::vector<AclEntry> entries;
  for (; !bytes.empty(); bytes.remove_prefix(sizeof(Packed))) {
    Packed packed{};
    std::memcpy(&packed, bytes.data(), sizeof packed);
    const std::uint16_t tag = le16toh(packed.tag);
    const std::uint16_t bits = le16toh(packed.bits);
    if (!is_tag(tag) || bits > 7) return fail(Errc::invalid);
    entries.push_back({static_cast<AclEntry::Tag>(tag), bits, le32toh(packed.id)});
  }
  return entries;
}

}  // namespace lensfs
