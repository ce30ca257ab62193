// chmod: all twelve bits, what clears them, and what folders hand down.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

// What chmod to every mode there is gave, as one hash: 4096 outcomes in a line.
std::string every_mode(const char* name, const User& user) {
  const std::string outcomes = as_user(user, [=] {
    std::uint64_t hash = 0;
    int refused = 0;
    for (mode_t mode = 0; mode <= 07777; ++mode) {
      refused += ::chmod(name, mode) != 0 ? 1 : 0;
      hash = hash * 1099511628211U + (look_at(name).st_mode & 07777U);
    }
    return Said{"refused", refused, hash};
  });
  return outcomes;
}

void check_bits() {
  for (const char* kind : {"file", "folder"}) {
    const auto made = [=](const User& owner) {
      if (std::string(kind) == "file") {
        put("a", "x");
      } else {
        make_folder("a");
      }
      must(::chown("a", owner.uid, owner.gid), "chown");
    };
    for (unsigned bit = 0; bit < 12; ++bit) {
      const mode_t mode = 1U << bit;
      check(Said{"chmod/" + std::string(kind), octal(mode)}, [=] {
        made({.uid = 0, .gid = 0});
        const std::string by_root = Said{result(::chmod("a", mode)), octal(look_at("a").st_mode)};
        must(::chown("a", kAnna.uid, kAnna.gid), "chown");
        const std::string by_owner = as_user(kAnna, [=] { return result(::chmod("a", mode)); });
        return Said{by_root, "owner", by_owner, octal(look_at("a").st_mode)};
      });
    }
    check("chmod/" + std::string(kind) + " every mode, root", [=] {
      made({.uid = 0, .gid = 0});
      return every_mode("a", {.uid = 0, .gid = 0});
    });
    check("chmod/" + std::string(kind) + " every mode, owner in the group", [=] {
      made(kAnna);
      return every_mode("a", kAnna);
    });
    check("chmod/" + std::string(kind) + " every mode, owner not in the group", [=] {
      made({.uid = kAnna.uid, .gid = kBert.gid});
      return every_mode("a", kAnna);
    });
    check("chmod/" + std::string(kind) + " moves times", [=] {
      made({.uid = 0, .gid = 0});
      return moved_by("a", [] { must(::chmod("a", 0700), "chmod"); });
    });
    check("chmod/" + std::string(kind) + " of another", [=] {
      made(kBert);
      return as_user(kAnna, [] { return result(::chmod("a", 0777)); });
    });
  }
}

void check_ways() {
  check("chmod/missing", [] { return result(::chmod("a", 0644)); });
  check("chmod/through a symlink to nowhere", [] {
    must(::symlink("nowhere", "s"), "symlink");
    return result(::chmod("s", 0644));
  });
  check("fchmod/read-only descriptor", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDONLY);
    return Said{result(::fchmod(fd.get(), 0600)), octal(look_at("a").st_mode)};
  });
  check("fchmod/folder", [] {
    make_folder("d");
    const Fd fd = opened("d", O_RDONLY);
    return Said{result(::fchmod(fd.get(), 0700)), octal(look_at("d").st_mode)};
  });
  check("fchmodat/symlink itself", [] {
    put("a", "x");
    must(::symlink("a", "s"), "symlink");
    return result(::fchmodat(AT_FDCWD, "s", 0600, AT_SYMLINK_NOFOLLOW));
  });
  check("chmod/an open descriptor keeps its rights", [] {
    put("a", "x");
    must(::chmod("a", 0666), "chmod");
    return as_user(kAnna, [] {
      const Fd fd = opened("a", O_RDWR);
      return Said{result(::pwrite(fd.get(), "y", 1, 0)), bytes_in("a")};
    });
  });
  check("chmod/is seen through hard links", [] {
    put("a", "x");
    must(::link("a", "b"), "link");
    must(::chmod("a", 0421), "chmod");
    return octal(look_at("b").st_mode);
  });
  check("chmod/stays after write, truncate and rename", [] {
    put("a", "x", 0640);
    must(::chmod("a", 0641), "chmod");
    put("a", "other");
    must(::truncate("a", 1), "truncate");
    must(::rename("a", "b"), "rename");
    return octal(look_at("b").st_mode);
  });
}

// A file with the bits of set-user and set-group, changed by `work` as Anna.
std::string bits_after(mode_t mode, const std::function<void()>& work) {
  put("a", "hello");
  must(::chmod("a", mode), "chmod");
  return Said{as_user(kAnna,
                      [&] {
                        work();
                        return std::string("done");
                      }),
              octal(look_at("a").st_mode)};
}

void check_clearing() {
  for (const mode_t mode : {04777U, 02777U, 06777U, 02767U}) {
    check("suid/write clears " + octal(mode), [=] {
      return bits_after(mode, [] {
        const Fd fd = opened("a", O_WRONLY);
        must(::pwrite(fd.get(), "x", 1, 0), "pwrite");
      });
    });
    check("suid/truncate clears " + octal(mode),
          [=] { return bits_after(mode, [] { must(::truncate("a", 1), "truncate"); }); });
    check("suid/open with truncation clears " + octal(mode),
          [=] { return bits_after(mode, [] { const Fd fd = opened("a", O_WRONLY | O_TRUNC); }); });
    check("suid/fallocate clears " + octal(mode), [=] {
      return bits_after(mode, [] {
        const Fd fd = opened("a", O_WRONLY);
        must(::fallocate(fd.get(), 0, 0, 5000), "fallocate");
      });
    });
    check("suid/chown by root " + octal(mode), [=] {
      put("a", "x");
      must(::chmod("a", mode), "chmod");
      must(::chown("a", kAnna.uid, kAnna.gid), "chown");
      return octal(look_at("a").st_mode);
    });
    check("suid/write by root keeps " + octal(mode), [=] {
      put("a", "x");
      must(::chmod("a", mode), "chmod");
      put("a", "other");
      return octal(look_at("a").st_mode);
    });
  }
}

void check_inheritance() {
  check("setgid/files take the group of their folder", [] {
    make_folder("d");
    must(::chown("d", 0, kBert.gid), "chown");
    must(::chmod("d", 02777), "chmod");
    return Said{as_user(kAnna,
                        [] {
                          put("d/a", "x");
                          make_folder("d/e");
                          must(::symlink("a", "d/s"), "symlink");
                          must(::mkfifo("d/f", 0644), "mkfifo");
                          return std::string("made");
                        }),
                look_at("d/a").st_gid,
                octal(look_at("d/a").st_mode),
                look_at("d/e").st_gid,
                octal(look_at("d/e").st_mode),
                look_at("d/s").st_gid,
                look_at("d/f").st_gid};
  });
  check("setgid/without it they take the group of the caller", [] {
    make_folder("d");
    must(::chown("d", 0, kBert.gid), "chown");
    must(::chmod("d", 0777), "chmod");
    const std::string outcome = as_user(kAnna, [] {
      put("d/a", "x");
      return result(::mkdir("d/e", 02755));
    });
    return Said{outcome, look_at("d/a").st_gid, look_at("d/e").st_gid,
                octal(look_at("d/e").st_mode)};
  });
  check("setgid/file made set-group by one who is not in the group", [] {
    make_folder("d");
    must(::chown("d", 0, kBert.gid), "chown");
    must(::chmod("d", 02777), "chmod");
    const std::string outcome = as_user(kAnna, [] {
      ::umask(0);
      const Fd fd = opened("d/a", O_CREAT | O_WRONLY, 02775);
      return result(fd.get());
    });
    return Said{outcome, octal(look_at("d/a").st_mode), look_at("d/a").st_gid};
  });
  check("setgid/folder below a folder keeps handing it down", [] {
    make_folder("d");
    must(::chown("d", 0, kBert.gid), "chown");
    must(::chmod("d", 02777), "chmod");
    make_folder("d/e");
    make_folder("d/e/f");
    put("d/e/f/a", "x");
    return Said{octal(look_at("d/e/f").st_mode), look_at("d/e/f/a").st_gid};
  });
  check("setgid/moved in, a file keeps its group", [] {
    make_folder("d");
    must(::chown("d", 0, kBert.gid), "chown");
    must(::chmod("d", 02777), "chmod");
    put("a", "x");
    must(::rename("a", "d/a"), "rename");
    return std::to_string(look_at("d/a").st_gid);
  });
}

}  // namespace

void check_modes() {
  check_bits();
  check_ways();
  check_clearing();
  check_inheritance();
}

}  // namespace lensfs::posix
