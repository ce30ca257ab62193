// rename of files and links: over what is there, with the flags of renameat2, while open.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

// Makes something of this kind at `name`.
void make(const std::string& kind, const std::string& name) {
  if (kind == "file") put(name, name);
  if (kind == "folder") make_folder(name);
  if (kind == "full folder") {
    make_folder(name);
    put(name + "/inside", "x");
  }
  if (kind == "symlink") must(::symlink("nowhere", name.c_str()), "symlink");
  if (kind == "fifo") must(::mkfifo(name.c_str(), 0644), "mkfifo");
}

void check_pairs() {
  for (const char* from : {"nothing", "file", "folder", "full folder", "symlink", "fifo"}) {
    for (const char* over : {"nothing", "file", "folder", "full folder", "symlink", "fifo"}) {
      for (const auto& [word, flags] :
           {std::pair("rename", 0U), std::pair("noreplace", unsigned{RENAME_NOREPLACE}),
            std::pair("exchange", unsigned{RENAME_EXCHANGE})}) {
        check(Said{std::string(word) + "/" + from, "over", over}, [=, flags = flags] {
          make(from, "a");
          make(over, "b");
          const std::string outcome = result(::renameat2(AT_FDCWD, "a", AT_FDCWD, "b", flags));
          return Said{outcome, kind_of("a"), kind_of("b"), list_of(".")};
        });
      }
    }
  }
}

void check_content() {
  check("rename/keeps inode, bytes, mode, links and times", [] {
    put("a", "hello", 0640);
    must(::link("a", "other"), "link");
    const struct stat before = look_at("a");
    must(::rename("a", "b"), "rename");
    const struct stat after = look_at("b");
    return Said{before.st_ino == after.st_ino ? "same" : "another", bytes_in("b"),
                octal(after.st_mode), after.st_nlink,
                yes(before.st_mtim.tv_nsec == after.st_mtim.tv_nsec)};
  });
  check("rename/over a file has the new bytes and inode", [] {
    put("a", "new");
    put("b", "old one");
    const ino_t moved = look_at("a").st_ino;
    must(::rename("a", "b"), "rename");
    return Said{bytes_in("b"), look_at("b").st_ino == moved ? "moved" : "kept",
                look_at("b").st_nlink, look_at("b").st_size};
  });
  check("rename/to itself", [] {
    put("a", "x");
    return Said{result(::rename("a", "a")), bytes_in("a")};
  });
  check("rename/between hard links of one file does nothing", [] {
    put("a", "x");
    must(::link("a", "b"), "link");
    return Said{result(::rename("a", "b")), list_of("."), look_at("a").st_nlink};
  });
  check("rename/over a file with other links", [] {
    put("a", "new");
    put("b", "old");
    must(::link("b", "c"), "link");
    must(::rename("a", "b"), "rename");
    return Said{bytes_in("b"), bytes_in("c"), look_at("c").st_nlink};
  });
  check("rename/exchange swaps bytes and inodes", [] {
    put("a", "one");
    put("b", "two");
    const ino_t a = look_at("a").st_ino;
    must(::renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE), "renameat2");
    return Said{bytes_in("a"), bytes_in("b"), yes(look_at("b").st_ino == a)};
  });
  check("rename/exchange between folders", [] {
    make_folder("d");
    make_folder("e");
    put("d/a", "one");
    put("e/b", "two");
    must(::renameat2(AT_FDCWD, "d/a", AT_FDCWD, "e/b", RENAME_EXCHANGE), "renameat2");
    return Said{bytes_in("d/a"), bytes_in("e/b"), list_of("d"), list_of("e")};
  });
  check("rename/symlink stays what it is", [] {
    must(::symlink("nowhere", "s"), "symlink");
    must(::rename("s", "t"), "rename");
    std::array<char, 16> target{};
    must(::readlink("t", target.data(), target.size()), "readlink");
    return Said{kind_of("s"), target.data()};
  });
  check("rename/case only", [] {
    put("Name", "x");
    must(::rename("Name", "name"), "rename");
    return list_of(".");
  });
  check("rename/there and back", [] {
    put("a", "x");
    const ino_t before = look_at("a").st_ino;
    must(::rename("a", "b"), "rename");
    must(::rename("b", "a"), "rename");
    return Said{list_of("."), look_at("a").st_ino == before ? "same" : "another"};
  });
}

void check_times_moved() {
  check("rename/moves the times of both folders", [] {
    make_folder("d");
    make_folder("e");
    put("d/a", "x");
    std::string of_source;
    const std::string of_target = moved_by(
        "e", [&] { of_source = moved_by("d", [] { must(::rename("d/a", "e/a"), "rename"); }); });
    return Said{of_source, of_target};
  });
  check("rename/moves the time of change of the file", [] {
    put("a", "x");
    put("twin", "");
    must(::link("a", "seen"), "link");
    return moved_by("seen", [] { must(::rename("a", "b"), "rename"); });
  });
  check("rename/over moves the time of change of the file that loses a name", [] {
    put("a", "new");
    put("b", "old");
    must(::link("b", "seen"), "link");
    return moved_by("seen", [] { must(::rename("a", "b"), "rename"); });
  });
  check("rename/that fails moves nothing", [] {
    make_folder("d");
    put("d/a", "x");
    make_folder("d/b");
    return moved_by("d", [] { static_cast<void>(::rename("d/a", "d/b")); });
  });
}

void check_open_files() {
  check("rename/an open file goes on under its new name", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::write(fd.get(), "hello", 5), "write");
    must(::rename("a", "b"), "rename");
    must(::write(fd.get(), " world", 6), "write");
    return Said{bytes_in("b"), kind_of("a"), look_at(fd.get()).st_nlink};
  });
  check("rename/over an open file leaves its bytes to its readers", [] {
    put("b", "old");
    const Fd reader = opened("b", O_RDONLY);
    put("a", "new");
    must(::rename("a", "b"), "rename");
    return Said{bytes_in("b"), digest_of(reader.get()), look_at(reader.get()).st_nlink};
  });
  check("rename/over a file open for writing leaves the new one alone", [] {
    put("b", "old");
    const Fd writer = opened("b", O_RDWR);
    put("a", "new");
    must(::rename("a", "b"), "rename");
    must(::pwrite(writer.get(), "lost", 4, 0), "pwrite");
    return Said{bytes_in("b"), digest_of(writer.get())};
  });
  check("rename/both open", [] {
    const Fd a = opened("a", O_CREAT | O_RDWR);
    const Fd b = opened("b", O_CREAT | O_RDWR);
    must(::write(a.get(), "A", 1), "write");
    must(::write(b.get(), "B", 1), "write");
    must(::rename("a", "b"), "rename");
    must(::write(a.get(), "a", 1), "write");
    must(::write(b.get(), "b", 1), "write");
    return Said{bytes_in("b"), digest_of(b.get()), look_at(a.get()).st_nlink,
                look_at(b.get()).st_nlink};
  });
  check("rename/exchange, both open", [] {
    const Fd a = opened("a", O_CREAT | O_RDWR);
    const Fd b = opened("b", O_CREAT | O_RDWR);
    must(::renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE), "renameat2");
    must(::write(a.get(), "A", 1), "write");
    must(::write(b.get(), "B", 1), "write");
    return Said{bytes_in("a"), bytes_in("b")};
  });
  check("rename/replaced, then written by name", [] {
    put("b", "old");
    for (unsigned i = 0; i < 20; ++i) {
      put("a", pattern(100, i));
      must(::rename("a", "b"), "rename");
    }
    return Said{digest_of("b"), list_of(".")};
  });
}

void check_errors() {
  check("rename/into a missing folder", [] {
    put("a", "x");
    return result(::rename("a", "no/a"));
  });
  check("rename/below a file", [] {
    put("a", "x");
    put("f", "x");
    return Said{result(::rename("a", "f/a")), result(::rename("f/a", "b"))};
  });
  check("rename/file with trailing slashes", [] {
    put("a", "x");
    return Said{result(::rename("a/", "b")), result(::rename("a", "b/")), list_of(".")};
  });
  check("rename/dot and dot-dot", [] {
    make_folder("d");
    return Said{result(::rename("d/.", "e")), result(::rename("d/..", "e")),
                result(::rename("d", ".")), result(::rename("d", ".."))};
  });
  check("rename/empty names", [] {
    put("a", "x");
    return Said{result(::rename("", "b")), result(::rename("a", ""))};
  });
  check("rename/both flags", [] {
    put("a", "x");
    put("b", "x");
    return result(::renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE | RENAME_NOREPLACE));
  });
  check("rename/unknown flag", [] {
    put("a", "x");
    return result(::renameat2(AT_FDCWD, "a", AT_FDCWD, "b", 1U << 10U));
  });
  check("rename/whiteout", [] {
    put("a", "x");
    return result(::renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_WHITEOUT));
  });
}

}  // namespace

void check_renames() {
  check_pairs();
  check_content();
  check_times_moved();
  check_open_files();
  check_errors();
}

}  // namespace lensfs::posix
