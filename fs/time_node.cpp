#include "fs/time_node.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace lensfs {
namespace {

constexpr std::string_view kKinds = "LPFGTVH";

// Takes a whole number off the front of the text.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
  return number;
}

}  // namespace

std::string TimeNode::spec() const {
  const char letter = static_cast<char>(kind);
  if (when.is_label()) return fmt::format("@{}{} ={}", letter, row, when.label);
  return fmt::format("@{}{} {}", letter, row, when.at);
}

Result<TimeNode> TimeNode::from_spec(std::string_view spec) {
  constexpr const char* kBad = "not a description of a folder in time";
  if (spec.size() < 3 || spec[0] != '@' || kKinds.find(spec[1]) == std::string_view::npos) {
    return fail(Errc::invalid, kBad);
  }
  TimeNode node{.kind = static_cast<Kind>(spec[1])};
  spec.remove_prefix(2);
  const auto row = take_number(spec);
  if (!row || spec.size() < 2 || spec[0] != ' ') return fail(Errc::invalid, kBad);
  node.row = *row;
  spec.remove_prefix(1);
  if (spec[0] == '=') {
    node.when.label = spec.substr(1);
    return node;
  }
  const auto at = take_number(spec);
  if (!at || !spec.empty()) return fail(Errc::invalid, kBad);
  node.when.at = *at;
  return node;
}

NodeId TimeNode::id(unsigned salt) const {
  return hashed_node(NodeClass::time, spec(), salt);
}

}  // namespace lensfs
