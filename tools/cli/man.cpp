#include "tools/cli/man.h"

#include <fmt/format.h>

#include "tools/cli/help.h"
#include "tools/command.h"

namespace lensfs {
namespace {

// Text in which roff sees no request and no escape.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += "\\&";
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    out += ".PP\n" + escaped(filled(text.substr(0, end), 0, 79)) + "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return out;
}

std::string option_text(const Option& option) {
  std::string head;
  if (option.letter != 0) head += fmt::format("\\fB\\-{}\\fR, ", option.letter);
  head += "\\fB\\-\\-" + escaped(option.name) + "\\fR";
  if (!option.value.empty()) head += " \\fI" + escaped(option.value) + "\\fR";
  return ".TP\n" + head + "\n" + escaped(filled(option.help, 0, 79)) + "\n";
}

std::string command_text(const Command& command) {
  std::string text = fmt::format(".SS \"{}\"\n", escaped(usage_line(command)));
  text += paragraphs(command.description);
  for (const Option& option : command.options) text += option_text(option);
  for (const Example& example : command.examples) {
    text += fmt::format(".PP\n.EX\n{}\n.EE\n.RS\n{}\n.RE\n", escaped(example.line),
                        escaped(example.what));
  }
  return text;
}

}  // namespace

std::string man_page(std::string_view version) {
  std::string text = fmt::format(
      ".TH LENSFS 1 \"\" \"lensfs {}\" \"User Commands\"\n"
      ".SH NAME\nlensfs \\- one library of media, mounted as a drive\n"
      ".SH SYNOPSIS\n.B lensfs\n[\\fB\\-L\\fR \\fIDIR\\fR] \\fICOMMAND\\fR [\\fIOPTIONS\\fR]"
      " [\\fITHING\\fR...]\n.SH COMMANDS\n",
      version);
  for (const Command& command : all_commands()) {
    if (command.shown == Command::Shown::yes) text += command_text(command);
  }
  text += ".SH OPTIONS\nEvery command takes these.\n";
  for (const Option& option : common_options()) text += option_text(option);
  text += ".SH EXIT STATUS\n";
  for (const ExitMeaning& one : kExitMeanings) {
    text += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(one.code), escaped(one.meaning));
  }
  text +=
      ".SH ENVIRONMENT\n.TP\n.B LENSFS_LIBRARY\nThe library, where \\fB\\-\\-library\\fR is not"
      " given.\n";
  return text;
}

}  // namespace lensfs
