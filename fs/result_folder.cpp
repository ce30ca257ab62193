#include "fs/result_folder.h"

#include <algorithm>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr std::string_view kTagFacet = "tag";

// Takes the text up to the next '\n' off the front.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return line;
}

Status apply_line(PathNode& node, std::string_view line) {
  const std::string text = text_from_segment(line.substr(1));
  const std::size_t equals = line.find('=');
  switch (line.front()) {
    case 'T':
      node.folder.base = ResultFolder::Base::tag;
      node.folder.text = text;
      return {};
    case 'S':
      node.folder.base = ResultFolder::Base::search;
      node.folder.text = text;
      return {};
    case '&':
      if (equals == std::string_view::npos) return fail(Errc::invalid, "a filter has no value");
      node.folder.filters.push_back({text_from_segment(line.substr(1, equals - 1)),
                                     text_from_segment(line.substr(equals + 1))});
      return {};
    case '+':
      node.tail = PathNode::Tail::plus;
      return {};
    case 'F':
      node.tail = PathNode::Tail::facet;
      node.facet = text;
      return {};
    case 'L':
      node.tail = PathNode::Tail::link;
      node.value = text;
      return {};
    default:
      return fail(Errc::invalid, "not a folder's description");
  }
}

}  // namespace

ResultFolder ResultFolder::canonical() const {
  ResultFolder result = *this;
  auto& list = result.filters;
  if (base == Base::tag) {
    // The first term of all is the base, whichever was typed first.
    const auto first = std::min_element(list.begin(), list.end(), [](const auto& a, const auto& b) {
      if ((a.facet == kTagFacet) != (b.facet == kTagFacet)) return a.facet == kTagFacet;
      return a < b;
    });
    if (first != list.end() && first->facet == kTagFacet && first->value < result.text) {
      std::swap(first->value, result.text);
    }
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  if (base == Base::tag) std::erase(list, Filter{std::string(kTagFacet), result.text});
  return result;
}

std::string ResultFolder::path() const {
  std::string path;
  if (base == Base::tag) {
    path = "Tags";
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t slash = rest.find('/');
      path.append("/").append(legal_name(rest.substr(0, slash)));
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    }
  } else {
    path = "Search/" + segment_from_text(text);
  }
  for (const Filter& filter : filters) {
    path.append("/").append(segment_from_text(filter.facet + "=" + filter.value));
  }
  return path;
}

std::size_t ResultFolder::depth() const {
  const std::string text_path = path();
  return 1 + static_cast<std::size_t>(std::count(text_path.begin(), text_path.end(), '/'));
}

std::string PathNode::spec() const {
  std::string text = folder.base == ResultFolder::Base::tag ? "T" : "S";
  text += segment_from_text(folder.text);
  for (const auto& filter : folder.filters) {
    text += "\n&" + segment_from_text(filter.facet) + "=" + segment_from_text(filter.value);
  }
  if (tail == Tail::plus) text += "\n+";
  if (tail == Tail::facet || tail == Tail::link) text += "\nF" + segment_from_text(facet);
  if (tail == Tail::link) text += "\nL" + segment_from_text(value);
  return text;
}

Result<PathNode> PathNode::from_spec(std::string_view spec) {
  PathNode node;
  if (spec.empty()) return fail(Errc::invalid, "an empty description");
  while (!spec.empty()) {
    const std::string_view line = take_line(spec);
    if (line.empty()) return fail(Errc::invalid, "an empty line in a folder's description");
    LENSFS_CHECK(apply_line(node, line));
  }
  return node;
}

NodeId PathNode::id(unsigned salt) const {
  return hashed_node(NodeClass::path, spec(), salt);
}

}  // namespace lensfs
