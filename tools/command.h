// Command: all there is to know of one verb. Parsing, --help, the man page and the completions are
// made from it; a new verb is one file in commands/ and one line in command_table.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"
#include "tools/cli/exit_code.h"

namespace lensfs {

class Invocation;

// What the shell completes a value or an operand with.
enum class Completes { nothing, files, directories };

struct Option {
  std::string_view name;  // "project", given as --project
  std::string_view help;
  char letter = 0;              // 'p', given as -p
  std::string_view value = {};  // "DIR"; empty: a switch
  enum class Need { optional, required } need = Need::optional;
  enum class Repeat { once, many } repeat = Repeat::once;
  Completes completes = Completes::nothing;
  std::string_view excludes = {};  // the name of an option that it cannot stand beside
};

struct Operands {
  std::string_view usage = {};  // "PATH…"; empty: none are taken
  std::size_t least = 0;
  std::size_t most = SIZE_MAX;
  Completes completes = Completes::nothing;
};

struct Example {
  std::string_view line;
  std::string_view what;
};

struct Command {
  std::string_view name;
  std::string_view summary;      // one line, no full stop
  std::string_view description;  // paragraphs, separated by an empty line
  Operands operands;
  std::vector<Option> options;
  std::array<Example, 2> examples;
  // signed_terms: words like +tag and -tag are operands; only known options are options.
  enum class Words { plain, signed_terms } words = Words::plain;
  enum class Shown { yes, no } shown = Shown::yes;  // in help, man page and completions
  Result<ExitCode> (*run)(const Invocation&) = nullptr;
};

// Options that every command takes.
[[nodiscard]] const std::vector<Option>& common_options();

// Invocation: a command line that was understood.
class Invocation {
 public:
  struct Given {
    std::string_view option;  // its long name
    std::string value;        // of a switch: empty
  };
  Invocation(const Command& command, std::vector<Given> given, std::vector<std::string> operands,
             std::size_t literal_from)
      : command_(command),
        given_(std::move(given)),
        operands_(std::move(operands)),
        literal_from_(literal_from) {}

  [[nodiscard]] const Command& command() const { return command_; }
  [[nodiscard]] bool has(std::string_view option) const;
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view option) const;
  // A whole number that is not negative; usage when it is something else.
  [[nodiscard]] Result<std::optional<std::uint64_t>> number(std::string_view option) const;
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }
  // Operands from this index on came after "--".
  [[nodiscard]] std::size_t literal_from() const { return literal_from_; }

 private:
  const Command& command_;
  std::vector<Given> given_;
  std::vector<std::string> operands_;
  std::size_t literal_from_;
};

// In the order in which help shows them.
[[nodiscard]] const std::vector<Command>& all_commands();
[[nodiscard]] const Command* find_command(std::string_view name);
// The command that somebody who typed `name` most likely meant.
[[nodiscard]] const Command* nearest_command(std::string_view name);

}  // namespace lensfs
