// rename of folders: with what is in them, into themselves, while somebody is inside.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

void check_subtrees() {
  check("rename/folder into itself", [] {
    make_folder("d");
    return result(::rename("d", "d/e"));
  });
  check("rename/folder into its own subtree", [] {
    make_folder("d");
    make_folder("d/e");
    make_folder("d/e/f");
    return Said{result(::rename("d", "d/e/f/g")), list_of("d/e")};
  });
  check("rename/folder over its ancestor", [] {
    make_folder("d");
    make_folder("d/e");
    return Said{result(::rename("d/e", "d")), list_of("d")};
  });
  check("rename/exchange with its own subtree", [] {
    make_folder("d");
    make_folder("d/e");
    return Said{result(::renameat2(AT_FDCWD, "d", AT_FDCWD, "d/e", RENAME_EXCHANGE)),
                result(::renameat2(AT_FDCWD, "d/e", AT_FDCWD, "d", RENAME_EXCHANGE))};
  });
  check("rename/folder with its tree", [] {
    make_folder("d");
    make_folder("d/e");
    put("d/e/a", "deep");
    put("d/b", "flat");
    const ino_t inode = look_at("d/e/a").st_ino;
    must(::rename("d", "moved"), "rename");
    return Said{kind_of("d"), list_of("moved"), bytes_in("moved/e/a"), bytes_in("moved/b"),
                look_at("moved/e/a").st_ino == inode ? "same" : "another"};
  });
  check("rename/folder over an empty one", [] {
    make_folder("d");
    put("d/a", "x");
    make_folder("e");
    must(::rename("d", "e"), "rename");
    return Said{list_of("."), list_of("e"), look_at("e").st_nlink};
  });
  check("rename/folder to another folder counts links", [] {
    make_folder("d");
    make_folder("e");
    make_folder("d/sub");
    must(::rename("d/sub", "e/sub"), "rename");
    return Said{"d", look_at("d").st_nlink, "e", look_at("e").st_nlink};
  });
  check("rename/folder over an empty one in another folder counts links", [] {
    make_folder("d");
    make_folder("e");
    make_folder("d/sub");
    make_folder("e/sub");
    must(::rename("d/sub", "e/sub"), "rename");
    return Said{"d", look_at("d").st_nlink, "e", look_at("e").st_nlink};
  });
  check("rename/exchange file and folder counts links", [] {
    make_folder("d");
    make_folder("e");
    make_folder("d/sub");
    put("e/file", "x");
    must(::renameat2(AT_FDCWD, "d/sub", AT_FDCWD, "e/file", RENAME_EXCHANGE), "renameat2");
    return Said{kind_of("d/sub"),     kind_of("e/file"), "d", look_at("d").st_nlink, "e",
                look_at("e").st_nlink};
  });
  check("rename/dot-dot of a moved folder", [] {
    make_folder("d");
    make_folder("e");
    make_folder("d/sub");
    put("e/here", "x");
    must(::rename("d/sub", "e/sub"), "rename");
    return Said{list_of("e/sub/.."), yes(look_at("e/sub/..").st_ino == look_at("e").st_ino)};
  });
  check("rename/folder with trailing slashes", [] {
    make_folder("d");
    const std::string one = result(::rename("d/", "e"));
    const std::string two = result(::rename("e", "f/"));
    const std::string three = result(::rename("f///", "g///"));
    return Said{one, two, three, list_of(".")};
  });
  check("rename/folder moves its parents' times", [] {
    make_folder("d");
    make_folder("e");
    make_folder("d/sub");
    std::string of_source;
    const std::string of_target = moved_by("e", [&] {
      of_source = moved_by("d", [] { must(::rename("d/sub", "e/sub"), "rename"); });
    });
    return Said{of_source, of_target};
  });
  check("rename/a thousand times", [] {
    make_folder("d0");
    put("d0/a", "x");
    for (int i = 0; i < 1000; ++i) {
      must(::rename(("d" + std::to_string(i)).c_str(), ("d" + std::to_string(i + 1)).c_str()),
           "rename");
    }
    return Said{list_of("."), bytes_in("d1000/a")};
  });
}

void check_inside() {
  check("rename/folder that is the working folder", [] {
    make_folder("d");
    put("d/a", "x");
    must(::chdir("d"), "chdir");
    must(::rename("../d", "../e"), "rename");
    put("b", "y");
    return Said{list_of("."), list_of("../e")};
  });
  check("rename/open folder goes on", [] {
    make_folder("d");
    put("d/a", "x");
    const Fd folder = opened("d", O_RDONLY | O_DIRECTORY);
    must(::rename("d", "e"), "rename");
    const Fd made(::openat(folder.get(), "b", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    return Said{result(made.get()), list_of("e")};
  });
  check("rename/files open below go on", [] {
    make_folder("d");
    const Fd fd = opened("d/a", O_CREAT | O_RDWR);
    must(::write(fd.get(), "one", 3), "write");
    must(::rename("d", "e"), "rename");
    must(::write(fd.get(), "two", 3), "write");
    return Said{bytes_in("e/a"), bytes_in("d/a")};
  });
  check("rename/old path is gone, new name can be made", [] {
    make_folder("d");
    put("d/a", "x");
    must(::rename("d", "e"), "rename");
    make_folder("d");
    put("d/a", "y");
    return Said{bytes_in("d/a"), bytes_in("e/a")};
  });
  check("rename/cached absence does not stay", [] {
    make_folder("d");
    put("d/a", "x");
    const std::string before = kind_of("e/a");
    must(::rename("d", "e"), "rename");
    return Said{before, kind_of("e/a"), kind_of("d/a")};
  });
}

// A folder of `owner` with this mode, holding "a" of `file_owner`.
void make_shared(mode_t mode, const User& owner, const User& file_owner) {
  make_folder("d");
  put("d/a", "x");
  must(::chown("d/a", file_owner.uid, file_owner.gid), "chown");
  must(::chown("d", owner.uid, owner.gid), "chown");
  must(::chmod("d", mode), "chmod");
  make_folder("mine");
  must(::chmod("mine", 0777), "chmod");
}

void check_rights() {
  struct Case {
    const char* name;
    mode_t mode;
    User folder, file;
  };
  const User root{.uid = 0, .gid = 0};
  for (const Case& one :
       {Case{"folder not writable", 0755, root, kAnna}, Case{"folder writable", 0777, root, root},
        Case{"folder writable, not searchable", 0776, root, root},
        Case{"sticky, own file", 01777, root, kAnna},
        Case{"sticky, other's file", 01777, root, kBert},
        Case{"sticky, own folder", 01777, kAnna, kBert}}) {
    check("rename/out of " + std::string(one.name), [=] {
      make_shared(one.mode, one.folder, one.file);
      return as_user(kAnna, [] { return result(::rename("d/a", "mine/a")); });
    });
    check("rename/over, " + std::string(one.name), [=] {
      make_shared(one.mode, one.folder, one.file);
      return as_user(kAnna, [] {
        put("mine/b", "new");
        return Said{result(::rename("mine/b", "d/a"))};
      });
    });
  }
  check("rename/folder of another into another parent", [] {
    make_folder("d");
    make_folder("d/sub");
    must(::chmod("d", 0777), "chmod");
    make_folder("e");
    must(::chmod("e", 0777), "chmod");
    return as_user(kAnna, [] { return result(::rename("d/sub", "e/sub")); });
  });
  check("rename/folder of another within its parent", [] {
    make_folder("d");
    make_folder("d/sub");
    must(::chmod("d", 0777), "chmod");
    return as_user(kAnna, [] { return result(::rename("d/sub", "d/bus")); });
  });
}

}  // namespace

void check_renamed_folders() {
  check_subtrees();
  check_inside();
  check_rights();
}

}  // namespace lensfs::posix
