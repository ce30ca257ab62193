// What the command line says of itself: help, errors, man page, completions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/files.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tools/cli/progress.h"
#include "tools/command.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    widest = std::max(widest, static_cast<std::size_t>(columns));
  }
  return widest;
}

TEST(Help, OfEveryCommandFitsEightyColumnsAndEndsWithTwoExamples) {
  for (const lensfs::Command& command : all_commands()) {
    const Ran ran = lensfs({std::string(command.name), "--help"});

    EXPECT_EQ(ran.exit, 0) << command.name;
    EXPECT_THAT(ran.err, IsEmpty()) << command.name;
    EXPECT_LE(widest_line(ran.out), 80U) << command.name;
    for (const Example& example : command.examples) {
      EXPECT_THAT(ran.out, HasSubstr(std::string(example.line)));
    }
  }
}

TEST(Help, OfTheProgramNamesEveryCommand) {
  const Ran ran = lensfs({"--help"});

  EXPECT_EQ(ran.exit, 0);
  EXPECT_LE(widest_line(ran.out), 80U);
  for (const char* name : {"init", "ingest", "mount", "umount", "ls", "find", "tag", "info",
                           "verify", "gc", "version"}) {
    EXPECT_THAT(ran.out, HasSubstr("\n  " + std::string(name) + " "));
  }
}

TEST(Usage, OfAMisspeltCommandSuggestsTheNearest) {
  const Ran ran = lensfs({"ingets"});

  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("did you mean \"lensfs ingest\"?"));
}

TEST(Usage, OfNoCommandOrAnUnknownOptionIsAnError) {
  EXPECT_EQ(lensfs({}).exit, 2);
  EXPECT_EQ(lensfs({"find", "--colour", "x"}).exit, 2);
  EXPECT_EQ(lensfs({"ingest", "x"}).exit, 2) << "--project is missing";
  EXPECT_EQ(lensfs({"ingest", "x", "--project", "p", "--move", "--link"}).exit, 2);
  EXPECT_EQ(lensfs({"ingest", "x", "--project", "p", "--jobs", "many"}).exit, 2);
}

TEST(Usage, WithoutALibraryAsksWhich) {
  const TempDir nowhere;
  const Ran ran = run({.words = {"env", "-u", "LENSFS_LIBRARY", lensfs_binary().string(), "info"},
                       .input = {},
                       .open_files = {},
                       .folder = nowhere.path()});

  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("--library"));
}

TEST(ManPage, IsAcceptedByTheFormatter) {
  if (!has_program("groff")) GTEST_SKIP() << "no groff here";
  const Ran page = lensfs({"man"});

  const Ran ran = run({.words = {"groff", "-man", "-Tutf8", "-ww", "-K", "utf8"},
                       .input = page.out,
                       .open_files = {},
                       .folder = {}});

  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.err, IsEmpty());
}

TEST(Completion, OfEachShellIsAcceptedByTheShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Ran script = lensfs({"completion", shell});
    EXPECT_EQ(script.exit, 0) << shell;
    EXPECT_THAT(script.out, HasSubstr("ingest")) << shell;
    if (!has_program(shell)) continue;
    const Ran ran = run({.words = {shell, "-n", "/dev/stdin"},
                         .input = script.out,
                         .open_files = {},
                         .folder = {}});
    EXPECT_EQ(ran.exit, 0) << shell << ": " << ran.err;
  }
  EXPECT_EQ(lensfs({"completion", "tcsh"}).exit, 2);
}

TEST(Completion, OfBashOffersCommandsAndOptions) {
  const std::string script = lensfs({"completion", "bash"}).out;
  const auto completed = [&](const std::string& words, int at) {
    return run({.words = {"bash", "-c",
                          script + "\nCOMP_WORDS=(" + words + ") COMP_CWORD=" + std::to_string(at) +
                              "; _lensfs; printf '%s ' \"${COMPREPLY[@]}\""},
                .input = {},
                .open_files = {},
                .folder = {}})
        .out;
  };

  EXPECT_EQ(completed("lensfs ing", 1), "ingest ");
  EXPECT_THAT(completed("lensfs -L /x ingest --pro", 4), HasSubstr("--project"));
}

TEST(ProgressText, TellsRateAndTimeLeftOnceTheTotalsAreKnown) {
  const Amount unknown{.files = 3, .bytes = 2'000'000};
  const Amount known{.files = 3,
                     .bytes = 2'000'000,
                     .total_files = 10,
                     .total_bytes = 62'000'000,
                     .counted = true};

  EXPECT_EQ(progress_text(unknown, 1e6), "3 files  2.0 MB  1.0 MB/s");
  EXPECT_EQ(progress_text(known, 1e6), "3/10 files  2.0 MB/62.0 MB  1.0 MB/s  1:00 left");
}

}  // namespace
}  // namespace lensfs::test
