// Spans: where the elements and attributes of an XML text lie in its bytes, so that one can be
// exchanged and the rest stays as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs::xmp {

struct AttributeSpan {
  std::string_view name{};
  std::string_view value{};  // as written, without its quotes
  std::size_t begin = 0;     // of the white space before it
  std::size_t end = 0;       // behind its closing quote
  std::size_t value_at = 0;
};

struct ElementSpan {
  std::string_view name{};
  std::size_t parent = 0;   // its number; its own, for the outermost
  std::size_t begin = 0;    // of its start tag
  std::size_t tag_end = 0;  // behind the start tag
  std::size_t close = 0;    // of its end tag; tag_end where it has none
  std::size_t end = 0;      // behind all of it
  bool is_empty = false;    // <name/>
  std::vector<AttributeSpan> attributes{};
};

// In the order in which they begin. `text` is UTF-8 and must outlive them. corrupt for what is not
// well-formed as far as tags go, or declares a document type; too_big over the limits of packet.h.
[[nodiscard]] Result<std::vector<ElementSpan>> spans_of(std::string_view text);

// What a prefix stands for at an element; empty if nothing says so.
[[nodiscard]] std::string_view uri_at(const std::vector<ElementSpan>& spans, std::size_t element,
                                      std::string_view prefix);
[[nodiscard]] std::string name_at(const std::vector<ElementSpan>& spans, std::size_t element,
                                  std::string_view name);

}  // namespace lensfs::xmp
