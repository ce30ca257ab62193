#include "tools/cli/completion.h"

#include <fmt/format.h>

#include <vector>

#include "tools/command.h"

namespace lensfs {
namespace {

// In single quotes for a shell.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::vector<const Command*> shown_commands() {
  std::vector<const Command*> shown;
  for (const Command& command : all_commands()) {
    if (command.shown == Command::Shown::yes) shown.push_back(&command);
  }
  return shown;
}

std::vector<Option> options_of(const Command& command) {
  std::vector<Option> options = command.options;
  options.insert(options.end(), common_options().begin(), common_options().end());
  return options;
}

std::string words_of(const std::vector<Option>& options) {
  std::string words;
  for (const Option& option : options) {
    if (option.letter != 0) words += fmt::format("-{} ", option.letter);
    words += fmt::format("--{} ", option.name);
  }
  return words;
}

// `case` patterns of the options whose value is completed in this way.
std::string pattern_of(const std::vector<Option>& options, Completes completes) {
  std::string pattern;
  for (const Option& option : options) {
    if (option.value.empty() || option.completes != completes) continue;
    if (!pattern.empty()) pattern += "|";
    pattern += fmt::format("--{}", option.name);
    if (option.letter != 0) pattern += fmt::format("|-{}", option.letter);
  }
  return pattern;
}

std::string bash_case(const Command& command) {
  const auto options = options_of(command);
  std::string text = fmt::format("    {})\n      case $previous in\n", command.name);
  if (const auto none = pattern_of(options, Completes::nothing); !none.empty()) {
    text += fmt::format("        {}) return ;;\n", none);
  }
  if (const auto directories = pattern_of(options, Completes::directories); !directories.empty()) {
    text += fmt::format(
        "        {}) compopt -o filenames; COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n",
        directories);
  }
  text += fmt::format(
      "      esac\n      if [[ $word == -* ]]; then\n"
      "        COMPREPLY=($(compgen -W {} -- \"$word\"))\n        return\n      fi\n",
      shell_quoted(words_of(options)));
  if (command.operands.completes != Completes::nothing) {
    text += fmt::format("      compopt -o filenames; COMPREPLY=($(compgen {} -- \"$word\"))\n",
                        command.operands.completes == Completes::files ? "-f" : "-d");
  }
  return text + "      ;;\n";
}

std::string bash_script() {
  std::string names;
  std::string cases;
  for (const Command* command : shown_commands()) {
    names += std::string(command->name) + " ";
    cases += bash_case(*command);
  }
  return fmt::format(
      "# bash completion for lensfs\n_lensfs() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} verb= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${{COMP_WORDS[i]}} in\n      -L|--library) ((i++)) ;;\n      -*) ;;\n"
      "      *) verb=${{COMP_WORDS[i]}}; break ;;\n    esac\n  done\n  COMPREPLY=()\n"
      "  case $verb in\n    '')\n      case $previous in\n"
      "        -L|--library) compopt -o filenames; COMPREPLY=($(compgen -d -- \"$word\")); return "
      ";;\n"
      "      esac\n      COMPREPLY=($(compgen -W {} -- \"$word\"))\n      ;;\n{}  esac\n}}\n"
      "complete -F _lensfs lensfs\n",
      shell_quoted(names + words_of(common_options())), cases);
}

// What stands in an _arguments specification may hold no bare bracket or colon.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

const char* zsh_action(Completes completes) {
  if (completes == Completes::files) return "_files";
  if (completes == Completes::directories) return "_files -/";
  return " ";
}

std::string zsh_options(const std::vector<Option>& options) {
  std::string text;
  for (const Option& option : options) {
    const std::string value = option.value.empty() ? ""
                                                   : fmt::format(":{}:{}", zsh_text(option.value),
                                                                 zsh_action(option.completes));
    const char* repeated = option.repeat == Option::Repeat::many ? "*" : "";
    const std::string tail = fmt::format("[{}]{}", zsh_text(option.help), value);
    text += fmt::format(" \\\n        {}",
                        shell_quoted(fmt::format("{}--{}{}", repeated, option.name, tail)));
    if (option.letter != 0) {
      text += fmt::format(" \\\n        {}",
                          shell_quoted(fmt::format("{}-{}{}", repeated, option.letter, tail)));
    }
  }
  return text;
}

std::string zsh_script() {
  std::string names;
  std::string cases;
  for (const Command* command : shown_commands()) {
    names += fmt::format(
        "    {}\n", shell_quoted(fmt::format("{}:{}", command->name, zsh_text(command->summary))));
    cases += fmt::format("    {})\n      _arguments{}", command->name,
                         zsh_options(options_of(*command)));
    if (!command->operands.usage.empty()) {
      cases += fmt::format(" \\\n        {}",
                           shell_quoted(fmt::format("*:{}:{}", zsh_text(command->operands.usage),
                                                    zsh_action(command->operands.completes))));
    }
    cases += "\n      ;;\n";
  }
  return fmt::format(
      "#compdef lensfs\n_lensfs() {{\n  local -a verbs\n  local state\n  verbs=(\n{}  )\n"
      "  _arguments -C{} \\\n        '1:command:->verb' '*::argument:->rest'\n"
      "  case $state in\n    verb) _describe -t commands command verbs; return ;;\n  esac\n"
      "  case $words[1] in\n{}  esac\n}}\n_lensfs \"$@\"\n",
      names, zsh_options(common_options()), cases);
}

std::string fish_option(const Option& option, std::string_view condition) {
  std::string line = fmt::format("complete -c lensfs{} -l {}", condition, option.name);
  if (option.letter != 0) line += fmt::format(" -s {}", option.letter);
  if (!option.value.empty()) line += option.completes == Completes::nothing ? " -x" : " -r";
  if (option.completes == Completes::directories) line += " -a '(__fish_complete_directories)'";
  return line + " -d " + shell_quoted(option.help) + "\n";
}

std::string fish_script() {
  std::string text = "# fish completion for lensfs\ncomplete -c lensfs -f\n";
  for (const Option& option : common_options()) text += fish_option(option, "");
  for (const Command* command : shown_commands()) {
    const std::string condition =
        fmt::format(" -n '__fish_seen_subcommand_from {}'", command->name);
    text += fmt::format("complete -c lensfs -n __fish_use_subcommand -a {} -d {}\n", command->name,
                        shell_quoted(command->summary));
    for (const Option& option : command->options) text += fish_option(option, condition);
    if (command->operands.completes == Completes::files) {
      text += fmt::format("complete -c lensfs{} -F\n", condition);
    } else if (command->operands.completes == Completes::directories) {
      text += fmt::format("complete -c lensfs{} -a '(__fish_complete_directories)'\n", condition);
    }
  }
  return text;
}

}  // namespace

Result<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  return fail(Error(Errc::usage, "no such shell; bash, zsh and fish are known").with(shell));
}

}  // namespace lensfs
