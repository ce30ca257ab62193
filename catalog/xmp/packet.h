// XMP packets: what they say, as plain values, and the least that has to change in one so that it
// says something else. The bytes of what nobody here knows stay as they are.
//
// Nothing is fetched and no entity is expanded but the five of XML. Names are "prefix:name" with
// the usual prefixes ("dc:title", "xmpDM:scene"), whatever a packet calls its namespaces; those of
// unknown namespaces have the packet's own. No function keeps anything; all may be called from any
// thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs::xmp {

inline constexpr std::size_t kLargestPacket = std::size_t{16} << 20U;  // bytes
inline constexpr int kDeepest = 64;                                    // elements in elements
inline constexpr std::size_t kMostElements = 200'000;

struct Value {
  enum class Kind {
    text,
    bag,        // unordered
    seq,        // ordered
    alt,        // one of them is shown; mostly the same in several languages
    structure,  // of named parts
  };
  Kind kind = Kind::text;
  std::string text{};                                 // of a text
  std::string language{};                             // of an item of an alt: "x-default", "de"
  std::vector<Value> items{};                         // of bag, seq and alt
  std::map<std::string, Value, std::less<>> parts{};  // of a structure

  [[nodiscard]] static Value of(std::string text);
  [[nodiscard]] static Value list(Kind kind, const std::vector<std::string>& texts);
  [[nodiscard]] static Value in_language(std::string text);  // an alt of "x-default"
  // As one text: itself, the default of an alt, the first of a list; empty for a structure.
  [[nodiscard]] std::string one() const;
  // As several: the items, or the text itself if there is any.
  [[nodiscard]] std::vector<std::string> all() const;
  friend bool operator==(const Value&, const Value&) = default;
};
using Properties = std::map<std::string, Value, std::less<>>;

// What a packet says, with or without its wrapper, in UTF-8 or UTF-16. corrupt for what is no XMP,
// too_big over the limits above.
[[nodiscard]] Result<Properties> parse(std::string_view packet);

// What is to be said from now on; nothing: no more.
using Changes = std::map<std::string, std::optional<Value>, std::less<>>;
// The packet with these changes and no other. Properties of unknown prefixes cannot be set
// (invalid). A packet that is not UTF-8 comes back as UTF-8. Errors as of parse().
[[nodiscard]] Result<std::string> patch(std::string_view packet, const Changes& changes);
// A new packet that says this.
[[nodiscard]] Result<std::string> written(const Properties& properties);

}  // namespace lensfs::xmp
