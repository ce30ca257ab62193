#include "catalog/xmp/spans.h"

#include "catalog/xmp/names.h"
#include "catalog/xmp/packet.h"

namespace lensfs::xmp {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

Error not_xml(const char* why) {
  return Error(Errc::corrupt, "no XMP").with(why);
}

// Walk: over the tags of one text.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  Result<std::vector<ElementSpan>> run() {
    while ((at_ = text_.find('<', at_)) != std::string_view::npos) {
      if (begins("<!--")) {
        LENSFS_CHECK(skip_to("-->"));
      } else if (begins("<?")) {
        LENSFS_CHECK(skip_to("?>"));
      } else if (begins("<![CDATA[")) {
        LENSFS_CHECK(skip_to("]]>"));
      } else if (begins("<!")) {
        return fail(not_xml("it declares a document type"));
      } else if (begins("</")) {
        LENSFS_CHECK(close());
      } else {
        LENSFS_CHECK(open());
      }
    }
    if (!opened_.empty()) return fail(not_xml("an element does not end"));
    return std::move(spans_);
  }

 private:
  [[nodiscard]] bool begins(std::string_view with) const {
    return text_.substr(at_).starts_with(with);
  }
  Status skip_to(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) return fail(not_xml("a tag does not end"));
    at_ = found + end.size();
    return {};
  }
  void skip_space() { at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size()); }
  std::string_view word() {
    const std::size_t from = at_;
    at_ = std::min(text_.find_first_of(" \t\r\n=/>\"'<", at_), text_.size());
    return text_.substr(from, at_ - from);
  }

  Status close() {
    at_ += 2;
    const std::size_t from = at_ - 2;
    const std::string_view name = word();
    skip_space();
    if (!begins(">")) return fail(not_xml("a tag does not end"));
    ++at_;
    if (opened_.empty() || spans_[opened_.back()].name != name) {
      return fail(not_xml("an end tag without its start"));
    }
    spans_[opened_.back()].close = from;
    spans_[opened_.back()].end = at_;
    opened_.pop_back();
    return {};
  }

  Status open() {
    ElementSpan span{.begin = at_++};
    span.name = word();
    span.parent = opened_.empty() ? spans_.size() : opened_.back();
    if (span.name.empty()) return fail(not_xml("a tag without a name"));
    LENSFS_CHECK(read_attributes(span));
    span.is_empty = begins("/");
    if (span.is_empty) ++at_;
    if (!begins(">")) return fail(not_xml("a tag does not end"));
    span.tag_end = span.close = span.end = ++at_;
    if (!span.is_empty) opened_.push_back(spans_.size());
    spans_.push_back(std::move(span));
    if (opened_.size() > kDeepest || spans_.size() > kMostElements) {
      return fail(Errc::too_big, "XMP with too many elements in it");
    }
    return {};
  }

  Status read_attributes(ElementSpan& span) {
    for (;;) {
      AttributeSpan attribute{.begin = at_};
      skip_space();
      if (at_ >= text_.size()) return fail(not_xml("a tag does not end"));
      if (begins("/") || begins(">")) return {};
      attribute.name = word();
      skip_space();
      if (attribute.name.empty() || !begins("=")) return fail(not_xml("not an attribute"));
      ++at_;
      skip_space();
      const char quote = at_ < text_.size() ? text_[at_] : '\0';
      const std::size_t end =
          quote == '"' || quote == '\'' ? text_.find(quote, at_ + 1) : std::string_view::npos;
      if (end == std::string_view::npos) return fail(not_xml("an attribute without quotes"));
      attribute.value_at = at_ + 1;
      attribute.value = text_.substr(at_ + 1, end - at_ - 1);
      at_ = attribute.end = end + 1;
      span.attributes.push_back(attribute);
      if (span.attributes.size() > 10'000) return fail(Errc::too_big, "XMP with too many values");
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<ElementSpan> spans_;
  std::vector<std::size_t> opened_;
};

}  // namespace

Result<std::vector<ElementSpan>> spans_of(std::string_view text) {
  return Walk(text).run();
}

std::string_view uri_at(const std::vector<ElementSpan>& spans, std::size_t element,
                        std::string_view prefix) {
  if (prefix == "xml") return uri_of("xml");
  for (;;) {
    for (const AttributeSpan& attribute : spans[element].attributes) {
      const NamePair name = split(attribute.name);
      const bool is_default = prefix.empty() && attribute.name == "xmlns";
      if (is_default || (name.prefix == "xmlns" && !prefix.empty() && name.local == prefix)) {
        return attribute.value;
      }
    }
    if (spans[element].parent == element) return {};
    element = spans[element].parent;
  }
}

std::string name_at(const std::vector<ElementSpan>& spans, std::size_t element,
                    std::string_view name) {
  return our_name(name, uri_at(spans, element, split(name).prefix));
}

}  // namespace lensfs::xmp
