// mkdir, link counts of folders, working folders, deep trees.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <climits>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

void check_making() {
  for (const mode_t mask : {0U, 022U, 077U}) {
    for (const mode_t mode : {0U, 0700U, 0755U, 0777U, 01777U, 02755U, 04755U}) {
      check(Said{"mkdir/mode", octal(mode), "umask", octal(mask)}, [=] {
        ::umask(mask);
        make_folder("d", mode);
        return octal(look_at("d").st_mode);
      });
    }
  }
  for (const char* over : {"file", "folder", "symlink", "dangling symlink", "fifo"}) {
    check("mkdir/over " + std::string(over), [=] {
      const std::string kind = over;
      if (kind == "file") put("d", "x");
      if (kind == "folder") make_folder("d");
      if (kind == "symlink") must(::symlink(".", "d"), "symlink");
      if (kind == "dangling symlink") must(::symlink("nowhere", "d"), "symlink");
      if (kind == "fifo") must(::mkfifo("d", 0644), "mkfifo");
      return Said{result(::mkdir("d", 0755)), kind_of("d")};
    });
  }
  check("mkdir/in a missing folder", [] { return result(::mkdir("no/d", 0755)); });
  check("mkdir/below a file", [] {
    put("a", "x");
    return result(::mkdir("a/d", 0755));
  });
  check("mkdir/trailing slashes", [] { return Said{result(::mkdir("d///", 0755)), kind_of("d")}; });
  check("mkdir/dot and dot-dot", [] {
    return Said{result(::mkdir(".", 0755)), result(::mkdir("..", 0755))};
  });
  check("mkdir/in a removed folder", [] {
    make_folder("d");
    const Fd fd = opened("d", O_RDONLY | O_DIRECTORY);
    must(::rmdir("d"), "rmdir");
    return result(::mkdirat(fd.get(), "e", 0755));
  });
  check("mkdir/moves the times of the parent", [] {
    make_folder("d");
    return moved_by("d", [] { make_folder("d/e"); });
  });
  check("mkdir/that fails leaves the times", [] {
    make_folder("d");
    make_folder("d/e");
    return moved_by("d", [] { static_cast<void>(::mkdir("d/e", 0755)); });
  });
  check("mkdir/folder not writable", [] {
    make_folder("d");
    return as_user(kAnna, [] { return result(::mkdir("d/e", 0755)); });
  });
  check("mkdir/owner is the caller", [] {
    return Said{as_user(kAnna, [] { return result(::mkdir("d", 0755)); }), look_at("d").st_uid,
                look_at("d").st_gid};
  });
}

void check_counts() {
  check("nlink/of a folder with folders", [] {
    make_folder("d");
    std::string counts = std::to_string(look_at("d").st_nlink);
    for (const char* name : {"d/1", "d/2", "d/3"}) {
      make_folder(name);
      counts += "," + std::to_string(look_at("d").st_nlink);
    }
    put("d/file", "x");
    return Said{counts, "with a file", look_at("d").st_nlink};
  });
  check("nlink/of a file through its life", [] {
    put("a", "x");
    std::string counts = std::to_string(look_at("a").st_nlink);
    must(::link("a", "b"), "link");
    counts += "," + std::to_string(look_at("a").st_nlink);
    must(::unlink("a"), "unlink");
    counts += "," + std::to_string(look_at("b").st_nlink);
    must(::rename("b", "c"), "rename");
    return Said{counts, look_at("c").st_nlink};
  });
  check("nlink/dot and dot-dot are the folders themselves", [] {
    make_folder("d");
    make_folder("d/e");
    return Said{yes(look_at("d/.").st_ino == look_at("d").st_ino),
                yes(look_at("d/e/..").st_ino == look_at("d").st_ino)};
  });
}

void check_paths() {
  check("path/doubled slashes and dots", [] {
    make_folder("d");
    put("d/a", "x");
    return Said{bytes_in("d//a"), bytes_in("./d/./a"), bytes_in("d/../d/a"), bytes_in("d/no/../a")};
  });
  check("path/deep tree, absolute and relative", [] {
    std::string path = "d";
    make_folder(path);
    for (int depth = 0; depth < 100; ++depth) {
      path += "/d" + std::to_string(depth % 10);
      make_folder(path);
    }
    put(path + "/a", "deep");
    return Said{bytes_in(path + "/a"), path.size()};
  });
  check("path/longer than PATH_MAX, reached step by step", [] {
    const std::string name(200, 'n');
    for (int depth = 0; depth < 25; ++depth) {
      make_folder(name);
      must(::chdir(name.c_str()), "chdir");
    }
    put("a", "deep");
    return Said{bytes_in("a"), list_of(".")};
  });
  check("path/of PATH_MAX", [] {
    std::string path;
    while (path.size() + 2 < PATH_MAX) path += "./";
    put("a", "x");
    const std::string longest = path + std::string(PATH_MAX - 2 - path.size(), '/') + "a";
    return Said{longest.size(), bytes_in(longest), bytes_in("./" + longest)};
  });
  check("chdir/and getcwd", [] {
    make_folder("d");
    must(::chdir("d"), "chdir");
    std::string here(PATH_MAX, '\0');
    must(::getcwd(here.data(), here.size()) == nullptr ? -1 : 0, "getcwd");
    here.resize(here.find('\0'));
    return here.substr(here.rfind('/'));
  });
  check("chdir/getcwd after rename", [] {
    make_folder("d");
    must(::chdir("d"), "chdir");
    must(::rename("../d", "../e"), "rename");
    std::string here(PATH_MAX, '\0');
    must(::getcwd(here.data(), here.size()) == nullptr ? -1 : 0, "getcwd");
    here.resize(here.find('\0'));
    return here.substr(here.rfind('/'));
  });
  check("chdir/file", [] {
    put("a", "x");
    return result(::chdir("a"));
  });
  check("statvfs", [] {
    struct statvfs at {};
    must(::statvfs(".", &at), "statvfs");
    return Said{at.f_namemax, yes(at.f_blocks > 0), yes(at.f_bavail <= at.f_blocks),
                yes(at.f_files > 0)};
  });
  check("pathconf", [] {
    return Said{::pathconf(".", _PC_NAME_MAX), ::pathconf(".", _PC_PATH_MAX)};
  });
}

}  // namespace

void check_folders() {
  check_making();
  check_counts();
  check_paths();
}

}  // namespace lensfs::posix
