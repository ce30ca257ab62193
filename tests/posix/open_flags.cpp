// What the flags of open ask for: O_APPEND, O_DIRECT, O_DIRECTORY, O_NOFOLLOW, O_PATH, access
// modes.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

std::string open_result(const char* name, int flags, mode_t mode = 0644) {
  const Fd fd(::open(name, flags | O_CLOEXEC, mode));
  return result(fd.get());
}

void check_access_modes() {
  for (const auto& [word, flags] : {std::pair("read only", O_RDONLY),
                                    std::pair("write only", O_WRONLY), std::pair("both", O_RDWR)}) {
    check(Said{"open/file", word}, [flags = flags] {
      put("a", "hello");
      const Fd fd = opened("a", flags);
      std::array<char, 8> bytes{};
      const std::string reads = result(::read(fd.get(), bytes.data(), bytes.size()));
      return Said{"read", reads, "write", result(::pwrite(fd.get(), "x", 1, 0)), bytes_in("a")};
    });
    check(Said{"open/folder", word}, [flags = flags] {
      make_folder("d");
      return open_result("d", flags);
    });
  }
  check("open/missing", [] { return open_result("a", O_RDONLY); });
  check("open/file with trailing slash", [] {
    put("a", "");
    return open_result("a/", O_RDONLY);
  });
  check("open/read a folder's descriptor", [] {
    make_folder("d");
    const Fd fd = opened("d", O_RDONLY);
    char byte = 0;
    return result(::read(fd.get(), &byte, 1));
  });
  check("open/sync flags", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR | O_SYNC);
    const Fd other = opened("b", O_CREAT | O_RDWR | O_DSYNC);
    return Said{::write(fd.get(), "abc", 3), ::write(other.get(), "abc", 3), bytes_in("b")};
  });
}

void check_kinds_wanted() {
  check("open/directory flag on a folder", [] {
    make_folder("d");
    return open_result("d", O_RDONLY | O_DIRECTORY);
  });
  check("open/directory flag on a file", [] {
    put("a", "");
    return open_result("a", O_RDONLY | O_DIRECTORY);
  });
  check("open/directory flag through a symlink", [] {
    make_folder("d");
    must(::symlink("d", "s"), "symlink");
    return Said{open_result("s", O_RDONLY | O_DIRECTORY),
                open_result("s", O_RDONLY | O_DIRECTORY | O_NOFOLLOW)};
  });
  check("open/nofollow on a file", [] {
    put("a", "");
    return open_result("a", O_RDONLY | O_NOFOLLOW);
  });
  check("open/nofollow on a symlink", [] {
    put("a", "");
    must(::symlink("a", "s"), "symlink");
    return open_result("s", O_RDONLY | O_NOFOLLOW);
  });
  check("open/nofollow leaves folders on the way", [] {
    make_folder("d");
    put("d/a", "x");
    must(::symlink("d", "s"), "symlink");
    return open_result("s/a", O_RDONLY | O_NOFOLLOW);
  });
}

void check_path_only() {
  check("open/path only of a file", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_PATH);
    char byte = 0;
    const std::string reads = result(::read(fd.get(), &byte, 1));
    return Said{look_at(fd.get()).st_size, "read", reads, "fchmod",
                result(::fchmod(fd.get(), 0600))};
  });
  check("open/path only of a symlink", [] {
    must(::symlink("nowhere", "s"), "symlink");
    const Fd fd = opened("s", O_PATH | O_NOFOLLOW);
    std::array<char, 16> target{};
    const ssize_t length = ::readlinkat(fd.get(), "", target.data(), target.size());
    return Said{S_ISLNK(look_at(fd.get()).st_mode), length, target.data()};
  });
  check("open/path only of a folder serves as base", [] {
    make_folder("d");
    put("d/a", "x");
    const Fd base = opened("d", O_PATH | O_DIRECTORY);
    const Fd fd(::openat(base.get(), "a", O_RDONLY | O_CLOEXEC));
    return Said{result(fd.get()), result(::mkdirat(base.get(), "e", 0755)), list_of("d")};
  });
  check("open/path only reopened through proc", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_PATH);
    const std::string at = "/proc/self/fd/" + std::to_string(fd.get());
    const Fd again = opened(at, O_RDWR);
    must(::pwrite(again.get(), "J", 1, 0), "pwrite");
    return bytes_in("a");
  });
}

void check_append() {
  check("append/writes at the end", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_WRONLY | O_APPEND);
    must(::lseek(fd.get(), 0, SEEK_SET), "lseek");
    must(::write(fd.get(), " you", 4), "write");
    return Said{bytes_in("a"), ::lseek(fd.get(), 0, SEEK_CUR)};
  });
  check("append/pwrite appends too, on Linux", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_WRONLY | O_APPEND);
    must(::pwrite(fd.get(), "X", 1, 0), "pwrite");
    return bytes_in("a");
  });
  check("append/two descriptors", [] {
    const Fd first = opened("a", O_CREAT | O_WRONLY | O_APPEND);
    const Fd second = opened("a", O_WRONLY | O_APPEND);
    for (const char* word : {"a", "bb", "ccc"}) {
      must(::write(first.get(), word, std::strlen(word)), "write");
      must(::write(second.get(), "-", 1), "write");
    }
    return bytes_in("a");
  });
  check("append/after truncation by another", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_WRONLY | O_APPEND);
    must(::truncate("a", 2), "truncate");
    must(::write(fd.get(), "y", 1), "write");
    return bytes_in("a");
  });
  check("append/switched on and off by fcntl", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_WRONLY);
    must(::fcntl(fd.get(), F_SETFL, O_APPEND), "fcntl");
    must(::write(fd.get(), "1", 1), "write");
    must(::fcntl(fd.get(), F_SETFL, 0), "fcntl");
    must(::pwrite(fd.get(), "2", 1, 0), "pwrite");
    return bytes_in("a");
  });
  check("append/by several processes loses nothing", [] {
    put("a", "");
    const std::string outcome = in_child([] {
      const Fd fd = opened("a", O_WRONLY | O_APPEND);
      for (int i = 0; i < 500; ++i) must(::write(fd.get(), "0123456789", 10), "write");
      return std::string("wrote");
    });
    const Fd fd = opened("a", O_WRONLY | O_APPEND);
    for (int i = 0; i < 500; ++i) must(::write(fd.get(), "0123456789", 10), "write");
    return Said{outcome, look_at("a").st_size, digest_of("a")};
  });
}

using Buffer = std::unique_ptr<void, decltype(&std::free)>;
Buffer aligned(std::size_t size) {
  return {std::aligned_alloc(4096, size), &std::free};
}

void check_direct() {
  check("direct/write and read back", [] {
    const Buffer buffer = aligned(16384);
    const std::string bytes = pattern(16384);
    std::memcpy(buffer.get(), bytes.data(), bytes.size());
    const Fd fd = opened("a", O_CREAT | O_RDWR | O_DIRECT);
    const long wrote = ::write(fd.get(), buffer.get(), 16384);
    std::memset(buffer.get(), 0, 16384);
    const long got = ::pread(fd.get(), buffer.get(), 16384, 0);
    return Said{wrote, got, yes(std::memcmp(buffer.get(), bytes.data(), 16384) == 0),
                digest_of("a")};
  });
  check("direct/read at the end of an odd size", [] {
    put("a", pattern(5000));
    const Buffer buffer = aligned(8192);
    const Fd fd = opened("a", O_RDONLY | O_DIRECT);
    return Said{::pread(fd.get(), buffer.get(), 8192, 0),
                ::pread(fd.get(), buffer.get(), 4096, 8192)};
  });
  check("direct/sees what was written through the cache", [] {
    put("a", pattern(4096, 1));
    const Fd cached = opened("a", O_RDWR);
    const std::string bytes = pattern(4096, 2);
    must(::pwrite(cached.get(), bytes.data(), bytes.size(), 0), "pwrite");
    const Buffer buffer = aligned(4096);
    const Fd fd = opened("a", O_RDONLY | O_DIRECT);
    must(::pread(fd.get(), buffer.get(), 4096, 0), "pread");
    return yes(std::memcmp(buffer.get(), bytes.data(), 4096) == 0);
  });
  check("direct/is seen through the cache", [] {
    put("a", pattern(4096, 1));
    const std::string before = digest_of("a");
    const Buffer buffer = aligned(4096);
    std::memset(buffer.get(), 'z', 4096);
    const Fd fd = opened("a", O_WRONLY | O_DIRECT);
    must(::pwrite(fd.get(), buffer.get(), 4096, 4096), "pwrite");
    return Said{yes(before != digest_of("a")), look_at("a").st_size, digest_of("a")};
  });
  check("direct/switched on by fcntl", [] {
    put("a", pattern(4096));
    const Fd fd = opened("a", O_RDWR);
    return result(::fcntl(fd.get(), F_SETFL, O_DIRECT));
  });
}

void check_many() {
  check("open/a thousand files at once", [] {
    rlimit limit{};
    must(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    must(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
    std::vector<Fd> files;
    for (int i = 0; i < 1000; ++i) {
      files.push_back(opened("f" + std::to_string(i), O_CREAT | O_RDWR));
      must(::write(files.back().get(), &i, sizeof i), "write");
    }
    int right = 0;
    for (int i = 0; i < 1000; ++i) {
      int got = -1;
      must(::pread(files[static_cast<std::size_t>(i)].get(), &got, sizeof got, 0), "pread");
      right += got == i ? 1 : 0;
    }
    return Said{right, names_in(".").size()};
  });
  check("open/one file a thousand times", [] {
    put("a", "hello");
    std::vector<Fd> files;
    for (int i = 0; i < 1000; ++i) files.push_back(opened("a", i % 2 == 0 ? O_RDONLY : O_RDWR));
    must(::pwrite(files.back().get(), "J", 1, 0), "pwrite");
    return Said{digest_of(files.front().get()) == digest_of("a"), bytes_in("a")};
  });
}

}  // namespace

void check_open_flags() {
  check_access_modes();
  check_kinds_wanted();
  check_path_only();
  check_append();
  check_direct();
  check_many();
}

}  // namespace lensfs::posix
