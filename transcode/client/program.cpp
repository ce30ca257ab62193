#include "transcode/client/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace lensfs {
namespace {

constexpr const char* kName = "lensfs-transcode";

Result<std::filesystem::path> path_of(const EngineProgram& program) {
  if (!program.path.empty()) return program.path;
  if (const char* set = std::getenv("LENSFS_TRANSCODE"); set != nullptr && *set != '\0') {
    return std::filesystem::path(set);
  }
  if (auto beside = program_beside(kName)) return *std::move(beside);
  return fail(Error(Errc::not_found, "set LENSFS_TRANSCODE to where it is").with(kName));
}

// What a decoder may know of our environment: languages, time zone, libraries, sanitizers.
std::vector<char*> environment() {
  std::vector<char*> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view whole(*entry);
    const std::string_view name = whole.substr(0, whole.find('='));
    const bool known = name == "LANG" || name == "TZ" || name == "PATH" ||
                       name == "LD_LIBRARY_PATH" || name.starts_with("LC_") ||
                       name.ends_with("SAN_OPTIONS");
    if (known) kept.push_back(*entry);
  }
  kept.push_back(nullptr);
  return kept;
}

// Spawning: what posix_spawn is told. The first failure is kept.
class Spawning {
 public:
  Spawning() {
    failed_ = ::posix_spawn_file_actions_init(&actions_);
    if (failed_ == 0) failed_ = ::posix_spawnattr_init(&attributes_);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;
  ~Spawning() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  Result<pid_t> start(const std::filesystem::path& path, int control, std::vector<char*> words) {
    keep(::posix_spawn_file_actions_adddup2(&actions_, control, kControlDescriptor));
    keep(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    keep(::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0));
    keep(::posix_spawn_file_actions_addclosefrom_np(&actions_, kControlDescriptor + 1));
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    keep(::posix_spawnattr_setsigdefault(&attributes_, &all));
    keep(::posix_spawnattr_setsigmask(&attributes_, &none));
    keep(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
    pid_t process = 0;
    if (failed_ == 0) {
      failed_ = ::posix_spawn(&process, path.c_str(), &actions_, &attributes_, words.data(),
                              environment().data());
    }
    if (failed_ != 0) return fail(error_from_errno(failed_, "start").with(path.string()));
    return process;
  }

 private:
  void keep(int error) {
    if (failed_ == 0) failed_ = error;
  }
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  int failed_ = 0;
};

}  // namespace

std::optional<std::filesystem::path> program_beside(std::string_view name) {
  std::error_code error;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& candidate : {here / name, here.parent_path() / "libexec" / "lensfs" / name}) {
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

Result<StartedProgram> start_program(const EngineProgram& program) {
  LENSFS_TRY(const std::filesystem::path path, path_of(program));
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return last_error("start a decoder");
  }
  StartedProgram started{.process = 0, .control = Fd(ends[0])};
  const Fd theirs(ends[1]);
  std::vector<std::string> words = {kName};
  if (program.without_sandbox == WithoutSandbox::allow) words.emplace_back("--allow-unsandboxed");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  LENSFS_TRY(started.process, Spawning().start(path, theirs.get(), std::move(arguments)));
  return started;
}

}  // namespace lensfs
