// Locks between processes: flock, POSIX (fcntl), of open file descriptions; leases.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

std::string flock_in_child(int operation) {
  return in_child([=] {
    const Fd fd = opened("a", O_RDWR);
    return result(::flock(fd.get(), operation | LOCK_NB));
  });
}

void check_flock() {
  for (const auto& [held_word, held] :
       {std::pair("shared", LOCK_SH), std::pair("exclusive", LOCK_EX)}) {
    for (const auto& [wanted_word, wanted] :
         {std::pair("shared", LOCK_SH), std::pair("exclusive", LOCK_EX)}) {
      check(Said{"flock/held", held_word, "wanted", wanted_word}, [held = held, wanted = wanted] {
        put("a", "x");
        const Fd fd = opened("a", O_RDWR);
        must(::flock(fd.get(), held), "flock");
        const std::string while_held = flock_in_child(wanted);
        must(::flock(fd.get(), LOCK_UN), "flock");
        return Said{while_held, "then", flock_in_child(wanted)};
      });
    }
  }
  check("flock/ends with close", [] {
    put("a", "x");
    Fd fd = opened("a", O_RDWR);
    must(::flock(fd.get(), LOCK_EX), "flock");
    const std::string while_open = flock_in_child(LOCK_EX);
    fd.reset();
    return Said{while_open, flock_in_child(LOCK_EX)};
  });
  check("flock/stays while a duplicate is open", [] {
    put("a", "x");
    Fd fd = opened("a", O_RDWR);
    const Fd copy(::dup(fd.get()));
    must(::flock(fd.get(), LOCK_EX), "flock");
    fd.reset();
    return flock_in_child(LOCK_EX);
  });
  check("flock/read-only descriptor takes exclusive", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDONLY);
    return result(::flock(fd.get(), LOCK_EX));
  });
  check("flock/two descriptors of one process", [] {
    put("a", "x");
    const Fd one = opened("a", O_RDWR);
    const Fd two = opened("a", O_RDWR);
    must(::flock(one.get(), LOCK_EX), "flock");
    return result(::flock(two.get(), LOCK_EX | LOCK_NB));
  });
  check("flock/shared to exclusive", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDWR);
    must(::flock(fd.get(), LOCK_SH), "flock");
    return Said{result(::flock(fd.get(), LOCK_EX | LOCK_NB)), flock_in_child(LOCK_SH)};
  });
  check("flock/folder", [] {
    make_folder("d");
    const Fd fd = opened("d", O_RDONLY);
    return result(::flock(fd.get(), LOCK_EX));
  });
  check("flock/through hard links", [] {
    put("a", "x");
    must(::link("a", "b"), "link");
    const Fd fd = opened("b", O_RDWR);
    must(::flock(fd.get(), LOCK_EX), "flock");
    return flock_in_child(LOCK_EX);
  });
  check("flock/stays over rename and write", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDWR);
    must(::flock(fd.get(), LOCK_EX), "flock");
    must(::rename("a", "b"), "rename");
    must(::pwrite(fd.get(), "yz", 2, 0), "pwrite");
    must(::rename("b", "a"), "rename");
    return flock_in_child(LOCK_EX);
  });
}

struct flock range(short type, off_t from, off_t length) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = from;
  lock.l_len = length;
  return lock;
}

enum class Kind { posix, description };

int set_lock(const Fd& fd, Kind kind, struct flock lock) {
  return ::fcntl(fd.get(), kind == Kind::posix ? F_SETLK : F_OFD_SETLK, &lock);
}

std::string lock_in_child(Kind kind, struct flock lock) {
  return in_child([=] {
    const Fd fd = opened("a", O_RDWR);
    return result(set_lock(fd, kind, lock));
  });
}

void check_ranges() {
  for (const auto& [word, kind] :
       {std::pair("posix", Kind::posix), std::pair("ofd", Kind::description)}) {
    for (const auto& [held_word, held] :
         {std::pair("read", short{F_RDLCK}), std::pair("write", short{F_WRLCK})}) {
      for (const auto& [wanted_word, wanted] :
           {std::pair("read", short{F_RDLCK}), std::pair("write", short{F_WRLCK})}) {
        check(Said{std::string(word) + " lock/held", held_word, "wanted", wanted_word},
              [kind = kind, held = held, wanted = wanted] {
                put("a", pattern(100));
                const Fd fd = opened("a", O_RDWR);
                must(set_lock(fd, kind, range(held, 10, 20)), "fcntl");
                return Said{"same",        lock_in_child(kind, range(wanted, 10, 20)),
                            "overlapping", lock_in_child(kind, range(wanted, 25, 20)),
                            "beside",      lock_in_child(kind, range(wanted, 30, 20)),
                            "to the end",  lock_in_child(kind, range(wanted, 0, 0))};
              });
      }
    }
    check(std::string(word) + " lock/partly given back", [kind = kind] {
      put("a", pattern(100));
      const Fd fd = opened("a", O_RDWR);
      must(set_lock(fd, kind, range(F_WRLCK, 0, 100)), "fcntl");
      must(set_lock(fd, kind, range(F_UNLCK, 40, 20)), "fcntl");
      return Said{lock_in_child(kind, range(F_WRLCK, 45, 5)),
                  lock_in_child(kind, range(F_WRLCK, 30, 15)),
                  lock_in_child(kind, range(F_WRLCK, 70, 1))};
    });
    check(std::string(word) + " lock/read-only descriptor", [kind = kind] {
      put("a", pattern(100));
      const Fd fd = opened("a", O_RDONLY);
      return Said{"read", result(set_lock(fd, kind, range(F_RDLCK, 0, 10))), "write",
                  result(set_lock(fd, kind, range(F_WRLCK, 0, 10)))};
    });
    check(std::string(word) + " lock/closing another descriptor of the file", [kind = kind] {
      put("a", pattern(100));
      const Fd fd = opened("a", O_RDWR);
      must(set_lock(fd, kind, range(F_WRLCK, 0, 10)), "fcntl");
      { const Fd other = opened("a", O_RDONLY); }
      return lock_in_child(kind, range(F_WRLCK, 0, 10));
    });
    check(std::string(word) + " lock/beyond the end", [kind = kind] {
      put("a", "x");
      const Fd fd = opened("a", O_RDWR);
      return result(set_lock(fd, kind, range(F_WRLCK, 1L << 40, 10)));
    });
  }
  check("posix lock/who holds it", [] {
    put("a", pattern(100));
    const Fd fd = opened("a", O_RDWR);
    must(set_lock(fd, Kind::posix, range(F_WRLCK, 10, 20)), "fcntl");
    const pid_t parent = ::getpid();
    return in_child([=] {
      const Fd other = opened("a", O_RDWR);
      struct flock lock = range(F_WRLCK, 0, 100);
      must(::fcntl(other.get(), F_GETLK, &lock), "fcntl");
      return Said{lock.l_type == F_WRLCK ? "write" : "other", lock.l_start, lock.l_len,
                  yes(lock.l_pid == parent)};
    });
  });
  check("posix lock/not inherited by a child", [] {
    put("a", pattern(100));
    const Fd fd = opened("a", O_RDWR);
    must(set_lock(fd, Kind::posix, range(F_WRLCK, 0, 10)), "fcntl");
    return in_child([&] { return result(set_lock(fd, Kind::posix, range(F_WRLCK, 0, 10))); });
  });
  check("ofd lock/shared with a child", [] {
    put("a", pattern(100));
    const Fd fd = opened("a", O_RDWR);
    must(set_lock(fd, Kind::description, range(F_WRLCK, 0, 10)), "fcntl");
    return in_child([&] { return result(set_lock(fd, Kind::description, range(F_WRLCK, 0, 10))); });
  });
  check("lockf", [] {
    put("a", pattern(100));
    const Fd fd = opened("a", O_RDWR);
    const std::string outcome = result(::lockf(fd.get(), F_TLOCK, 10));
    return Said{outcome, in_child([] {
                  const Fd other = opened("a", O_RDWR);
                  return result(::lockf(other.get(), F_TEST, 10));
                })};
  });
}

}  // namespace

void check_locks() {
  check_flock();
  check_ranges();
}

}  // namespace lensfs::posix
