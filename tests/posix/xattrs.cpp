// Extended attributes of users: values of every length, flags, names, who may, what keeps them.
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

std::string value_of(const std::string& file, const std::string& name) {
  std::string value(65536, '\0');
  const ssize_t size = ::getxattr(file.c_str(), name.c_str(), value.data(), value.size());
  if (size < 0) return result(size);
  value.resize(static_cast<std::size_t>(size));
  return value.size() > 20 ? Said{value.size(), "bytes"} : "'" + value + "'";
}

int set(const std::string& file, const std::string& name, std::string_view value, int flags = 0) {
  return ::setxattr(file.c_str(), name.c_str(), value.data(), value.size(), flags);
}

// The names of users' attributes, in byte order.
std::string names_of(const std::string& file) {
  std::string list(65536, '\0');
  const ssize_t size = ::listxattr(file.c_str(), list.data(), list.size());
  if (size < 0) return result(size);
  std::vector<std::string> names;
  for (std::size_t from = 0; from < static_cast<std::size_t>(size);) {
    const std::string name = list.c_str() + from;
    if (name.starts_with("user.")) names.push_back(name);
    from += name.size() + 1;
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text.empty() ? "-" : text;
}

void check_values() {
  for (const std::size_t size : {0U, 1U, 100U, 1000U, 3000U}) {
    check(Said{"xattr/value of", size}, [=] {
      put("a", "x");
      const std::string outcome = result(set("a", "user.k", pattern(size)));
      std::string back(65536, '\0');
      const ssize_t got = ::getxattr("a", "user.k", back.data(), back.size());
      back.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      return Said{outcome, got, yes(back == pattern(size))};
    });
  }
  check("xattr/value too large", [] {
    put("a", "x");
    return Said{result(set("a", "user.k", std::string(65537, 'v'))), value_of("a", "user.k")};
  });
  check("xattr/room of zero tells the size", [] {
    put("a", "x");
    must(set("a", "user.k", "hello"), "setxattr");
    return Said{::getxattr("a", "user.k", nullptr, 0),
                ::listxattr("a", nullptr, 0) >= 7 ? "enough" : "too little"};
  });
  check("xattr/room too small", [] {
    put("a", "x");
    must(set("a", "user.k", "hello"), "setxattr");
    char room[2] = {};
    const std::string of_value = result(::getxattr("a", "user.k", room, sizeof room));
    return Said{of_value, result(::listxattr("a", room, sizeof room))};
  });
  check("xattr/bytes of any value", [] {
    put("a", "x");
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
    must(set("a", "user.k", all), "setxattr");
    std::string back(300, '\0');
    back.resize(static_cast<std::size_t>(::getxattr("a", "user.k", back.data(), back.size())));
    return yes(back == all);
  });
}

void check_flags() {
  check("xattr/create", [] {
    put("a", "x");
    const std::string first = result(set("a", "user.k", "1", XATTR_CREATE));
    return Said{first, result(set("a", "user.k", "2", XATTR_CREATE)), value_of("a", "user.k")};
  });
  check("xattr/replace", [] {
    put("a", "x");
    const std::string first = result(set("a", "user.k", "1", XATTR_REPLACE));
    must(set("a", "user.k", "2"), "setxattr");
    return Said{first, result(set("a", "user.k", "3", XATTR_REPLACE)), value_of("a", "user.k")};
  });
  check("xattr/set again", [] {
    put("a", "x");
    must(set("a", "user.k", "a longer value"), "setxattr");
    must(set("a", "user.k", "short"), "setxattr");
    return value_of("a", "user.k");
  });
  check("xattr/remove", [] {
    put("a", "x");
    must(set("a", "user.k", "1"), "setxattr");
    const std::string first = result(::removexattr("a", "user.k"));
    return Said{first, result(::removexattr("a", "user.k")), value_of("a", "user.k"),
                names_of("a")};
  });
  check("xattr/absent", [] {
    put("a", "x");
    return Said{value_of("a", "user.k"), result(::removexattr("a", "user.k")), names_of("a")};
  });
  check("xattr/unknown flag", [] {
    put("a", "x");
    return result(set("a", "user.k", "1", 0x40));
  });
}

void check_attribute_names() {
  for (const std::size_t length : {6U, 100U, 255U, 256U}) {
    check(Said{"xattr/name of length", length}, [=] {
      put("a", "x");
      const std::string name = "user." + std::string(length - 5, 'n');
      return Said{result(set("a", name, "v")), value_of("a", name)};
    });
  }
  check("xattr/names differ in case", [] {
    put("a", "x");
    must(set("a", "user.Key", "1"), "setxattr");
    must(set("a", "user.key", "2"), "setxattr");
    return Said{value_of("a", "user.Key"), value_of("a", "user.key"), names_of("a")};
  });
  check("xattr/empty name after the prefix", [] {
    put("a", "x");
    return result(set("a", "user.", "1"));
  });
  check("xattr/no prefix", [] {
    put("a", "x");
    return Said{result(set("a", "name", "1")), result(set("a", "", "1"))};
  });
  check("xattr/many", [] {
    put("a", "x");
    for (int i = 0; i < 50; ++i)
      must(set("a", "user.k" + std::to_string(i), std::to_string(i)), "setxattr");
    int right = 0;
    for (int i = 0; i < 50; ++i) {
      right += value_of("a", "user.k" + std::to_string(i)) == "'" + std::to_string(i) + "'" ? 1 : 0;
    }
    return std::to_string(right);
  });
}

void check_kinds() {
  for (const char* kind : {"file", "folder", "symlink", "fifo"}) {
    check("xattr/on a " + std::string(kind), [=] {
      const std::string what = kind;
      if (what == "file") put("a", "x");
      if (what == "folder") make_folder("a");
      if (what == "symlink") must(::symlink("nowhere", "a"), "symlink");
      if (what == "fifo") must(::mkfifo("a", 0644), "mkfifo");
      return Said{"set",    result(::lsetxattr("a", "user.k", "v", 1, 0)),
                  "get",    result(::lgetxattr("a", "user.k", nullptr, 0)),
                  "remove", result(::lremovexattr("a", "user.k"))};
    });
  }
  check("xattr/missing file", [] {
    return Said{result(set("a", "user.k", "v")), value_of("a", "user.k")};
  });
  check("xattr/through a descriptor", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDONLY);
    must(::fsetxattr(fd.get(), "user.k", "v", 1, 0), "fsetxattr");
    return Said{value_of("a", "user.k"), result(::fremovexattr(fd.get(), "user.k")),
                value_of("a", "user.k")};
  });
  check("xattr/of an unlinked file", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::unlink("a"), "unlink");
    char value[4] = {};
    return Said{result(::fsetxattr(fd.get(), "user.k", "v", 1, 0)),
                ::fgetxattr(fd.get(), "user.k", value, 4)};
  });
}

void check_keeping() {
  check("xattr/stays over write, truncate, chmod and rename", [] {
    put("a", "x");
    must(set("a", "user.k", "v"), "setxattr");
    put("a", "other");
    must(::truncate("a", 1), "truncate");
    must(::chmod("a", 0600), "chmod");
    must(::rename("a", "b"), "rename");
    return Said{value_of("b", "user.k"), names_of("b")};
  });
  check("xattr/seen through hard links", [] {
    put("a", "x");
    must(::link("a", "b"), "link");
    must(set("a", "user.k", "v"), "setxattr");
    return value_of("b", "user.k");
  });
  check("xattr/set while open and unsaved", [] {
    const Fd fd = opened("a", O_CREAT | O_WRONLY);
    must(::write(fd.get(), "x", 1), "write");
    must(::fsetxattr(fd.get(), "user.k", "v", 1, 0), "fsetxattr");
    must(::write(fd.get(), "y", 1), "write");
    return Said{value_of("a", "user.k"), bytes_in("a")};
  });
  check("xattr/of the file that replaces another win", [] {
    put("a", "old");
    must(set("a", "user.k", "old"), "setxattr");
    put("b", "new");
    must(set("b", "user.k", "new"), "setxattr");
    must(::rename("b", "a"), "rename");
    return value_of("a", "user.k");
  });
  check("xattr/of a file replaced by one without", [] {
    put("a", "old");
    must(set("a", "user.k", "old"), "setxattr");
    put("b", "new");
    must(::rename("b", "a"), "rename");
    return value_of("a", "user.k");
  });
  check("xattr/of a name removed and made again", [] {
    put("a", "old");
    must(set("a", "user.k", "old"), "setxattr");
    must(::unlink("a"), "unlink");
    put("a", "new");
    return value_of("a", "user.k");
  });
}

void check_rights() {
  for (const mode_t mode : {0600U, 0644U, 0666U, 0622U}) {
    check("xattr/another user, file " + octal(mode), [=] {
      put("a", "x");
      must(set("a", "user.k", "v"), "setxattr");
      must(::chmod("a", mode), "chmod");
      return as_user(kAnna, [] {
        return Said{"get",    value_of("a", "user.k"),
                    "set",    result(set("a", "user.k", "w")),
                    "remove", result(::removexattr("a", "user.k")),
                    "list",   names_of("a")};
      });
    });
  }
  check("xattr/owner of a read-only file", [] {
    put("a", "x", 0444);
    must(::chown("a", kAnna.uid, kAnna.gid), "chown");
    return as_user(kAnna, [] { return result(set("a", "user.k", "v")); });
  });
  check("xattr/sticky folder of another", [] {
    make_folder("d");
    must(::chmod("d", 01777), "chmod");
    return as_user(kAnna, [] { return result(set("d", "user.k", "v")); });
  });
  check("xattr/trusted by a user", [] {
    put("a", "x");
    must(::chmod("a", 0666), "chmod");
    return as_user(kAnna, [] {
      return Said{result(set("a", "trusted.k", "v")), value_of("a", "trusted.k")};
    });
  });
}

}  // namespace

void check_xattrs() {
  check_values();
  check_flags();
  check_attribute_names();
  check_kinds();
  check_keeping();
  check_rights();
}

}  // namespace lensfs::posix
