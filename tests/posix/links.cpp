// Hard links: several names of one file.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

void check_sharing() {
  check("link/second name", [] {
    put("a", "hello", 0640);
    must(::link("a", "b"), "link");
    const struct stat a = look_at("a");
    const struct stat b = look_at("b");
    return Said{a.st_ino == b.st_ino ? "same" : "another", a.st_nlink, b.st_nlink, octal(b.st_mode),
                bytes_in("b")};
  });
  check("link/into another folder", [] {
    put("a", "hello");
    make_folder("d");
    must(::link("a", "d/b"), "link");
    return Said{bytes_in("d/b"), look_at("a").st_nlink,
                yes(look_at("a").st_ino == look_at("d/b").st_ino)};
  });
  check("link/changes show under both names", [] {
    put("a", "hello");
    must(::link("a", "b"), "link");
    put("b", "changed");
    must(::chmod("a", 0600), "chmod");
    return Said{bytes_in("a"), octal(look_at("b").st_mode), look_at("a").st_size};
  });
  check("link/one name removed", [] {
    put("a", "hello");
    must(::link("a", "b"), "link");
    must(::unlink("a"), "unlink");
    return Said{bytes_in("b"), look_at("b").st_nlink, list_of(".")};
  });
  check("link/a hundred names", [] {
    put("a", "x");
    for (int i = 0; i < 99; ++i) must(::link("a", ("l" + std::to_string(i)).c_str()), "link");
    const nlink_t many = look_at("a").st_nlink;
    for (int i = 0; i < 98; ++i) must(::unlink(("l" + std::to_string(i)).c_str()), "unlink");
    return Said{many, look_at("a").st_nlink, list_of(".")};
  });
  check("link/of an open file", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::write(fd.get(), "one", 3), "write");
    must(::link("a", "b"), "link");
    must(::write(fd.get(), "two", 3), "write");
    return Said{bytes_in("b"), look_at(fd.get()).st_nlink};
  });
  check("link/write through one, rename of the other", [] {
    put("a", "x");
    must(::link("a", "b"), "link");
    const Fd fd = opened("a", O_WRONLY);
    must(::rename("b", "c"), "rename");
    must(::pwrite(fd.get(), "written", 7, 0), "pwrite");
    return Said{bytes_in("c"), list_of(".")};
  });
  check("link/new file over one of two names", [] {
    put("a", "shared");
    must(::link("a", "b"), "link");
    put("new", "new");
    must(::rename("new", "a"), "rename");
    return Said{bytes_in("a"), bytes_in("b"), look_at("b").st_nlink};
  });
  check("link/truncated and written over through one name", [] {
    put("a", "shared");
    must(::link("a", "b"), "link");
    put("a", "longer than it was before");
    return Said{bytes_in("b"), yes(look_at("a").st_ino == look_at("b").st_ino)};
  });
}

void check_times_moved() {
  check("link/moves the time of change of the file", [] {
    put("a", "x");
    return moved_by("a", [] { must(::link("a", "b"), "link"); });
  });
  check("link/moves the times of the folder", [] {
    put("a", "x");
    make_folder("d");
    return moved_by("d", [] { must(::link("a", "d/b"), "link"); });
  });
  check("unlink/moves the time of change of the file that has another name", [] {
    put("a", "x");
    must(::link("a", "b"), "link");
    return moved_by("a", [] { must(::unlink("b"), "unlink"); });
  });
}

void check_errors() {
  check("link/existing name", [] {
    put("a", "x");
    put("b", "y");
    return Said{result(::link("a", "b")), bytes_in("b")};
  });
  check("link/to itself", [] {
    put("a", "x");
    return result(::link("a", "a"));
  });
  check("link/missing", [] { return result(::link("a", "b")); });
  check("link/folder", [] {
    make_folder("d");
    return result(::link("d", "e"));
  });
  check("link/into a missing folder", [] {
    put("a", "x");
    return result(::link("a", "no/b"));
  });
  check("link/below a file", [] {
    put("a", "x");
    return result(::link("a", "a/b"));
  });
  check("link/trailing slash", [] {
    put("a", "x");
    return Said{result(::link("a/", "b")), result(::link("a", "b/"))};
  });
  check("link/of a symlink", [] {
    put("a", "x");
    must(::symlink("a", "s"), "symlink");
    const std::string outcome = result(::link("s", "t"));
    return Said{outcome, kind_of("t")};
  });
  check("link/of what a symlink shows", [] {
    put("a", "x");
    must(::symlink("a", "s"), "symlink");
    const std::string outcome = result(::linkat(AT_FDCWD, "s", AT_FDCWD, "t", AT_SYMLINK_FOLLOW));
    return Said{outcome, kind_of("t"), look_at("a").st_nlink};
  });
  check("link/of a dangling symlink's target", [] {
    must(::symlink("nowhere", "s"), "symlink");
    return result(::linkat(AT_FDCWD, "s", AT_FDCWD, "t", AT_SYMLINK_FOLLOW));
  });
  check("link/of a fifo", [] {
    must(::mkfifo("f", 0644), "mkfifo");
    const std::string outcome = result(::link("f", "g"));
    return Said{outcome, kind_of("g"), look_at("f").st_nlink};
  });
  check("link/of an unlinked open file through proc", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::unlink("a"), "unlink");
    const std::string at = "/proc/self/fd/" + std::to_string(fd.get());
    return Said{result(::linkat(AT_FDCWD, at.c_str(), AT_FDCWD, "b", AT_SYMLINK_FOLLOW)),
                kind_of("b")};
  });
  check("link/folder not writable", [] {
    put("a", "x");
    must(::chmod("a", 0666), "chmod");
    make_folder("d");
    return as_user(kAnna, [] { return result(::link("a", "d/b")); });
  });
  check("link/after the last name went it is gone", [] {
    put("a", "x");
    must(::link("a", "b"), "link");
    must(::unlink("a"), "unlink");
    must(::unlink("b"), "unlink");
    return Said{kind_of("a"), kind_of("b"), list_of(".")};
  });
}

}  // namespace

void check_links() {
  check_sharing();
  check_times_moved();
  check_errors();
}

}  // namespace lensfs::posix
