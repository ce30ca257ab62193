#include "tools/cli/help.h"

#include <fmt/format.h>

namespace lensfs {
namespace {

constexpr std::size_t kWidth = 79;
constexpr std::size_t kColumn = 24;  // where descriptions of options start

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return columns;
}

std::string option_text(const Option& option) {
  std::string head = option.letter != 0 ? fmt::format("  -{}, ", option.letter) : "      ";
  head += "--" + std::string(option.name);
  if (!option.value.empty()) head += " " + std::string(option.value);
  const std::size_t columns = columns_of(head);
  head += columns + 2 > kColumn ? "\n" + std::string(kColumn, ' ')
                                : std::string(kColumn - columns, ' ');
  return head + filled(option.help, kColumn, kWidth - kColumn) + "\n";
}

std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    out += filled(text.substr(0, end), 0, kWidth) + "\n\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return out;
}

std::string exit_statuses() {
  std::string text = "Exit status:\n";
  for (const ExitMeaning& one : kExitMeanings) {
    text += fmt::format("  {:<4}{}\n", static_cast<int>(one.code), one.meaning);
  }
  return text;
}

}  // namespace

std::string filled(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t used = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ' || text[at] == '\n') {
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const std::size_t columns = columns_of(word);
    if (used != 0 && used + 1 + columns > width) {
      out += "\n" + std::string(indent, ' ');
      used = 0;
    } else if (used != 0) {
      out += ' ';
      ++used;
    }
    out += word;
    used += columns;
    at = end;
  }
  return out;
}

std::string usage_line(const Command& command) {
  std::string line = "lensfs " + std::string(command.name);
  for (const Option& option : command.options) {
    if (option.need == Option::Need::required) {
      line += fmt::format(" --{} {}", option.name, option.value);
    }
  }
  line += " [OPTIONS]";
  if (!command.operands.usage.empty()) line += " " + std::string(command.operands.usage);
  return line;
}

std::string help_text(const Command& command) {
  std::string text = fmt::format("Usage: {}\n\n{}", filled(usage_line(command), 7, kWidth - 7),
                                 paragraphs(command.description));
  text += "Options:\n";
  for (const Option& option : command.options) text += option_text(option);
  for (const Option& option : common_options()) text += option_text(option);
  text += "\n" + exit_statuses() + "\nExamples:\n";
  for (const Example& example : command.examples) {
    text += fmt::format("  {}\n      {}\n", example.line, filled(example.what, 6, kWidth - 6));
  }
  return text;
}

std::string help_text() {
  std::string text =
      "Usage: lensfs [--library DIR] COMMAND [OPTIONS] [THING…]\n\n"
      "One library of media, mounted as a drive.\n\nCommands:\n";
  for (const Command& command : all_commands()) {
    if (command.shown == Command::Shown::no) continue;
    text += fmt::format("  {:<12}{}\n", command.name, filled(command.summary, 14, kWidth - 14));
  }
  text += "\nOptions:\n";
  for (const Option& option : common_options()) text += option_text(option);
  text += "\n" + exit_statuses() +
          "\nExamples:\n"
          "  lensfs init /srv/media\n      makes a library\n"
          "  lensfs ingest --help\n      explains one command\n";
  return text;
}

}  // namespace lensfs
