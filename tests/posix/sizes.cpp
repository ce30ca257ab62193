// truncate and ftruncate; large and sparse sizes.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

enum class Way { path, descriptor };

long set_size(Way way, off_t size) {
  if (way == Way::path) return ::truncate("a", size);
  const Fd fd = opened("a", O_RDWR);
  return ::ftruncate(fd.get(), size);
}

void check_lengths() {
  for (const auto& [word, way] :
       {std::pair("truncate", Way::path), std::pair("ftruncate", Way::descriptor)}) {
    for (const off_t from : {0L, 5L, 4096L, 10000L}) {
      for (const off_t to : {0L, 1L, 4095L, 4096L, 4097L, 10000L, 100000L}) {
        check(std::string(word) + "/" + Said{from, "to", to}, [way = way, from, to] {
          put("a", pattern(static_cast<std::size_t>(from)));
          const std::string outcome = result(set_size(way, to));
          return Said{outcome, look_at("a").st_size, digest_of("a")};
        });
      }
    }
    check(std::string(word) + "/moves times", [way = way] {
      put("a", "hello");
      return moved_by("a", [=] { must(set_size(way, 2), "truncate"); });
    });
    check(std::string(word) + "/to the same size moves times", [way = way] {
      put("a", "hello");
      return moved_by("a", [=] { must(set_size(way, 5), "truncate"); });
    });
    check(std::string(word) + "/negative", [way = way] {
      put("a", "hello");
      return Said{result(set_size(way, -1)), look_at("a").st_size};
    });
    check(std::string(word) + "/down and up again is zeros", [way = way] {
      put("a", pattern(9000));
      must(set_size(way, 100), "truncate");
      must(set_size(way, 9000), "truncate");
      return digest_of("a");
    });
  }
}

void check_errors() {
  check("truncate/missing", [] { return result(::truncate("a", 0)); });
  check("truncate/folder", [] {
    make_folder("d");
    return result(::truncate("d", 0));
  });
  check("truncate/through a symlink", [] {
    put("a", "hello");
    must(::symlink("a", "s"), "symlink");
    return Said{result(::truncate("s", 2)), bytes_in("a")};
  });
  check("truncate/fifo", [] {
    must(::mkfifo("f", 0644), "mkfifo");
    return result(::truncate("f", 0));
  });
  check("truncate/without the right to write", [] {
    put("a", "hello", 0444);
    return as_user(kAnna, [] { return result(::truncate("a", 0)); });
  });
  check("truncate/with the right to write", [] {
    put("a", "hello");
    must(::chmod("a", 0666), "chmod");
    return Said{as_user(kAnna, [] { return result(::truncate("a", 1)); }), bytes_in("a")};
  });
  check("ftruncate/read-only descriptor", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_RDONLY);
    return Said{result(::ftruncate(fd.get(), 0)), bytes_in("a")};
  });
  check("ftruncate/folder's descriptor", [] {
    const Fd fd = opened(".", O_RDONLY);
    return result(::ftruncate(fd.get(), 0));
  });
  check("ftruncate/path-only descriptor", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_PATH);
    return result(::ftruncate(fd.get(), 0));
  });
  check("ftruncate/write descriptor of a file made read only since", [] {
    put("a", "hello");
    must(::chown("a", kAnna.uid, kAnna.gid), "chown");
    return as_user(kAnna, [] {
      const Fd fd = opened("a", O_WRONLY);
      must(::chmod("a", 0400), "chmod");
      return Said{result(::ftruncate(fd.get(), 1)), result(::truncate("a", 0)), bytes_in("a")};
    });
  });
  check("truncate/beyond the limit of file size", [] {
    return in_child([] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{.rlim_cur = 4096, .rlim_max = 4096};
      must(::setrlimit(RLIMIT_FSIZE, &limit), "setrlimit");
      put("a", "x");
      return Said{result(::truncate("a", 5000)), look_at("a").st_size};
    });
  });
}

void check_others() {
  check("truncate/seen by open descriptors", [] {
    put("a", pattern(5000));
    const Fd reader = opened("a", O_RDONLY);
    const std::string before = digest_of(reader.get());
    must(::truncate("a", 100), "truncate");
    char byte = 0;
    return Said{yes(before != digest_of(reader.get())), look_at(reader.get()).st_size,
                ::pread(reader.get(), &byte, 1, 100)};
  });
  check("truncate/keeps inode, mode and links", [] {
    put("a", "hello", 0640);
    must(::link("a", "b"), "link");
    const ino_t before = look_at("a").st_ino;
    must(::truncate("a", 0), "truncate");
    const struct stat at = look_at("b");
    return Said{at.st_ino == before ? "same" : "another", octal(at.st_mode), at.st_nlink,
                at.st_size};
  });
  check("ftruncate/offset stays", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::write(fd.get(), "hello", 5), "write");
    must(::ftruncate(fd.get(), 0), "ftruncate");
    must(::write(fd.get(), "x", 1), "write");
    return digest_of("a");
  });
  check("ftruncate/unlinked", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::write(fd.get(), "hello", 5), "write");
    must(::unlink("a"), "unlink");
    return Said{result(::ftruncate(fd.get(), 2)), digest_of(fd.get())};
  });
}

void check_large() {
  for (const int shift : {31, 32, 33, 40}) {
    check(Said{"sparse/one byte beyond 2 to the", shift}, [shift] {
      const off_t far = off_t{1} << shift;
      const Fd fd = opened("a", O_CREAT | O_RDWR);
      must(::pwrite(fd.get(), "end", 3, far), "pwrite");
      std::array<char, 6> around{};
      const long got = ::pread(fd.get(), around.data(), around.size(), far - 3);
      const struct stat at = look_at("a");
      return Said{at.st_size, got, std::string_view(around.data() + 3, 3), around[0] == 0,
                  yes(at.st_blocks < 1000)};
    });
    check(Said{"sparse/truncate to 2 to the", shift}, [shift] {
      put("a", "x");
      const std::string outcome = result(::truncate("a", off_t{1} << shift));
      return Said{outcome, look_at("a").st_size, yes(look_at("a").st_blocks < 1000)};
    });
  }
  check("sparse/too large", [] {
    put("a", "x");
    return Said{yes(::truncate("a", off_t{1} << 62) < 0), look_at("a").st_size};
  });
  check("sparse/closed and opened again", [] {
    put("a", "start");
    must(::truncate("a", 1L << 30), "truncate");
    const Fd writer = opened("a", O_WRONLY);
    must(::pwrite(writer.get(), "middle", 6, 1L << 29), "pwrite");
    const Fd fd = opened("a", O_RDONLY);
    std::array<char, 6> middle{};
    must(::pread(fd.get(), middle.data(), middle.size(), 1L << 29), "pread");
    return Said{std::string_view(middle.data(), 6), look_at("a").st_size,
                yes(look_at("a").st_blocks < 1000)};
  });
}

}  // namespace

void check_sizes() {
  check_lengths();
  check_errors();
  check_others();
  check_large();
}

}  // namespace lensfs::posix
