// Every right, for the owner, the group and the others, of files and folders.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

constexpr gid_t kShared = 30009;
const User kOwner{.uid = kAnna.uid, .gid = kAnna.gid, .groups = {kShared}};
const User kMember{.uid = kBert.uid, .gid = kBert.gid, .groups = {kShared}};
const User kStranger{.uid = 20003, .gid = 30003};

struct Class {
  const char* name;
  User user;
  unsigned shift;  // where its three bits are in a mode
};
const Class kClasses[] = {{"owner", kOwner, 6}, {"group", kMember, 3}, {"other", kStranger, 0}};

std::string open_result(const char* name, int flags) {
  const Fd fd(::open(name, flags | O_CLOEXEC, 0644));
  return result(fd.get());
}

void check_files() {
  for (const Class& who : kClasses) {
    for (unsigned bits = 0; bits < 8; ++bits) {
      check(Said{"access/file", who.name, bits}, [=] {
        put("a", "#!/bin/true\n");
        must(::chown("a", kOwner.uid, kShared), "chown");
        must(::chmod("a", bits << who.shift), "chmod");
        return as_user(who.user, [] {
          struct stat found {};
          return Said{"read",     open_result("a", O_RDONLY),
                      "write",    open_result("a", O_WRONLY),
                      "both",     open_result("a", O_RDWR),
                      "truncate", result(::truncate("a", 3)),
                      "x",        result(::access("a", X_OK)),
                      "rwx",      result(::access("a", R_OK | W_OK | X_OK)),
                      "stat",     result(::stat("a", &found))};
        });
      });
      check(Said{"access/all but", who.name, bits}, [=] {
        // The first class that fits decides: the rights of the others do not help.
        put("a", "x");
        must(::chown("a", kOwner.uid, kShared), "chown");
        must(::chmod("a", 0777U & ~(7U << who.shift)), "chmod");
        return as_user(who.user, [=] {
          return bits % 2 == 0 ? open_result("a", O_RDONLY) : open_result("a", O_WRONLY);
        });
      });
    }
  }
}

void check_folders_rights() {
  for (const Class& who : kClasses) {
    for (unsigned bits = 0; bits < 8; ++bits) {
      check(Said{"access/folder", who.name, bits}, [=] {
        make_folder("d");
        put("d/a", "x");
        make_folder("d/e");
        must(::chown("d", kOwner.uid, kShared), "chown");
        must(::chmod("d", bits << who.shift), "chmod");
        return as_user(who.user, [] {
          struct stat found {};
          return Said{"list",    open_result("d", O_RDONLY | O_DIRECTORY),
                      "stat",    result(::stat("d/a", &found)),
                      "read",    open_result("d/a", O_RDONLY),
                      "missing", result(::stat("d/no", &found)),
                      "chdir",   result(::chdir("d/e"))};
        });
      });
      check(Said{"access/change folder", who.name, bits}, [=] {
        make_folder("d");
        put("d/a", "x");
        put("d/b", "x");
        make_folder("d/e");
        must(::chown("d", kOwner.uid, kShared), "chown");
        must(::chmod("d", bits << who.shift), "chmod");
        return as_user(who.user, [] {
          return Said{"create",  open_result("d/new", O_CREAT | O_WRONLY),
                      "mkdir",   result(::mkdir("d/f", 0755)),
                      "symlink", result(::symlink("x", "d/s")),
                      "mkfifo",  result(::mkfifo("d/p", 0644)),
                      "rename",  result(::rename("d/b", "d/c")),
                      "unlink",  result(::unlink("d/a")),
                      "rmdir",   result(::rmdir("d/e"))};
        });
      });
    }
  }
}

void check_special() {
  check("access/root may all but execute what nobody may", [] {
    put("a", "x", 0);
    return Said{open_result("a", O_RDWR), result(::access("a", X_OK)),
                result(::access("a", R_OK | W_OK))};
  });
  check("access/root passes folders without bits", [] {
    make_folder("d");
    put("d/a", "x");
    must(::chmod("d", 0), "chmod");
    return Said{bytes_in("d/a"), list_of("d")};
  });
  check("access/existence, missing, below a file", [] {
    put("a", "x");
    return Said{result(::access("a", F_OK)), result(::access("b", F_OK)),
                result(::access("a/b", F_OK))};
  });
  check("access/real and effective user differ", [] {
    put("a", "x", 0600);
    return in_child([] {
      must(::setresuid(kAnna.uid, 0, 0), "setresuid");
      return Said{"real", result(::access("a", R_OK)), "effective",
                  result(::faccessat(AT_FDCWD, "a", R_OK, AT_EACCESS))};
    });
  });
  check("access/group through a supplementary group only", [] {
    put("a", "x");
    must(::chown("a", 0, kShared), "chown");
    must(::chmod("a", 0040), "chmod");
    return Said{as_user(kMember, [] { return open_result("a", O_RDONLY); }),
                as_user(kStranger, [] { return open_result("a", O_RDONLY); })};
  });
  check("access/changes at once", [] {
    put("a", "x", 0600);
    const std::string first = as_user(kStranger, [] { return open_result("a", O_RDONLY); });
    must(::chmod("a", 0644), "chmod");
    const std::string second = as_user(kStranger, [] { return open_result("a", O_RDONLY); });
    must(::chmod("a", 0600), "chmod");
    const std::string third = as_user(kStranger, [] { return open_result("a", O_RDONLY); });
    return Said{first, second, third};
  });
  check("access/of a folder changes at once", [] {
    make_folder("d");
    put("d/a", "x");
    const auto asked = [] {
      return as_user(kStranger, [] { return open_result("d/a", O_RDONLY); });
    };
    const std::string first = asked();
    must(::chmod("d", 0700), "chmod");
    const std::string second = asked();
    must(::chmod("d", 0711), "chmod");
    return Said{first, second, asked()};
  });
  check("access/execute", [] {
    put("a", "#!/bin/sh\nexit 7\n", 0755);
    return in_child([] {
      ::execl("./a", "a", nullptr);
      return result(-1);
    });
  });
  check("access/execute without the right", [] {
    put("a", "#!/bin/sh\nexit 7\n", 0644);
    return in_child([] {
      ::execl("./a", "a", nullptr);
      return result(-1);
    });
  });
  check("access/text busy", [] {
    put("a", "#!/bin/sh\nexit 7\n", 0755);
    const Fd writer = opened("a", O_WRONLY);
    return in_child([] {
      ::execl("./a", "a", nullptr);
      return result(-1);
    });
  });
}

}  // namespace

void check_access() {
  check_files();
  check_folders_rights();
  check_special();
}

}  // namespace lensfs::posix
