#include "tests/support/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <span>
#include <sstream>

#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

Fd memory_file(const char* name) {
  return Fd(::memfd_create(name, MFD_CLOEXEC));
}

std::string text_in(const Fd& file) {
  const auto at = stat_of(file.get());
  if (!at) return "";
  std::string text(static_cast<std::size_t>(at->st_size), '\0');
  const auto got = read_full(file.get(), std::as_writable_bytes(std::span(text)), 0);
  text.resize(got.value_or(0));
  return text;
}

// In the child, between fork and exec: system calls only.
struct Prepared {
  std::vector<char*> words;
  int in, out, err;
  const Command& command;

  [[noreturn]] void become() const {
    if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(126);
    if (!command.folder.empty() && ::chdir(command.folder.c_str()) != 0) ::_exit(126);
    if (command.open_files) {
      const rlimit limit{.rlim_cur = *command.open_files, .rlim_max = *command.open_files};
      ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
};

}  // namespace

Child::Child(const Command& command) : out_(memory_file("out")), err_(memory_file("err")) {
  const Fd in = memory_file("in");
  EXPECT_TRUE(write_full(in.get(), std::as_bytes(std::span(command.input)), 0));
  Prepared prepared{
      .words = {}, .in = in.get(), .out = out_.get(), .err = err_.get(), .command = command};
  std::vector<std::string> words = command.words;
  for (std::string& word : words) prepared.words.push_back(word.data());
  prepared.words.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) prepared.become();
  EXPECT_GT(pid_, 0) << "cannot start " << words[0];
}

Child::~Child() {
  if (pid_ <= 0) return;
  send(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Child::send(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

Ran Child::wait(std::chrono::seconds limit) {
  int status = 0;
  const auto ended = [&] { return ::waitpid(pid_, &status, WNOHANG) != 0; };
  if (pid_ > 0 && !wait_until(ended, limit)) {
    send(SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  Ran ran{.exit = -1, .out = text_in(out_), .err = text_in(err_)};
  if (pid_ > 0) ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  pid_ = -1;
  return ran;
}

std::string Child::out_so_far() const {
  return text_in(out_);
}

Ran run(const Command& command) {
  return Child(command).wait();
}

Ran run(const std::vector<std::string>& words) {
  return run(Command{.words = words, .input = {}, .open_files = {}, .folder = {}});
}

bool has_program(const std::string& name) {
  const char* const list = std::getenv("PATH");
  std::istringstream folders(list != nullptr ? list : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::filesystem::path lensfs_binary() {
  const char* const other = std::getenv("LENSFS_BIN");
  return other != nullptr ? other : LENSFS_BINARY;
}

Ran lensfs(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), lensfs_binary().string());
  return run(arguments);
}

bool is_running(pid_t pid) {
  if (::kill(pid, 0) != 0) return false;
  // A zombie has ended; only its parent has not heard yet.
  const auto text = read_text("/proc/" + std::to_string(pid) + "/stat");
  return text && text->find(") Z") == std::string::npos;
}

}  // namespace lensfs::test
