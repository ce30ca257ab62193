// lensfs_posix_matrix DIR [FAMILY]…: a large matrix of POSIX checks inside the empty directory DIR.
// Prints one line per check, "<call>/<case>: <outcome>", that depends on the file system alone, so
// that two runs can be compared line by line. Needs root: many checks act as other users.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

struct Family {
  const char* name;
  void (*run)();
};

constexpr unsigned kLongest = 120;  // seconds; a family that hangs ends by SIGALRM

constexpr std::array kFamilies = {
    Family{"create", check_create},
    Family{"open", check_open_flags},
    Family{"write", check_writes},
    Family{"size", check_sizes},
    Family{"space", check_space},
    Family{"mapping", check_mappings},
    Family{"copy", check_copies},
    Family{"rename", check_renames},
    Family{"rename-folder", check_renamed_folders},
    Family{"link", check_links},
    Family{"symlink", check_symlinks},
    Family{"remove", check_removals},
    Family{"unlinked", check_unlinked},
    Family{"folder", check_folders},
    Family{"listing", check_listings},
    Family{"mode", check_modes},
    Family{"owner", check_owners},
    Family{"access", check_access},
    Family{"times", check_times},
    Family{"lock", check_locks},
    Family{"name", check_names},
    Family{"node", check_nodes},
    Family{"xattr", check_xattrs},
};

// In a process of its own: a family that crashes or hangs costs its own lines only.
void run_alone(const Family& family) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  must(child, "fork");
  if (child == 0) {
    ::alarm(kLongest);
    make_folder(family.name);
    must(::chmod(family.name, 0777), "chmod");
    must(::chdir(family.name), "chdir");
    family.run();
    std::fflush(stdout);
    ::_exit(0);
  }
  int status = 0;
  must(::waitpid(child, &status, 0), "waitpid");
  if (WIFSIGNALED(status)) {
    std::printf("family/%s: killed by %s\n", family.name, ::sigabbrev_np(WTERMSIG(status)));
  } else {
    std::printf("family/%s: %s\n", family.name, WEXITSTATUS(status) == 0 ? "done" : "ended early");
  }
}

bool is_wanted(const Family& family, std::span<char*> names) {
  return names.empty() || std::any_of(names.begin(), names.end(), [&](const char* name) {
           return std::string_view(name) == family.name;
         });
}

int run(const char* directory, std::span<char*> wanted) {
  if (::chdir(directory) != 0 || ::chmod(".", 0777) != 0) {
    std::fprintf(stderr, "lensfs_posix_matrix: %s: %s\n", directory, std::strerror(errno));
    return 6;
  }
  for (const Family& family : kFamilies) {
    if (is_wanted(family, wanted)) run_alone(family);
  }
  return 0;
}

}  // namespace
}  // namespace lensfs::posix

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: lensfs_posix_matrix DIR [FAMILY]…\n", stderr);
    return 2;
  }
  if (::geteuid() != 0) {
    std::fputs("lensfs_posix_matrix: needs root, to act as other users\n", stderr);
    return 3;
  }
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  return lensfs::posix::run(argv[1], words.subspan(2));
}
