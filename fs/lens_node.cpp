#include "fs/lens_node.h"

#include <fmt/format.h>

#include <charconv>

namespace lensfs {

std::string LensNode::spec() const {
  return fmt::format("%{} {}", static_cast<std::uint64_t>(folder), profile);
}

Result<LensNode> LensNode::from_spec(std::string_view spec) {
  constexpr const char* kBad = "not a description of a folder behind a lens";
  if (!spec.starts_with('%')) return fail(Errc::invalid, kBad);
  spec.remove_prefix(1);
  std::uint64_t folder = 0;
  const char* const end = spec.data() + spec.size();
  const auto [stopped, error] = std::from_chars(spec.data(), end, folder);
  spec.remove_prefix(static_cast<std::size_t>(stopped - spec.data()));
  if (error != std::errc() || spec.size() < 2 || spec.front() != ' ') {
    return fail(Errc::invalid, kBad);
  }
  return LensNode{.profile = std::string(spec.substr(1)), .folder = static_cast<NodeId>(folder)};
}

NodeId LensNode::id(unsigned salt) const {
  return hashed_node(NodeClass::lens, spec(), salt);
}

}  // namespace lensfs
