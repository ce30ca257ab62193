// utimensat, and which times the calls move that no other family looks at.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

using Both = std::array<timespec, 2>;
constexpr timespec kNow{.tv_sec = 0, .tv_nsec = UTIME_NOW};
constexpr timespec kOmit{.tv_sec = 0, .tv_nsec = UTIME_OMIT};

constexpr timespec at(std::int64_t seconds, long nanoseconds = 0) {
  return {.tv_sec = seconds, .tv_nsec = nanoseconds};
}

std::string shown(const timespec& when) {
  return std::to_string(when.tv_sec) + "." + std::to_string(when.tv_nsec);
}

// Times later than 2020 are the clock's.
std::string rough(const timespec& when) {
  return when.tv_sec > 1'580'000'000 ? "now" : shown(when);
}

void check_values() {
  for (const timespec when :
       {at(0), at(0, 1), at(1), at(1'100'000'000, 999'999'999), at(1'100'000'000, 123'456'789),
        at(-1), at(-1, 500), at(-1'000'000'000), at(4'000'000'000), at(10'000'000'000, 7)}) {
    check("utimensat/to " + shown(when), [=] {
      put("a", "x");
      const Both both{when, when};
      const std::string outcome = result(::utimensat(AT_FDCWD, "a", both.data(), 0));
      return Said{outcome, shown(look_at("a").st_mtim), shown(look_at("a").st_atim)};
    });
  }
  for (const char* kind : {"file", "folder", "symlink", "fifo"}) {
    check("utimensat/" + std::string(kind), [=] {
      const std::string what = kind;
      if (what == "file") put("a", "x");
      if (what == "folder") make_folder("a");
      if (what == "symlink") must(::symlink("nowhere", "a"), "symlink");
      if (what == "fifo") must(::mkfifo("a", 0644), "mkfifo");
      const Both both{at(1'000'000'001, 11), at(1'000'000'002, 22)};
      const std::string outcome =
          result(::utimensat(AT_FDCWD, "a", both.data(), AT_SYMLINK_NOFOLLOW));
      return Said{outcome, shown(look_at("a").st_atim), shown(look_at("a").st_mtim)};
    });
  }
  struct Case {
    const char* name;
    timespec read, modified;
  };
  for (const Case& one : {Case{"now, now", kNow, kNow}, Case{"omit, omit", kOmit, kOmit},
                          Case{"now, omit", kNow, kOmit}, Case{"omit, now", kOmit, kNow},
                          Case{"omit, set", kOmit, at(1'200'000'000, 5)},
                          Case{"set, omit", at(1'200'000'000, 5), kOmit},
                          Case{"now, set", kNow, at(1'200'000'000, 5)}}) {
    check("utimensat/" + std::string(one.name), [=] {
      put("a", "x");
      const Both old{at(1'000'000'000, 1), at(1'000'000'000, 2)};
      must(::utimensat(AT_FDCWD, "a", old.data(), 0), "utimensat");
      const Both both{one.read, one.modified};
      const std::string outcome = result(::utimensat(AT_FDCWD, "a", both.data(), 0));
      return Said{outcome, rough(look_at("a").st_atim), rough(look_at("a").st_mtim)};
    });
    check("utimensat/moves the time of change, " + std::string(one.name), [=] {
      put("a", "x");
      const struct stat before = look_at("a");
      next_tick();
      const Both both{one.read, one.modified};
      must(::utimensat(AT_FDCWD, "a", both.data(), 0), "utimensat");
      const struct stat after = look_at("a");
      return yes(after.st_ctim.tv_sec != before.st_ctim.tv_sec ||
                 after.st_ctim.tv_nsec != before.st_ctim.tv_nsec);
    });
    for (const auto& [who, mode] :
         {std::pair("owner", 0400U), std::pair("writer", 0666U), std::pair("stranger", 0644U)}) {
      check("utimensat/" + std::string(who) + ", " + one.name, [=, who = who, mode = mode] {
        put("a", "x");
        must(::chmod("a", mode), "chmod");
        if (std::string(who) == "owner") must(::chown("a", kAnna.uid, kAnna.gid), "chown");
        const Both both{one.read, one.modified};
        return as_user(kAnna, [=] { return result(::utimensat(AT_FDCWD, "a", both.data(), 0)); });
      });
    }
  }
}

void check_ways() {
  check("utimensat/no times is now", [] {
    put("a", "x");
    const Both old{at(1'000'000'000), at(1'000'000'000)};
    must(::utimensat(AT_FDCWD, "a", old.data(), 0), "utimensat");
    must(::utimensat(AT_FDCWD, "a", nullptr, 0), "utimensat");
    return Said{rough(look_at("a").st_atim), rough(look_at("a").st_mtim)};
  });
  check("futimens/read-only descriptor", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDONLY);
    const Both both{at(1'000'000'001, 1), at(1'000'000'002, 2)};
    return Said{result(::futimens(fd.get(), both.data())), shown(look_at("a").st_mtim)};
  });
  check("futimens/stays after close of a written file", [] {
    {
      const Fd fd = opened("a", O_CREAT | O_WRONLY);
      must(::write(fd.get(), "hello", 5), "write");
      const Both both{at(1'000'000'001, 1), at(1'000'000'002, 2)};
      must(::futimens(fd.get(), both.data()), "futimens");
    }
    return shown(look_at("a").st_mtim);
  });
  check("utimensat/stays after rename and reading", [] {
    put("a", "x");
    const Both both{at(1'000'000'001, 1), at(1'000'000'002, 2)};
    must(::utimensat(AT_FDCWD, "a", both.data(), 0), "utimensat");
    must(::rename("a", "b"), "rename");
    return Said{bytes_in("b"), shown(look_at("b").st_mtim)};
  });
  check("utimensat/seen through hard links", [] {
    put("a", "x");
    must(::link("a", "b"), "link");
    const Both both{at(1'000'000'001, 1), at(1'000'000'002, 2)};
    must(::utimensat(AT_FDCWD, "a", both.data(), 0), "utimensat");
    return shown(look_at("b").st_mtim);
  });
  check("utimensat/missing", [] { return result(::utimensat(AT_FDCWD, "a", nullptr, 0)); });
  check("utimensat/bad nanoseconds", [] {
    put("a", "x");
    const Both both{at(1, 1'000'000'000), at(1, -5)};
    return result(::utimensat(AT_FDCWD, "a", both.data(), 0));
  });
}

void check_moved() {
  check("times/write", [] {
    put("a", "x");
    const Fd fd = opened("a", O_WRONLY);
    return moved_by("a", [&] { must(::pwrite(fd.get(), "y", 1, 0), "pwrite"); });
  });
  check("times/write while open, seen by another", [] {
    put("a", "x");
    const Fd fd = opened("a", O_WRONLY | O_APPEND);
    return moved_by("a", [&] { must(::write(fd.get(), "yz", 2), "write"); });
  });
  check("times/write of nothing", [] {
    put("a", "x");
    const Fd fd = opened("a", O_WRONLY);
    return moved_by("a", [&] { must(::write(fd.get(), "", 0), "write"); });
  });
  check("times/open and close for writing", [] {
    put("a", "x");
    return moved_by("a", [] { const Fd fd = opened("a", O_RDWR); });
  });
  check("times/read", [] {
    put("a", "x");
    return moved_by("a", [] { static_cast<void>(bytes_in("a")); });
  });
  check("times/same bytes written again", [] {
    put("a", "hello");
    return moved_by("a", [] {
      const Fd fd = opened("a", O_WRONLY);
      must(::pwrite(fd.get(), "hello", 5, 0), "pwrite");
    });
  });
  check("times/stay after close of a written file", [] {
    put("a", "x");
    struct stat while_open {};
    {
      const Fd fd = opened("a", O_WRONLY);
      must(::pwrite(fd.get(), "y", 1, 0), "pwrite");
      while_open = look_at("a");
      next_tick();
    }
    const struct stat closed = look_at("a");
    return Said{yes(while_open.st_mtim.tv_sec == closed.st_mtim.tv_sec &&
                    while_open.st_mtim.tv_nsec == closed.st_mtim.tv_nsec)};
  });
  check("times/set and removed attribute", [] {
    put("a", "x");
    const std::string of_set =
        moved_by("a", [] { must(::setxattr("a", "user.k", "v", 1, 0), "setxattr"); });
    const std::string of_removal =
        moved_by("a", [] { must(::removexattr("a", "user.k"), "removexattr"); });
    return Said{of_set, of_removal};
  });
  check("times/listing a folder", [] {
    make_folder("d");
    return moved_by("d", [] { static_cast<void>(names_in("d")); });
  });
  check("times/write to a file leaves its folder", [] {
    make_folder("d");
    put("d/a", "x");
    return moved_by("d", [] { put("d/a", "other"); });
  });
  check("times/new file: all close together", [] {
    put("a", "x");
    const struct stat found = look_at("a");
    return yes(found.st_ctim.tv_sec - found.st_mtim.tv_sec <= 1 &&
               found.st_mtim.tv_sec > 1'580'000'000);
  });
}

}  // namespace

void check_times() {
  check_values();
  check_ways();
  check_moved();
}

}  // namespace lensfs::posix
