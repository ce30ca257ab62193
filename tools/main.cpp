// lensfs: finds the command in the table, runs it, and turns its result into an exit status.
#include <fmt/format.h>
#include <sys/resource.h>

#include <csignal>
#include <string>
#include <vector>

#include "catalog/base/log.h"
#include "tools/cli/help.h"
#include "tools/cli/parse.h"
#include "tools/cli/print.h"
#include "tools/command.h"

namespace lensfs {
namespace {

// The source directories of files in flight are open, and a library may hold deep trees.
void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

struct Line {
  std::string verb;
  std::vector<std::string> words;  // common options given before the verb come first
};

// Common options may stand before the verb, too.
Line split_line(const std::vector<std::string>& arguments) {
  Line line;
  std::size_t at = 0;
  for (; at < arguments.size() && arguments[at].starts_with("-"); ++at) {
    line.words.push_back(arguments[at]);
    const bool takes_next = arguments[at] == "-L" || arguments[at] == "--library";
    if (takes_next && at + 1 < arguments.size()) line.words.push_back(arguments[++at]);
  }
  if (at == arguments.size()) return line;
  line.verb = arguments[at++];
  for (; at < arguments.size(); ++at) line.words.push_back(arguments[at]);
  return line;
}

Line understood(Line line) {
  if (line.verb == "help") {
    line.verb = line.words.empty() ? "" : line.words.back();
    line.words = {"--help"};
  }
  if (line.verb.empty() && !line.words.empty() && line.words.front() == "--version") {
    line = {.verb = "version", .words = {}};
  }
  return line;
}

ExitCode complain_of_verb(const std::string& verb) {
  const Command* meant = nearest_command(verb);
  complain("", meant == nullptr
                   ? fmt::format("there is no command \"{}\"; see lensfs --help", shown_text(verb))
                   : fmt::format("there is no command \"{}\"; did you mean \"lensfs {}\"?",
                                 shown_text(verb), meant->name));
  return ExitCode::usage;
}

ExitCode run(const std::vector<std::string>& arguments) {
  const Line line = understood(split_line(arguments));
  if (line.verb.empty()) {
    const bool asked =
        !line.words.empty() && (line.words.back() == "--help" || line.words.back() == "-h");
    if (asked) {
      print(help_text());
      return ExitCode::done;
    }
    complain("", "which command? See lensfs --help");
    return ExitCode::usage;
  }
  const Command* command = find_command(line.verb);
  if (command == nullptr) return complain_of_verb(line.verb);

  const auto invocation = parse(*command, line.words);
  if (!invocation) {
    complain(command->name, invocation.error());
    return exit_code_of(invocation.error().code());
  }
  if (invocation->has("help")) {
    print(help_text(*command));
    return ExitCode::done;
  }
  const auto result = command->run(*invocation);
  if (result) return *result;
  complain(command->name, result.error());
  return exit_code_of(result.error().code());
}

}  // namespace
}  // namespace lensfs

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away ends the output, not the work
  lensfs::allow_many_files();
  lensfs::log::start("lensfs", lensfs::log::Target::standard_error, spdlog::level::warn);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const lensfs::ExitCode code = lensfs::run(arguments);
  if (!lensfs::finish_output()) {
    lensfs::complain("", "standard output cannot be written");
    return static_cast<int>(lensfs::ExitCode::system);
  }
  return static_cast<int>(code);
}
