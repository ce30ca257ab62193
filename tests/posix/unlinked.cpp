// Files without a name that are still open.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

// "a", written, unlinked, open.
Fd unlinked(std::string_view bytes = "hello", int flags = O_RDWR) {
  put("a", bytes);
  Fd fd = opened("a", flags);
  must(::unlink("a"), "unlink");
  return fd;
}

}  // namespace

void check_unlinked() {
  check("unlinked/attributes", [] {
    const Fd fd = unlinked();
    const struct stat at = look_at(fd.get());
    return Said{at.st_nlink, at.st_size, octal(at.st_mode), yes(S_ISREG(at.st_mode))};
  });
  check("unlinked/read", [] { return digest_of(unlinked().get()); });
  check("unlinked/read, opened read only",
        [] { return digest_of(unlinked("hello", O_RDONLY).get()); });
  check("unlinked/write and read", [] {
    const Fd fd = unlinked();
    must(::pwrite(fd.get(), "HELLO, you", 10, 0), "pwrite");
    return Said{digest_of(fd.get()), look_at(fd.get()).st_size};
  });
  check("unlinked/created and never closed", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::unlink("a"), "unlink");
    must(::write(fd.get(), "hello", 5), "write");
    return Said{digest_of(fd.get()), look_at(fd.get()).st_nlink, list_of(".")};
  });
  check("unlinked/truncate and fallocate", [] {
    const Fd fd = unlinked();
    return Said{result(::ftruncate(fd.get(), 2)), result(::fallocate(fd.get(), 0, 0, 5000)),
                digest_of(fd.get())};
  });
  check("unlinked/chmod, chown, times", [] {
    const Fd fd = unlinked();
    const timespec when{.tv_sec = 1'100'000'000, .tv_nsec = 5};
    const std::array<timespec, 2> both{when, when};
    const std::string outcome =
        Said{result(::fchmod(fd.get(), 0600)), result(::fchown(fd.get(), kAnna.uid, kAnna.gid)),
             result(::futimens(fd.get(), both.data()))};
    const struct stat at = look_at(fd.get());
    return Said{outcome, octal(at.st_mode), at.st_uid, at.st_mtim.tv_sec};
  });
  check("unlinked/two descriptors share it", [] {
    put("a", "hello");
    const Fd one = opened("a", O_RDWR);
    const Fd two = opened("a", O_RDONLY);
    must(::unlink("a"), "unlink");
    must(::pwrite(one.get(), "J", 1, 0), "pwrite");
    return Said{yes(digest_of(two.get()) == digest_of(one.get())), digest_of(two.get())};
  });
  check("unlinked/one descriptor closed, the other goes on", [] {
    put("a", "hello");
    Fd one = opened("a", O_RDWR);
    const Fd two = opened("a", O_RDWR);
    must(::unlink("a"), "unlink");
    must(::pwrite(one.get(), "J", 1, 0), "pwrite");
    one.reset();
    must(::pwrite(two.get(), "!", 1, 5), "pwrite");
    return digest_of(two.get());
  });
  check("unlinked/opened again through proc", [] {
    const Fd fd = unlinked();
    const Fd again = opened("/proc/self/fd/" + std::to_string(fd.get()), O_RDWR);
    must(::pwrite(again.get(), "J", 1, 0), "pwrite");
    return digest_of(fd.get());
  });
  check("unlinked/name taken by another", [] {
    const Fd fd = unlinked("old");
    put("a", "new one");
    must(::pwrite(fd.get(), "OLD", 3, 0), "pwrite");
    return Said{bytes_in("a"), digest_of(fd.get()), look_at(fd.get()).st_nlink,
                look_at("a").st_nlink};
  });
  check("unlinked/name taken by a folder", [] {
    const Fd fd = unlinked("old");
    make_folder("a");
    put("a/b", "x");
    return Said{digest_of(fd.get()), list_of("a")};
  });
  check("unlinked/mapped", [] {
    const Fd fd = unlinked(pattern(4096));
    void* const mapped = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    must(mapped == MAP_FAILED ? -1 : 0, "mmap");
    static_cast<char*>(mapped)[10] = 'x';
    const std::string outcome = digest_of(fd.get());
    ::munmap(mapped, 4096);
    return outcome;
  });
  check("unlinked/written by a child after the parent closed", [] {
    Fd fd = unlinked();
    return in_child([&] {
      must(::pwrite(fd.get(), "J", 1, 0), "pwrite");
      return Said{digest_of(fd.get()), look_at(fd.get()).st_nlink};
    });
  });
  check("unlinked/replaced by rename, both stay readable", [] {
    put("a", "old");
    const Fd old = opened("a", O_RDWR);
    put("b", "new");
    const Fd fresh = opened("b", O_RDWR);
    must(::rename("b", "a"), "rename");
    return Said{digest_of(old.get()), digest_of(fresh.get()), look_at(old.get()).st_nlink,
                look_at(fresh.get()).st_nlink};
  });
  check("unlinked/large, read back whole", [] {
    const Fd fd = unlinked(pattern(3'000'000));
    return digest_of(fd.get());
  });
  check("unlinked/moves the time of change", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDWR);
    const struct stat before = look_at(fd.get());
    next_tick();
    must(::unlink("a"), "unlink");
    const struct stat after = look_at(fd.get());
    return yes(after.st_ctim.tv_sec > before.st_ctim.tv_sec ||
               after.st_ctim.tv_nsec > before.st_ctim.tv_nsec);
  });
  check("unlinked/a hundred at once", [] {
    std::vector<Fd> files;
    for (unsigned i = 0; i < 100; ++i) files.push_back(unlinked(pattern(100 + i, i)));
    int right = 0;
    for (unsigned i = 0; i < 100; ++i) {
      right += look_at(files[i].get()).st_size == 100 + i && look_at(files[i].get()).st_nlink == 0
                   ? 1
                   : 0;
    }
    return Said{right, list_of(".")};
  });
}

}  // namespace lensfs::posix
