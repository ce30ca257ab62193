// Making files: open with O_CREAT, creat, umask, O_EXCL, O_TRUNC, O_TMPFILE.
#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

std::string open_result(const char* name, int flags, mode_t mode = 0644) {
  const Fd fd(::open(name, flags | O_CLOEXEC, mode));
  return result(fd.get());
}

void check_modes_of_new_files() {
  for (const mode_t mask : {0U, 022U, 027U, 077U, 0777U}) {
    for (const mode_t mode : {0U, 0400U, 0644U, 0666U, 0755U, 0777U, 04755U, 02755U, 01644U}) {
      check(Said{"create/mode", octal(mode), "umask", octal(mask)}, [=] {
        ::umask(mask);
        const Fd fd = opened("a", O_CREAT | O_WRONLY, mode);
        return octal(look_at("a").st_mode);
      });
    }
  }
  check("create/read-only mode still writes through its descriptor", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR, 0);
    const long wrote = ::write(fd.get(), "abc", 3);
    return Said{wrote, look_at("a").st_size};
  });
  check("creat/new", [] {
    const Fd fd(::creat("a", 0640));
    return Said{result(fd.get()), octal(look_at("a").st_mode), look_at("a").st_size};
  });
  check("creat/existing", [] {
    put("a", "hello");
    const Fd fd(::creat("a", 0600));
    return Said{result(fd.get()), octal(look_at("a").st_mode), look_at("a").st_size};
  });
}

void check_exclusive() {
  check("create/exclusive new", [] { return open_result("a", O_CREAT | O_EXCL | O_WRONLY); });
  check("create/exclusive existing", [] {
    put("a", "x");
    return Said{open_result("a", O_CREAT | O_EXCL | O_WRONLY), bytes_in("a")};
  });
  check("create/exclusive existing with truncate", [] {
    put("a", "x");
    return Said{open_result("a", O_CREAT | O_EXCL | O_WRONLY | O_TRUNC), bytes_in("a")};
  });
  check("create/exclusive folder", [] {
    make_folder("d");
    return open_result("d", O_CREAT | O_EXCL | O_WRONLY);
  });
  check("create/exclusive dangling symlink", [] {
    must(::symlink("nowhere", "s"), "symlink");
    return Said{open_result("s", O_CREAT | O_EXCL | O_WRONLY), kind_of("nowhere")};
  });
  check("create/through dangling symlink", [] {
    must(::symlink("made", "s"), "symlink");
    return Said{open_result("s", O_CREAT | O_WRONLY), kind_of("made")};
  });
  check("create/after removal", [] {
    put("a", "x");
    must(::unlink("a"), "unlink");
    return Said{open_result("a", O_CREAT | O_EXCL | O_WRONLY), look_at("a").st_size};
  });
}

void check_places() {
  check("create/in missing folder", [] { return open_result("no/a", O_CREAT | O_WRONLY); });
  check("create/below a file", [] {
    put("f", "x");
    return open_result("f/a", O_CREAT | O_WRONLY);
  });
  check("create/over a folder", [] {
    make_folder("d");
    return open_result("d", O_CREAT | O_WRONLY);
  });
  check("create/folder read only", [] {
    make_folder("d");
    return open_result("d", O_CREAT | O_RDONLY);
  });
  check("create/trailing slash", [] { return open_result("a/", O_CREAT | O_WRONLY); });
  check("create/dot", [] { return open_result(".", O_CREAT | O_WRONLY); });
  check("create/empty name", [] { return open_result("", O_CREAT | O_WRONLY); });
  check("create/in removed working folder", [] {
    make_folder("d");
    must(::chdir("d"), "chdir");
    must(::rmdir("../d"), "rmdir");
    return open_result("a", O_CREAT | O_WRONLY);
  });
  check("create/is listed", [] {
    put("a", "");
    put("b", "");
    return list_of(".");
  });
  check("create/moves its folder's times", [] {
    make_folder("d");
    return moved_by("d", [] { put("d/a", ""); });
  });
  check("create/existing leaves its folder's times", [] {
    make_folder("d");
    put("d/a", "");
    return moved_by("d", [] { const Fd fd = opened("d/a", O_CREAT | O_WRONLY); });
  });
  check("create/attributes", [] {
    put("a", "");
    const struct stat at = look_at("a");
    return Said{at.st_size, at.st_nlink, at.st_uid, at.st_gid, at.st_blocks, kind_of("a")};
  });
}

void check_truncating() {
  check("open/truncate", [] {
    put("a", "hello");
    return Said{open_result("a", O_WRONLY | O_TRUNC), look_at("a").st_size};
  });
  check("open/truncate read only", [] {
    put("a", "hello");
    return Said{open_result("a", O_RDONLY | O_TRUNC), look_at("a").st_size};
  });
  check("open/truncate keeps mode and links", [] {
    put("a", "hello", 0640);
    must(::link("a", "b"), "link");
    const std::string outcome = open_result("a", O_WRONLY | O_TRUNC, 0600);
    return Said{outcome, octal(look_at("b").st_mode), look_at("b").st_size, look_at("b").st_nlink};
  });
  check("open/truncate seen by another descriptor", [] {
    put("a", "hello");
    const Fd other = opened("a", O_RDONLY);
    const Fd fd = opened("a", O_WRONLY | O_TRUNC);
    std::array<char, 8> bytes{};
    return Said{::read(other.get(), bytes.data(), bytes.size()), look_at(other.get()).st_size};
  });
  check("open/truncate moves times", [] {
    put("a", "hello");
    return moved_by("a", [] { const Fd fd = opened("a", O_WRONLY | O_TRUNC); });
  });
  check("open/truncate of an empty file moves times", [] {
    put("a", "");
    return moved_by("a", [] { const Fd fd = opened("a", O_WRONLY | O_TRUNC); });
  });
  check("open/truncate folder", [] {
    make_folder("d");
    return open_result("d", O_RDONLY | O_TRUNC);
  });
}

std::string linked_from_proc(const Fd& fd, const char* name) {
  const std::string at = "/proc/self/fd/" + std::to_string(fd.get());
  return result(::linkat(AT_FDCWD, at.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW));
}

void check_nameless() {
  check("tmpfile/open", [] {
    const Fd fd = opened(".", O_TMPFILE | O_RDWR, 0640);
    return Said{look_at(fd.get()).st_nlink, octal(look_at(fd.get()).st_mode), list_of(".")};
  });
  check("tmpfile/write and read", [] {
    const Fd fd = opened(".", O_TMPFILE | O_RDWR, 0600);
    must(::pwrite(fd.get(), "hello", 5, 0), "pwrite");
    return Said{digest_of(fd.get()), look_at(fd.get()).st_size};
  });
  check("tmpfile/given a name", [] {
    const Fd fd = opened(".", O_TMPFILE | O_RDWR, 0640);
    must(::write(fd.get(), "hello", 5), "write");
    const std::string outcome = linked_from_proc(fd, "named");
    return Said{outcome, bytes_in("named"), look_at(fd.get()).st_nlink, list_of(".")};
  });
  check("tmpfile/named and written on", [] {
    const Fd fd = opened(".", O_TMPFILE | O_RDWR, 0640);
    must(::write(fd.get(), "hello", 5), "write");
    must(linked_from_proc(fd, "named") == "ok" ? 0 : -1, "linkat");
    must(::write(fd.get(), " world", 6), "write");
    return bytes_in("named");
  });
  check("tmpfile/name that exists", [] {
    put("named", "old");
    const Fd fd = opened(".", O_TMPFILE | O_RDWR, 0640);
    return Said{linked_from_proc(fd, "named"), bytes_in("named")};
  });
  check("tmpfile/exclusive cannot be named", [] {
    const Fd fd = opened(".", O_TMPFILE | O_RDWR | O_EXCL, 0640);
    return Said{linked_from_proc(fd, "named"), kind_of("named")};
  });
  check("tmpfile/read only", [] { return open_result(".", O_TMPFILE | O_RDONLY, 0600); });
  check("tmpfile/in a file", [] {
    put("f", "");
    return open_result("f", O_TMPFILE | O_RDWR, 0600);
  });
  check("tmpfile/leaves its folder's times", [] {
    make_folder("d");
    return moved_by("d", [] { const Fd fd = opened("d", O_TMPFILE | O_RDWR, 0600); });
  });
}

}  // namespace

void check_create() {
  check_modes_of_new_files();
  check_exclusive();
  check_places();
  check_truncating();
  check_nameless();
}

}  // namespace lensfs::posix
