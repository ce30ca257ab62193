#include "tools/cli/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <span>
#include <string_view>

#include "catalog/base/fd.h"

namespace lensfs {
namespace {

// What servers are administered with is not in everybody's PATH.
std::string found_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* const path = std::getenv("PATH");
  std::string places = path == nullptr ? "" : path;
  places += ":/usr/sbin:/sbin:/usr/local/sbin";
  for (std::size_t from = 0, end = 0; end != std::string::npos; from = end + 1) {
    end = places.find(':', from);
    const std::string file = places.substr(from, end - from) + "/" + name;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

// Memory files and not pipes: nobody has to read while it runs.
Result<Fd> memory_file() {
  Fd file(::memfd_create("output", MFD_CLOEXEC));
  if (!file) return last_error("run a program");
  return file;
}

Result<std::string> content_of(const Fd& file) {
  LENSFS_TRY(const struct stat status, stat_of(file.get()));
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  LENSFS_TRY(const std::size_t got,
             read_full(file.get(), std::as_writable_bytes(std::span(text)), 0));
  text.resize(got);
  return text;
}

}  // namespace

Result<ProgramSaid> run_program(const std::vector<std::string>& words) {
  const std::string program = found_program(words.front());
  if (program.empty()) return fail(Error(Errc::not_found, "is not installed").with(words.front()));
  LENSFS_TRY(const Fd out, memory_file());
  LENSFS_TRY(const Fd err, memory_file());
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.get(), STDERR_FILENO);
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(error_from_errno(error, "run").with(program));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ProgramSaid said;
  said.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  LENSFS_TRY(said.out, content_of(out));
  LENSFS_TRY(said.err, content_of(err));
  return said;
}

}  // namespace lensfs
