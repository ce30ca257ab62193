// Symbolic links: targets of every kind, loops, what follows them and what does not.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

std::string target_of(const char* name) {
  std::string target(PATH_MAX + 1, '\0');
  const ssize_t length = ::readlink(name, target.data(), target.size());
  if (length < 0) return result(length);
  target.resize(static_cast<std::size_t>(length));
  return target.size() > 40 ? Said{"length", target.size(), "of", target.front()} : target;
}

void check_targets() {
  for (const char* target : {"a", "./a", "../c", "d/../a", "nowhere", "/", "/dev/null", "a/", ".",
                             "..", "ä ö", "a\nb"}) {
    check("symlink/to " + std::string(target == std::string("a\nb") ? "a line break" : target),
          [=] {
            const std::string outcome = result(::symlink(target, "s"));
            return Said{outcome, yes(target_of("s") == target), look_at("s").st_size, kind_of("s")};
          });
  }
  for (const std::size_t length : {1U, 59U, 60U, 255U, 1023U, 4095U, 4096U}) {
    check(Said{"symlink/target of length", length}, [=] {
      const std::string outcome = result(::symlink(std::string(length, 't').c_str(), "s"));
      return Said{outcome, target_of("s")};
    });
  }
  check("symlink/empty target", [] { return result(::symlink("", "s")); });
  check("symlink/existing name", [] {
    put("a", "x");
    return Said{result(::symlink("b", "a")), kind_of("a")};
  });
  check("symlink/in a missing folder", [] { return result(::symlink("a", "no/s")); });
  check("symlink/trailing slash", [] { return result(::symlink("a", "s/")); });
  check("symlink/mode, size and links", [] {
    ::umask(077);
    must(::symlink("target", "s"), "symlink");
    const struct stat at = look_at("s");
    return Said{octal(at.st_mode), at.st_size, at.st_nlink, at.st_uid};
  });
  check("symlink/moves the times of the folder", [] {
    make_folder("d");
    return moved_by("d", [] { must(::symlink("a", "d/s"), "symlink"); });
  });
}

void check_following() {
  check("symlink/read through", [] {
    put("a", "hello");
    must(::symlink("a", "s"), "symlink");
    return Said{bytes_in("s"), kind_of("s")};
  });
  check("symlink/write through", [] {
    put("a", "hello");
    must(::symlink("a", "s"), "symlink");
    put("s", "changed");
    return Said{bytes_in("a"), kind_of("s")};
  });
  check("symlink/folder on the way", [] {
    make_folder("d");
    must(::symlink("d", "s"), "symlink");
    put("s/a", "hello");
    return Said{bytes_in("d/a"), list_of("s")};
  });
  check("symlink/relative to its own folder", [] {
    make_folder("d");
    put("d/a", "hello");
    must(::symlink("a", "d/s"), "symlink");
    must(::symlink("../d/a", "d/t"), "symlink");
    return Said{bytes_in("d/s"), bytes_in("d/t")};
  });
  check("symlink/unlink takes the link", [] {
    put("a", "x");
    must(::symlink("a", "s"), "symlink");
    return Said{result(::unlink("s")), list_of(".")};
  });
  check("symlink/rmdir of one to a folder", [] {
    make_folder("d");
    must(::symlink("d", "s"), "symlink");
    return Said{result(::rmdir("s")), result(::rmdir("s/")), list_of(".")};
  });
  check("symlink/chmod follows", [] {
    put("a", "x");
    must(::symlink("a", "s"), "symlink");
    must(::chmod("s", 0600), "chmod");
    return Said{octal(look_at("a").st_mode), octal(look_at("s").st_mode)};
  });
  check("symlink/lchown does not follow", [] {
    put("a", "x");
    must(::symlink("a", "s"), "symlink");
    must(::lchown("s", kAnna.uid, kAnna.gid), "lchown");
    return Said{look_at("a").st_uid, look_at("s").st_uid, look_at("s").st_gid};
  });
  check("symlink/times of the link itself", [] {
    put("a", "x");
    must(::symlink("a", "s"), "symlink");
    const timespec when{.tv_sec = 1'100'000'000, .tv_nsec = 123'456'789};
    const timespec both[2] = {when, when};
    must(::utimensat(AT_FDCWD, "s", both, AT_SYMLINK_NOFOLLOW), "utimensat");
    return Said{look_at("s").st_mtim.tv_sec, look_at("s").st_mtim.tv_nsec,
                yes(look_at("a").st_mtim.tv_sec > 1'200'000'000)};
  });
  check("symlink/mkdir over a dangling one", [] {
    must(::symlink("nowhere", "s"), "symlink");
    return Said{result(::mkdir("s", 0755)), kind_of("nowhere")};
  });
  check("symlink/replaced by rename", [] {
    must(::symlink("one", "s"), "symlink");
    must(::symlink("two", "t"), "symlink");
    must(::rename("t", "s"), "rename");
    return Said{target_of("s"), list_of(".")};
  });
}

void check_loops() {
  check("symlink/to itself", [] {
    must(::symlink("s", "s"), "symlink");
    return Said{bytes_in("s"), kind_of("s"), result(::truncate("s", 0)),
                result(::chmod("s", 0600))};
  });
  check("symlink/to each other", [] {
    must(::symlink("t", "s"), "symlink");
    must(::symlink("s", "t"), "symlink");
    return Said{bytes_in("s"), bytes_in("t/a")};
  });
  for (const int depth : {39, 40, 41}) {
    check(Said{"symlink/chain of", depth}, [=] {
      put("s0", "hello");
      for (int i = 0; i < depth; ++i) {
        must(::symlink(("s" + std::to_string(i)).c_str(), ("s" + std::to_string(i + 1)).c_str()),
             "symlink");
      }
      return bytes_in("s" + std::to_string(depth));
    });
  }
}

void check_reading() {
  check("readlink/of a file", [] {
    put("a", "x");
    return target_of("a");
  });
  check("readlink/missing", [] { return target_of("s"); });
  check("readlink/room too small", [] {
    must(::symlink("abcdefgh", "s"), "symlink");
    char room[4] = {};
    const ssize_t length = ::readlink("s", room, sizeof room);
    return Said{length, std::string_view(room, 4)};
  });
  check("readlink/read twice", [] {
    must(::symlink("abc", "s"), "symlink");
    const std::string first = target_of("s");
    must(::unlink("s"), "unlink");
    must(::symlink("defg", "s"), "symlink");
    return Said{first, target_of("s"), look_at("s").st_size};
  });
}

}  // namespace

void check_symlinks() {
  check_targets();
  check_following();
  check_loops();
  check_reading();
}

}  // namespace lensfs::posix
