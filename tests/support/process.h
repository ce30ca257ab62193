// Programs run by a test: what they printed and how they ended.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "catalog/base/fd.h"

namespace lensfs::test {

struct Ran {
  int exit = -1;  // exit status; 128 + signal if one ended it; -1 if it did not start
  std::string out;
  std::string err;
};

struct Command {
  std::vector<std::string> words;    // the program (looked up in PATH) and its arguments
  std::string input;                 // what it reads from standard input
  std::optional<rlim_t> open_files;  // RLIMIT_NOFILE for it and its children
  std::filesystem::path folder;      // where it runs; empty: here
};

// Child: a program that runs beside the test. Killed when dropped. Its output goes to memory files,
// not to pipes: a daemon that it leaves behind and that keeps them open does not hold anybody up.
class Child {
 public:
  explicit Child(const Command& command);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send(int signal) const;
  // Ends it if it lasts longer than the limit; the exit status is then 128 + SIGKILL.
  Ran wait(std::chrono::seconds limit = std::chrono::seconds(300));
  [[nodiscard]] std::string out_so_far() const;

 private:
  pid_t pid_ = -1;
  Fd out_;
  Fd err_;
};

Ran run(const Command& command);
Ran run(const std::vector<std::string>& words);
[[nodiscard]] bool has_program(const std::string& name);

// The lensfs binary under test: $LENSFS_BIN, else the one built beside the tests.
[[nodiscard]] std::filesystem::path lensfs_binary();
Ran lensfs(std::vector<std::string> arguments);

[[nodiscard]] bool is_running(pid_t pid);

}  // namespace lensfs::test
