#include "tools/command.h"

#include <algorithm>
#include <charconv>

namespace lensfs {

const std::vector<Option>& common_options() {
  static const std::vector<Option> kOptions = {
      {.name = "library",
       .help = "the library; else LENSFS_LIBRARY, else the one that a path given lies in",
       .letter = 'L',
       .value = "DIR",
       .completes = Completes::directories},
      {.name = "json", .help = "print JSON, for programs"},
      {.name = "help", .help = "show this help", .letter = 'h'},
  };
  return kOptions;
}

bool Invocation::has(std::string_view option) const {
  return std::any_of(given_.begin(), given_.end(),
                     [&](const Given& one) { return one.option == option; });
}

std::optional<std::string> Invocation::value(std::string_view option) const {
  for (const Given& one : given_) {
    if (one.option == option) return one.value;
  }
  return std::nullopt;
}

std::vector<std::string> Invocation::values(std::string_view option) const {
  std::vector<std::string> values;
  for (const Given& one : given_) {
    if (one.option == option) values.push_back(one.value);
  }
  return values;
}

Result<std::optional<std::uint64_t>> Invocation::number(std::string_view option) const {
  const auto text = value(option);
  if (!text) return std::optional<std::uint64_t>();
  std::uint64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || rest != end || text->empty()) {
    return fail(
        Error(Errc::usage, "not a whole number").with("--" + std::string(option) + " " + *text));
  }
  return std::optional(number);
}

const Command* find_command(std::string_view name) {
  const auto& all = all_commands();
  const auto it = std::find_if(all.begin(), all.end(),
                               [&](const Command& command) { return command.name == name; });
  return it == all.end() ? nullptr : &*it;
}

namespace {

// Levenshtein, with one row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({change, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

}  // namespace

const Command* nearest_command(std::string_view name) {
  const Command* nearest = nullptr;
  std::size_t best = std::max<std::size_t>(2, name.size() / 2) + 1;
  for (const Command& command : all_commands()) {
    const std::size_t apart = distance(name, command.name);
    if (command.shown == Command::Shown::yes && apart < best) {
      best = apart;
      nearest = &command;
    }
  }
  return nearest;
}

}  // namespace lensfs
