// Namespaces of XMP and their usual prefixes.
#pragma once

#include <string>
#include <string_view>

namespace lensfs::xmp {

inline constexpr std::string_view kRdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

[[nodiscard]] std::string_view usual_prefix(std::string_view uri);     // empty: not known
[[nodiscard]] std::string_view uri_of(std::string_view usual_prefix);  // empty: not known

// "x:name" -> {"x", "name"}; without a colon the prefix is empty.
struct NamePair {
  std::string_view prefix;
  std::string_view local;
};
[[nodiscard]] NamePair split(std::string_view name);
// The name that we use for a name of the packet; `uri`: what its prefix stands for there.
[[nodiscard]] std::string our_name(std::string_view name, std::string_view uri);

}  // namespace lensfs::xmp
