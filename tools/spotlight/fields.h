// The fields that queries of Spotlight name, once Samba has mapped its attributes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lensfs {

struct SpotlightField {
  enum class Means {
    nothing,   // what a library does not keep
    anywhere,  // the name, tags, what is said
    text,      // what is said
    name,
    tag,
    type,      // of media, "image/*"
    field,     // a text
    quantity,  // what is more and less: numbers, dates
  };
  Means means = Means::nothing;
  std::string_view key = {};  // of a term in a query of the library

  // A value as queries of the library spell it.
  [[nodiscard]] std::string text_of(std::string_view value) const;
};

[[nodiscard]] SpotlightField spotlight_field(std::string_view name);
// Whether the text is a quantity of this key.
[[nodiscard]] bool is_quantity(std::string_view key, std::string_view text);

// What files of a type of media are: `glob` may have stars.
[[nodiscard]] std::vector<std::string_view> kinds_of_type(std::string_view glob);
[[nodiscard]] std::vector<std::string_view> extensions_of_type(std::string_view glob);

}  // namespace lensfs
