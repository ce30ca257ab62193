#include "tools/cli/parse.h"

#include <algorithm>
#include <deque>

#include <CLI/CLI.hpp>

namespace lensfs {
namespace {

struct Slot {
  const Option* option = nullptr;
  std::vector<std::string> values;
  CLI::Option* parsed = nullptr;
};

std::string spelling_of(const Option& option) {
  std::string spelling = "--" + std::string(option.name);
  if (option.letter != 0) spelling = std::string("-") + option.letter + "," + spelling;
  return spelling;
}

void add_option(CLI::App& app, std::deque<Slot>& slots, const Option& option) {
  Slot& slot = slots.emplace_back(Slot{&option, {}, nullptr});
  if (option.value.empty()) {
    slot.parsed = app.add_flag(spelling_of(option));
    return;
  }
  slot.parsed = app.add_option(spelling_of(option), slot.values);
  slot.parsed->expected(1)->allow_extra_args(false);
  slot.parsed->multi_option_policy(option.repeat == Option::Repeat::many
                                       ? CLI::MultiOptionPolicy::TakeAll
                                       : CLI::MultiOptionPolicy::TakeLast);
}

const Option* known_option(const Command& command, const std::string& word) {
  const auto matches = [&](const Option& option) {
    const std::string name = "--" + std::string(option.name);
    return word == name || (!option.value.empty() && word.starts_with(name + "=")) ||
           (option.letter != 0 && word == std::string("-") + option.letter);
  };
  for (const auto* options : {&command.options, &common_options()}) {
    const auto it = std::find_if(options->begin(), options->end(), matches);
    if (it != options->end()) return &*it;
  }
  return nullptr;
}

struct Split {
  std::vector<std::string> options;
  std::vector<std::string> operands;
  std::size_t literal_from = 0;
};

// Takes operands out of the words, so that the parser only sees options and their values.
Split split_words(const Command& command, const std::vector<std::string>& words) {
  Split split;
  std::size_t at = 0;
  for (; at < words.size() && words[at] != "--"; ++at) {
    const std::string& word = words[at];
    const Option* option = known_option(command, word);
    const bool like_option = command.words == Command::Words::signed_terms
                                 ? word.starts_with("--")
                                 : word.size() > 1 && word.front() == '-';
    if (option == nullptr && !like_option) {
      split.operands.push_back(word);
      continue;
    }
    split.options.push_back(word);
    const bool takes_next =
        option != nullptr && !option->value.empty() && word.find('=') == std::string::npos;
    if (takes_next && at + 1 < words.size()) split.options.push_back(words[++at]);
  }
  split.literal_from = split.operands.size();
  for (++at; at < words.size(); ++at) split.operands.push_back(words[at]);
  return split;
}

tl::unexpected<Error> wrong(const std::string& what) {
  return fail(Error(Errc::usage, "see --help").with(what));
}

Status check_counts(const Command& command, std::size_t operands) {
  if (operands < command.operands.least) {
    return wrong("needs " + std::string(command.operands.usage));
  }
  if (operands > command.operands.most) {
    return wrong(command.operands.most == 0 ? "takes no words" : "too many words");
  }
  return {};
}

}  // namespace

Result<Invocation> parse(const Command& command, std::vector<std::string> words) {
  Split split = split_words(command, words);
  CLI::App app;
  app.set_help_flag();
  std::deque<Slot> slots;
  for (const Option& option : command.options) add_option(app, slots, option);
  for (const Option& option : common_options()) add_option(app, slots, option);
  try {
    std::reverse(split.options.begin(), split.options.end());  // as CLI11 wants them
    app.parse(split.options);
  } catch (const CLI::Error& error) {
    return wrong(error.what());
  }

  std::vector<Invocation::Given> given;
  bool help = false;
  for (const Slot& slot : slots) {
    if (slot.parsed->count() == 0) continue;
    help = help || slot.option->name == "help";
    if (slot.option->value.empty()) given.push_back({slot.option->name, {}});
    for (const std::string& value : slot.values) given.push_back({slot.option->name, value});
  }
  Invocation invocation(command, std::move(given), std::move(split.operands), split.literal_from);
  if (help) return invocation;
  LENSFS_CHECK(check_counts(command, invocation.operands().size()));
  for (const Option& option : command.options) {
    if (option.need == Option::Need::required && !invocation.has(option.name)) {
      return wrong("needs --" + std::string(option.name) + " " + std::string(option.value));
    }
    if (!option.excludes.empty() && invocation.has(option.name) &&
        invocation.has(option.excludes)) {
      return wrong("--" + std::string(option.name) + " and --" + std::string(option.excludes) +
                   " exclude each other");
    }
  }
  return invocation;
}

}  // namespace lensfs
