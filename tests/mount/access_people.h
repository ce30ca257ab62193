// People of a test: real users of the system by number, with groups, each in a process of its own.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/files.h"

namespace lensfs::test {

struct Person {
  uid_t uid = 0;
  std::vector<gid_t> groups{};
};
inline constexpr gid_t kNoGroup = 70000;  // everybody's own, of which no rule speaks

// What `work` gives back in a process that is this person.
inline std::string told_by(const Person& person, const std::function<std::string()>& work) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_person = ::setgroups(person.groups.size(), person.groups.data()) == 0 &&
                           ::setresgid(kNoGroup, kNoGroup, kNoGroup) == 0 &&
                           ::setresuid(person.uid, person.uid, person.uid) == 0;
    const std::string told = is_person ? work() : "another person";
    std::size_t at = 0;
    while (at < told.size()) {
      const ssize_t size = ::write(ends[1], told.data() + at, told.size() - at);
      if (size <= 0) ::_exit(1);
      at += static_cast<std::size_t>(size);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string told;
  char buffer[4096];
  for (ssize_t size = 0; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    told.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) told += " (died)";
  return told;
}

// The errno with which `work` ended there, 0 if it did not fail.
inline int error_for(const Person& person, const std::function<int()>& work) {
  const std::string told = told_by(person, [&] { return std::to_string(work()); });
  return std::atoi(told.c_str());
}

inline int open_error(const path& file, int flags) {
  const int fd = ::open(file.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return errno;
  char byte = 0;
  const bool reads = (flags & O_ACCMODE) == O_RDONLY;
  const int error = reads && ::read(fd, &byte, 1) < 0 ? errno : 0;
  ::close(fd);
  return error;
}

inline int stat_error(const path& file) {
  struct stat status {};
  return ::lstat(file.c_str(), &status) == 0 ? 0 : errno;
}

}  // namespace lensfs::test
