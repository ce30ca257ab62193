// unlink and rmdir.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

void check_unlink() {
  check("unlink/file", [] {
    put("a", "x");
    return Said{result(::unlink("a")), kind_of("a"), list_of(".")};
  });
  check("unlink/missing", [] { return result(::unlink("a")); });
  check("unlink/twice", [] {
    put("a", "x");
    return Said{result(::unlink("a")), result(::unlink("a"))};
  });
  check("unlink/folder", [] {
    make_folder("d");
    return Said{yes(::unlink("d") < 0), kind_of("d")};
  });
  check("unlink/trailing slash", [] {
    put("a", "x");
    return Said{result(::unlink("a/")), kind_of("a")};
  });
  check("unlink/below a file", [] {
    put("a", "x");
    return result(::unlink("a/b"));
  });
  check("unlink/symlink, fifo", [] {
    must(::symlink("x", "s"), "symlink");
    must(::mkfifo("f", 0644), "mkfifo");
    return Said{result(::unlink("s")), result(::unlink("f")), list_of(".")};
  });
  check("unlink/read-only file", [] {
    put("a", "x", 0444);
    return result(::unlink("a"));
  });
  check("unlink/dot", [] { return Said{yes(::unlink(".") < 0), yes(::unlink("..") < 0)}; });
  check("unlink/moves the times of the folder", [] {
    make_folder("d");
    put("d/a", "x");
    return moved_by("d", [] { must(::unlink("d/a"), "unlink"); });
  });
  check("unlink/that fails leaves the times", [] {
    make_folder("d");
    return moved_by("d", [] { static_cast<void>(::unlink("d/a")); });
  });
  check("unlink/made and removed a thousand times", [] {
    for (int i = 0; i < 1000; ++i) {
      put("a", "x");
      must(::unlink("a"), "unlink");
    }
    return list_of(".");
  });
  check("unlink/made again is another file", [] {
    put("a", "first", 0600);
    const Fd first = opened("a", O_RDONLY);
    must(::unlink("a"), "unlink");
    put("a", "second");
    return Said{bytes_in("a"), octal(look_at("a").st_mode), digest_of(first.get()),
                yes(look_at(first.get()).st_ino != look_at("a").st_ino)};
  });
  check("unlinkat/with the flag for folders", [] {
    put("a", "x");
    make_folder("d");
    return Said{result(::unlinkat(AT_FDCWD, "a", AT_REMOVEDIR)),
                result(::unlinkat(AT_FDCWD, "d", AT_REMOVEDIR)), list_of(".")};
  });
}

void check_rmdir() {
  check("rmdir/empty", [] {
    make_folder("d");
    return Said{result(::rmdir("d")), kind_of("d"), list_of(".")};
  });
  check("rmdir/missing", [] { return result(::rmdir("d")); });
  check("rmdir/file", [] {
    put("a", "x");
    return result(::rmdir("a"));
  });
  for (const char* inside : {"d/a", "d/.hidden", "d/.DS_Store", "d/a.tmp", "d/~$a.docx"}) {
    check("rmdir/holding " + std::string(inside + 2), [=] {
      make_folder("d");
      put(inside, "x");
      return Said{result(::rmdir("d")), list_of("d")};
    });
  }
  check("rmdir/holding a folder", [] {
    make_folder("d");
    make_folder("d/e");
    return Said{result(::rmdir("d")), result(::rmdir("d/e")), result(::rmdir("d"))};
  });
  check("rmdir/after its last file went", [] {
    make_folder("d");
    put("d/a", "x");
    must(::unlink("d/a"), "unlink");
    return result(::rmdir("d"));
  });
  check("rmdir/holding a file that is unlinked but open", [] {
    make_folder("d");
    const Fd fd = opened("d/a", O_CREAT | O_RDWR);
    must(::write(fd.get(), "hello", 5), "write");
    must(::unlink("d/a"), "unlink");
    return Said{list_of("d"), result(::rmdir("d")), digest_of(fd.get())};
  });
  check("rmdir/trailing slash", [] {
    make_folder("d");
    return result(::rmdir("d/"));
  });
  check("rmdir/dot and dot-dot", [] {
    make_folder("d");
    make_folder("d/e");
    return Said{result(::rmdir("d/e/.")), result(::rmdir("d/e/..")), list_of("d")};
  });
  check("rmdir/counts the links of the parent", [] {
    make_folder("d");
    const nlink_t before = look_at("d").st_nlink;
    make_folder("d/e");
    const nlink_t with = look_at("d").st_nlink;
    must(::rmdir("d/e"), "rmdir");
    return Said{before, with, look_at("d").st_nlink};
  });
  check("rmdir/moves the times of the parent", [] {
    make_folder("d");
    make_folder("d/e");
    return moved_by("d", [] { must(::rmdir("d/e"), "rmdir"); });
  });
  check("rmdir/the working folder", [] {
    make_folder("d");
    must(::chdir("d"), "chdir");
    const std::string outcome = result(::rmdir("../d"));
    const Fd here = Fd(::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return Said{outcome, result(here.get()), result(::mkdir("e", 0755)), list_of("..")};
  });
  check("rmdir/open folder", [] {
    make_folder("d");
    const Fd fd = opened("d", O_RDONLY | O_DIRECTORY);
    must(::rmdir("d"), "rmdir");
    const Fd made(::openat(fd.get(), "a", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    return Said{look_at(fd.get()).st_nlink, result(made.get())};
  });
  check("rmdir/made again", [] {
    make_folder("d", 0700);
    put("d/a", "x");
    must(::unlink("d/a"), "unlink");
    must(::rmdir("d"), "rmdir");
    make_folder("d");
    return Said{octal(look_at("d").st_mode), list_of("d")};
  });
}

void check_sticky() {
  struct Case {
    const char* name;
    mode_t mode;
    uid_t folder, file;
  };
  for (const Case& one :
       {Case{"not writable", 0755, 0, kAnna.uid}, Case{"writable", 0777, 0, 0},
        Case{"writable, not searchable", 0766, 0, 0}, Case{"sticky, own", 01777, 0, kAnna.uid},
        Case{"sticky, another's", 01777, 0, kBert.uid},
        Case{"sticky, in one's own folder", 01777, kAnna.uid, kBert.uid}}) {
    check("unlink/folder " + std::string(one.name), [=] {
      make_folder("d");
      put("d/a", "x");
      must(::chown("d/a", one.file, 0), "chown");
      must(::chown("d", one.folder, 0), "chown");
      must(::chmod("d", one.mode), "chmod");
      return as_user(kAnna, [] { return result(::unlink("d/a")); });
    });
    check("rmdir/folder " + std::string(one.name), [=] {
      make_folder("d");
      make_folder("d/e");
      must(::chown("d/e", one.file, 0), "chown");
      must(::chown("d", one.folder, 0), "chown");
      must(::chmod("d", one.mode), "chmod");
      return as_user(kAnna, [] { return result(::rmdir("d/e")); });
    });
  }
}

}  // namespace

void check_removals() {
  check_unlink();
  check_rmdir();
  check_sticky();
}

}  // namespace lensfs::posix
