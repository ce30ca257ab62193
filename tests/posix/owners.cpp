// chown: who may give what to whom, and what it clears.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

constexpr uid_t kKeep = static_cast<uid_t>(-1);
constexpr gid_t kSecond = 30003;  // a group that Anna is in besides her own
const User kAnnaInTwo{.uid = kAnna.uid, .gid = kAnna.gid, .groups = {kAnna.gid, kSecond}};

std::string owners_of(const std::string& name) {
  const struct stat at = look_at(name);
  return Said{at.st_uid, at.st_gid};
}

void make(const std::string& kind, uid_t owner, gid_t group) {
  if (kind == "file") put("a", "x");
  if (kind == "folder") make_folder("a");
  if (kind == "symlink") must(::symlink("nowhere", "a"), "symlink");
  if (kind == "fifo") must(::mkfifo("a", 0644), "mkfifo");
  must(::lchown("a", owner, group), "lchown");
}

void check_by_root() {
  for (const char* kind : {"file", "folder", "symlink", "fifo"}) {
    check("chown/root, both, " + std::string(kind), [=] {
      make(kind, 0, 0);
      return Said{result(::lchown("a", kAnna.uid, kAnna.gid)), owners_of("a")};
    });
    check("chown/root, user only, " + std::string(kind), [=] {
      make(kind, 0, 0);
      return Said{result(::lchown("a", kAnna.uid, kKeep)), owners_of("a")};
    });
    check("chown/root, group only, " + std::string(kind), [=] {
      make(kind, 0, 0);
      return Said{result(::lchown("a", kKeep, kAnna.gid)), owners_of("a")};
    });
    check("chown/moves times, " + std::string(kind), [=] {
      make(kind, 0, 0);
      return moved_by("a", [] { must(::lchown("a", kAnna.uid, kAnna.gid), "lchown"); });
    });
  }
  check("chown/large numbers", [] {
    put("a", "x");
    return Said{result(::chown("a", 4'000'000'000U, 3'999'999'999U)), owners_of("a")};
  });
  check("fchown/read-only descriptor", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDONLY);
    return Said{result(::fchown(fd.get(), kAnna.uid, kAnna.gid)), owners_of("a")};
  });
  check("chown/missing", [] { return result(::chown("a", 1, 1)); });
  check("chown/seen through hard links", [] {
    put("a", "x");
    must(::link("a", "b"), "link");
    must(::chown("a", kAnna.uid, kAnna.gid), "chown");
    return owners_of("b");
  });
  check("chown/stays after writing and renaming", [] {
    put("a", "x");
    must(::chown("a", kAnna.uid, kAnna.gid), "chown");
    put("a", "other");
    must(::rename("a", "b"), "rename");
    return owners_of("b");
  });
}

void check_by_owner() {
  struct Case {
    const char* name;
    uid_t to_user;
    gid_t to_group;
  };
  for (const Case& one :
       {Case{"nothing", kKeep, kKeep}, Case{"same user", kAnna.uid, kKeep},
        Case{"other user", kBert.uid, kKeep}, Case{"own group", kKeep, kAnna.gid},
        Case{"second group", kKeep, kSecond}, Case{"foreign group", kKeep, kBert.gid},
        Case{"user and group", kAnna.uid, kSecond}}) {
    for (const char* kind : {"file", "folder"}) {
      check(Said{"chown/owner of a", kind, "to", one.name}, [=] {
        make(kind, kAnna.uid, kAnna.gid);
        const std::string outcome =
            as_user(kAnnaInTwo, [=] { return result(::chown("a", one.to_user, one.to_group)); });
        return Said{outcome, owners_of("a")};
      });
    }
    check(Said{"chown/not the owner, to", one.name}, [=] {
      make("file", kBert.uid, kSecond);
      const std::string outcome =
          as_user(kAnnaInTwo, [=] { return result(::chown("a", one.to_user, one.to_group)); });
      return Said{outcome, owners_of("a")};
    });
  }
}

void check_bits() {
  for (const mode_t mode : {06755U, 04755U, 02755U, 02745U, 01755U}) {
    check("chown/owner changes the group of " + octal(mode), [=] {
      make("file", kAnna.uid, kAnna.gid);
      must(::chmod("a", mode), "chmod");
      const std::string outcome =
          as_user(kAnnaInTwo, [] { return result(::chown("a", kKeep, kSecond)); });
      return Said{outcome, octal(look_at("a").st_mode)};
    });
    check("chown/of a folder keeps " + octal(mode), [=] {
      make("folder", 0, 0);
      must(::chmod("a", mode), "chmod");
      must(::chown("a", kAnna.uid, kAnna.gid), "chown");
      return octal(look_at("a").st_mode);
    });
  }
}

void check_new_files() {
  check("owner/of what another user makes", [] {
    const std::string outcome = as_user(kAnna, [] {
      put("a", "x");
      make_folder("d");
      must(::symlink("a", "s"), "symlink");
      must(::mkfifo("f", 0644), "mkfifo");
      must(::link("a", "b"), "link");
      return std::string("made");
    });
    return Said{outcome,        owners_of("a"), owners_of("d"),
                owners_of("s"), owners_of("f"), owners_of("b")};
  });
  check("owner/of a nameless file", [] {
    return as_user(kAnna, [] {
      const Fd fd = opened(".", O_TMPFILE | O_RDWR, 0640);
      return Said{look_at(fd.get()).st_uid, look_at(fd.get()).st_gid};
    });
  });
  check("owner/of a file rewritten by another stays", [] {
    put("a", "x");
    must(::chmod("a", 0666), "chmod");
    const std::string outcome = as_user(kAnna, [] {
      const Fd fd = opened("a", O_WRONLY | O_TRUNC);
      must(::write(fd.get(), "other", 5), "write");
      return std::string("wrote");
    });
    return Said{outcome, owners_of("a"), bytes_in("a")};
  });
  check("owner/of a file replaced by rename is the new one's", [] {
    put("a", "x");
    const std::string outcome = as_user(kAnna, [] {
      put("b", "new");
      return result(::rename("b", "a"));
    });
    return Said{outcome, owners_of("a")};
  });
}

}  // namespace

void check_owners() {
  check_by_root();
  check_by_owner();
  check_bits();
  check_new_files();
}

}  // namespace lensfs::posix
