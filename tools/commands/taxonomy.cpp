#include "catalog/model/taxonomy.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "catalog/model/term_links.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/subcommand.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

using Words = std::vector<std::string>;

Result<ExitCode> show(const Invocation& invocation, const Words& words) {
  if (!words.empty()) return fail(Error(Errc::usage, "it writes to standard output"));
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  LENSFS_TRY(const std::string text, taxonomy_text(*reader));
  print(text);
  return text.empty() ? ExitCode::nothing_found : ExitCode::done;
}

Result<std::string> read_all(const Words& words) {
  if (words.size() > 1) return fail(Error(Errc::usage, "give one file, or - for standard input"));
  if (words.empty() || words.front() == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
  }
  std::ifstream file(words.front(), std::ios::binary);
  if (!file) return fail(error_from_errno(errno, "open").with(words.front()));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

template <typename Edit>
Result<ExitCode> edit(const Invocation& invocation, Edit&& change) {
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_CHECK(catalog->write([&](Transaction& txn) { return change(txn, actor_of_process()); }));
  return ExitCode::done;
}

Result<ExitCode> import_text(const Invocation& invocation, const Words& words) {
  LENSFS_TRY(const std::string text, read_all(words));
  return edit(invocation, [&](Transaction& txn, const Actor& actor) {
    return import_taxonomy(txn, actor, text);
  });
}

Status check_pair(const Words& words, const char* usage) {
  return words.size() == 2 ? Status() : Status(fail(Error(Errc::usage, usage)));
}

Result<ExitCode> rename(const Invocation& invocation, const Words& words) {
  LENSFS_CHECK(
      check_pair(words, "give the term and its new name; one that is there is merged with"));
  return edit(invocation, [&](Transaction& txn, const Actor& actor) {
    return rename_term(txn, actor, words[0], words[1]);
  });
}

Result<ExitCode> remove(const Invocation& invocation, const Words& words) {
  if (words.empty()) return fail(Error(Errc::usage, "which terms?"));
  return edit(invocation, [&](Transaction& txn, const Actor& actor) -> Status {
    for (const std::string& term : words) {
      if (const Status gone = remove_term(txn, actor, term); !gone) {
        return fail(gone.error().with(term));
      }
    }
    return {};
  });
}

Result<ExitCode> synonym(const Invocation& invocation, const Words& words) {
  LENSFS_CHECK(check_pair(words, "give a term and another name for it"));
  return edit(invocation, [&](Transaction& txn, const Actor& actor) {
    return invocation.has("remove") ? remove_synonym(txn, actor, words[1])
                                    : add_synonym(txn, actor, words[0], words[1]);
  });
}

Result<ExitCode> imply(const Invocation& invocation, const Words& words) {
  LENSFS_CHECK(check_pair(words, "give a term and the term that it brings with it"));
  return edit(invocation, [&](Transaction& txn, const Actor& actor) {
    return invocation.has("remove") ? remove_implication(txn, actor, words[0], words[1])
                                    : add_implication(txn, actor, words[0], words[1]);
  });
}

Result<ExitCode> run_taxonomy(const Invocation& invocation) {
  static constexpr SubCommand kAll[] = {{"show", show},       {"import", import_text},
                                        {"rename", rename},   {"remove", remove},
                                        {"synonym", synonym}, {"imply", imply}};
  return run_subcommand(invocation, kAll);
}

}  // namespace

Command taxonomy_verb() {
  return {
      .name = "taxonomy",
      .summary = "show and edit the terms that files are tagged with",
      .description =
          "taxonomy show prints all terms as text: sub-terms indented by two spaces, behind = "
          "other "
          "names of a term, behind > the terms that it brings with it. taxonomy import FILE adds "
          "what such a text says; nothing is taken away by it. taxonomy rename OLD NEW gives a "
          "term "
          "another name or another term above it; where NEW is there already, the two become one "
          "and every file keeps its link. taxonomy remove TERM… removes terms that nothing "
          "carries. "
          "taxonomy synonym TERM NAME makes NAME another name of TERM, taxonomy imply TERM OTHER "
          "makes all that carries TERM show in OTHER as well; with --remove they end that.",
      .operands = {.usage = "show|import|rename|remove|synonym|imply …",
                   .least = 1,
                   .completes = Completes::files},
      .options = {{.name = "remove", .help = "end a synonym or an implication"}},
      .examples = {{{"lensfs taxonomy show > terms.txt", "writes the taxonomy to a file"},
                    {"lensfs taxonomy imply place/oslo country/norway",
                     "what was shot in Oslo was shot in Norway"}}},
      .run = run_taxonomy};
}

}  // namespace lensfs
