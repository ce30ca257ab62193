#include "tests/posix/matrix.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace lensfs::posix {
namespace {

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

std::string error_name(int error) {
  const char* const name = ::strerrorname_np(error);
  return name != nullptr ? name : std::to_string(error);
}

std::string digest(const std::string& bytes) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%zu:%016zx", bytes.size(), std::size_t{hash});
  return text.data();
}

std::string all_of(int fd) {
  std::string bytes;
  std::array<char, 65536> part{};
  for (off_t from = 0;;) {
    const ssize_t got = ::pread(fd, part.data(), part.size(), from);
    must(got, "pread");
    if (got == 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(got));
    from += got;
  }
}

bool is_later(const timespec& a, const timespec& b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

void become(const User& user) {
  must(::setgroups(user.groups.size(), user.groups.data()), "setgroups");
  must(::setresgid(user.gid, user.gid, user.gid), "setresgid");
  must(::setresuid(user.uid, user.uid, user.uid), "setresuid");
}

std::string outcome_of(const std::function<std::string()>& work) {
  try {
    return work();
  } catch (const std::runtime_error& error) {
    return Said{"cannot", error.what()};
  }
}

}  // namespace

void check(const std::string& name, const std::function<std::string()>& work) {
  static int number = 0;
  const Fd before(::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string folder = "c" + std::to_string(++number);
  const std::string outcome = outcome_of([&] {
    make_folder(folder);
    must(::chmod(folder.c_str(), 0777), "chmod");
    must(::chdir(folder.c_str()), "chdir");
    ::umask(022);
    return work();
  });
  std::printf("%s: %s\n", name.c_str(), outcome.c_str());
  std::fflush(stdout);
  must(::fchdir(before.get()), "fchdir");
}

std::string result(long returned) {
  return returned >= 0 ? "ok" : error_name(errno);
}

std::string octal(mode_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return text.data();
}

std::string yes(bool is_so) {
  return is_so ? "yes" : "no";
}

void must(long returned, const char* what) {
  if (returned < 0) throw std::runtime_error(Said{what, error_name(errno)});
}

Fd opened(const std::string& name, int flags, mode_t mode) {
  Fd fd(::open(name.c_str(), flags | O_CLOEXEC, mode));
  must(fd.get(), "open");
  return fd;
}

void put(const std::string& name, std::string_view bytes, mode_t mode) {
  const Fd fd = opened(name, O_WRONLY | O_CREAT | O_TRUNC, mode);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t wrote = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
    must(wrote, "write");
    done += static_cast<std::size_t>(wrote);
  }
}

void make_folder(const std::string& name, mode_t mode) {
  must(::mkdir(name.c_str(), mode), "mkdir");
}

struct stat look_at(const std::string& name) {
  struct stat found {};
  must(::lstat(name.c_str(), &found), "lstat");
  return found;
}

struct stat look_at(int fd) {
  struct stat found {};
  must(::fstat(fd, &found), "fstat");
  return found;
}

std::string bytes_in(const std::string& name) {
  const Fd fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  return fd ? all_of(fd.get()) : error_name(errno);
}

std::string digest_of(const std::string& name) {
  const Fd fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  return fd ? digest_of(fd.get()) : error_name(errno);
}

std::string digest_of(int fd) {
  return digest(all_of(fd));
}

std::string kind_of(const std::string& name) {
  struct stat found {};
  if (::lstat(name.c_str(), &found) != 0) return error_name(errno);
  if (S_ISREG(found.st_mode)) return "file";
  if (S_ISDIR(found.st_mode)) return "folder";
  if (S_ISLNK(found.st_mode)) return "symlink";
  if (S_ISFIFO(found.st_mode)) return "fifo";
  if (S_ISSOCK(found.st_mode)) return "socket";
  return "device";
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, DirCloser> dir(::opendir(folder.c_str()));
  must(dir ? 0 : -1, "opendir");
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string list_of(const std::string& folder) {
  std::string list;
  for (const std::string& name : names_in(folder)) list += (list.empty() ? "" : ",") + name;
  return list.empty() ? "-" : list;
}

std::string pattern(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  std::uint64_t state = seed * 0x9E3779B97F4A7C15U + 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(state >> 56U);
  }
  return bytes;
}

void next_tick() {
  timespec first{};
  timespec now{};
  for (int tick = 0; tick < 2; ++tick) {
    ::clock_gettime(CLOCK_REALTIME_COARSE, &first);
    do ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    while (!is_later(now, first));
  }
}

std::string moved_by(const std::string& name, const std::function<void()>& work) {
  const std::array<timespec, 2> old{timespec{.tv_sec = 1'000'000'000, .tv_nsec = 0},
                                    timespec{.tv_sec = 1'000'000'000, .tv_nsec = 0}};
  must(::utimensat(AT_FDCWD, name.c_str(), old.data(), AT_SYMLINK_NOFOLLOW), "utimensat");
  const struct stat before = look_at(name);
  next_tick();
  work();
  const struct stat after = look_at(name);
  const bool modified = is_later(after.st_mtim, before.st_mtim);
  const bool changed = is_later(after.st_ctim, before.st_ctim);
  if (modified) return changed ? "mtime+ctime" : "mtime";
  return changed ? "ctime" : "none";
}

std::string in_child(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  must(::pipe2(ends.data(), O_CLOEXEC), "pipe");
  const Fd from(ends[0]);
  Fd into(ends[1]);
  const pid_t child = ::fork();
  must(child, "fork");
  if (child == 0) {
    const std::string outcome = outcome_of(work);
    const bool told = ::write(into.get(), outcome.data(), outcome.size()) >= 0;
    ::_exit(told ? 0 : 1);
  }
  into.reset();
  std::string outcome;
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = ::read(from.get(), part.data(), part.size())) > 0;) {
    outcome.append(part.data(), static_cast<std::size_t>(got));
  }
  int status = 0;
  must(::waitpid(child, &status, 0), "waitpid");
  return WIFEXITED(status) ? outcome : Said{"killed by", ::sigabbrev_np(WTERMSIG(status))};
}

std::string as_user(const User& user, const std::function<std::string()>& work) {
  return in_child([&] {
    become(user);
    return work();
  });
}

}  // namespace lensfs::posix
