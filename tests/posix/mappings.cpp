// Files in memory: mmap shared and private, msync, and what readers see of it.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

// Mapped: a mapping that ends with its scope.
class Mapped {
 public:
  Mapped(int fd, std::size_t size, int protection, int flags)
      : size_(size), at_(::mmap(nullptr, size, protection, flags, fd, 0)), error_(errno) {}
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() { unmap(); }
  [[nodiscard]] bool is_there() const { return at_ != MAP_FAILED; }
  [[nodiscard]] char* bytes() const {
    errno = error_;
    must(is_there() ? 0 : -1, "mmap");
    return static_cast<char*>(at_);
  }
  [[nodiscard]] int sync(int flags) const { return ::msync(at_, size_, flags); }
  void unmap() {
    if (is_there()) ::munmap(at_, size_);
    at_ = MAP_FAILED;
  }

 private:
  std::size_t size_;
  void* at_;
  int error_;
};

constexpr int kBoth = PROT_READ | PROT_WRITE;

std::string map_result(int open_flags, int protection, int flags) {
  put("a", pattern(8192));
  const Fd fd = opened("a", open_flags);
  errno = 0;
  const Mapped mapped(fd.get(), 8192, protection, flags);
  return mapped.is_there() ? "ok" : result(-1);
}

void check_protections() {
  struct Case {
    const char* name;
    int open_flags, protection, flags;
  };
  for (const Case& one : {Case{"read, shared, read-only file", O_RDONLY, PROT_READ, MAP_SHARED},
                          Case{"write, shared, read-only file", O_RDONLY, kBoth, MAP_SHARED},
                          Case{"write, private, read-only file", O_RDONLY, kBoth, MAP_PRIVATE},
                          Case{"write, shared, both", O_RDWR, kBoth, MAP_SHARED},
                          Case{"write, shared, write-only file", O_WRONLY, PROT_WRITE, MAP_SHARED},
                          Case{"read, private, write-only file", O_WRONLY, PROT_READ, MAP_PRIVATE},
                          Case{"execute, private", O_RDONLY, PROT_READ | PROT_EXEC, MAP_PRIVATE}}) {
    check("mmap/" + std::string(one.name),
          [=] { return map_result(one.open_flags, one.protection, one.flags); });
  }
  check("mmap/folder", [] {
    const Fd fd = opened(".", O_RDONLY);
    errno = 0;
    const Mapped mapped(fd.get(), 4096, PROT_READ, MAP_PRIVATE);
    return mapped.is_there() ? "ok" : result(-1);
  });
}

void check_reads() {
  check("mmap/reads the bytes", [] {
    put("a", pattern(10000));
    const Fd fd = opened("a", O_RDONLY);
    const Mapped mapped(fd.get(), 10000, PROT_READ, MAP_SHARED);
    return yes(std::string_view(mapped.bytes(), 10000) == pattern(10000));
  });
  check("mmap/zeros after the end, in the last page", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_RDONLY);
    const Mapped mapped(fd.get(), 4096, PROT_READ, MAP_SHARED);
    return Said{std::string_view(mapped.bytes(), 5), int{mapped.bytes()[5]},
                int{mapped.bytes()[4095]}};
  });
  check("mmap/beyond the last page is SIGBUS", [] {
    put("a", "hello");
    return in_child([] {
      const Fd fd = opened("a", O_RDONLY);
      const Mapped mapped(fd.get(), 8192, PROT_READ, MAP_SHARED);
      const volatile char byte = mapped.bytes()[4096];
      return std::to_string(byte);
    });
  });
  check("mmap/stays after close and unlink", [] {
    put("a", pattern(5000));
    Fd fd = opened("a", O_RDONLY);
    const Mapped mapped(fd.get(), 5000, PROT_READ, MAP_SHARED);
    fd.reset();
    must(::unlink("a"), "unlink");
    return yes(std::string_view(mapped.bytes(), 5000) == pattern(5000));
  });
  check("mmap/sees what write writes", [] {
    put("a", pattern(4096));
    const Fd fd = opened("a", O_RDWR);
    const Mapped mapped(fd.get(), 4096, PROT_READ, MAP_SHARED);
    const char before = mapped.bytes()[0];
    const char after = static_cast<char>(before + 1);
    must(::pwrite(fd.get(), &after, 1, 0), "pwrite");
    return yes(mapped.bytes()[0] == after);
  });
  check("mmap/sees what another descriptor writes", [] {
    put("a", pattern(4096));
    const Fd reader = opened("a", O_RDONLY);
    const Mapped mapped(reader.get(), 4096, PROT_READ, MAP_SHARED);
    const char after = static_cast<char>(mapped.bytes()[0] + 1);
    const Fd writer = opened("a", O_WRONLY);
    must(::pwrite(writer.get(), &after, 1, 0), "pwrite");
    return yes(mapped.bytes()[0] == after);
  });
}

void check_shared_writes() {
  check("mmap/shared write, synced", [] {
    put("a", pattern(8192));
    const Fd fd = opened("a", O_RDWR);
    const Mapped mapped(fd.get(), 8192, kBoth, MAP_SHARED);
    std::memcpy(mapped.bytes() + 100, "hello", 5);
    return Said{result(mapped.sync(MS_SYNC)), digest_of("a")};
  });
  check("mmap/shared write, read without msync", [] {
    put("a", pattern(8192));
    const Fd fd = opened("a", O_RDWR);
    const Mapped mapped(fd.get(), 8192, kBoth, MAP_SHARED);
    std::memcpy(mapped.bytes() + 5000, "hello", 5);
    return Said{digest_of(fd.get()), digest_of("a")};
  });
  check("mmap/shared write, unmapped, closed", [] {
    put("a", pattern(8192));
    {
      const Fd fd = opened("a", O_RDWR);
      const Mapped mapped(fd.get(), 8192, kBoth, MAP_SHARED);
      std::memcpy(mapped.bytes(), "hello", 5);
    }
    return Said{digest_of("a"), look_at("a").st_size};
  });
  check("mmap/shared write after close", [] {
    put("a", pattern(8192));
    Fd fd = opened("a", O_RDWR);
    Mapped mapped(fd.get(), 8192, kBoth, MAP_SHARED);
    fd.reset();
    std::memcpy(mapped.bytes() + 4090, "hello world", 11);
    mapped.unmap();
    return digest_of("a");
  });
  check("mmap/shared write into a new file", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::ftruncate(fd.get(), 10000), "ftruncate");
    const Mapped mapped(fd.get(), 10000, kBoth, MAP_SHARED);
    const std::string bytes = pattern(10000);
    std::memcpy(mapped.bytes(), bytes.data(), bytes.size());
    must(mapped.sync(MS_SYNC), "msync");
    return digest_of("a");
  });
  check("mmap/shared write seen by another process", [] {
    put("a", pattern(4096));
    const Fd fd = opened("a", O_RDWR);
    const Mapped mapped(fd.get(), 4096, kBoth, MAP_SHARED);
    std::memcpy(mapped.bytes(), "hello", 5);
    return in_child([] { return digest_of("a"); });
  });
  check("mmap/shared write does not grow the file", [] {
    put("a", "hello");
    {
      const Fd fd = opened("a", O_RDWR);
      const Mapped mapped(fd.get(), 4096, kBoth, MAP_SHARED);
      std::memcpy(mapped.bytes() + 3, "LOWER", 5);
    }
    return Said{bytes_in("a"), look_at("a").st_size};
  });
  check("mmap/shared write, synced, moves times", [] {
    put("a", pattern(4096));
    const Fd fd = opened("a", O_RDWR);
    const Mapped mapped(fd.get(), 4096, kBoth, MAP_SHARED);
    return moved_by("a", [&] {
      mapped.bytes()[0] = 'x';
      must(mapped.sync(MS_SYNC), "msync");
    });
  });
  check("mmap/shared write, unmapped and closed, moves times", [] {
    put("a", pattern(4096));
    return moved_by("a", [&] {
      const Fd fd = opened("a", O_RDWR);
      const Mapped mapped(fd.get(), 4096, kBoth, MAP_SHARED);
      mapped.bytes()[0] = 'x';
    });
  });
  check("mmap/grown file is seen", [] {
    put("a", pattern(4096));
    const Fd fd = opened("a", O_RDWR);
    const Mapped mapped(fd.get(), 8192, kBoth, MAP_SHARED);
    must(::ftruncate(fd.get(), 8192), "ftruncate");
    std::memcpy(mapped.bytes() + 8000, "hello", 5);
    return Said{digest_of("a"), look_at("a").st_size};
  });
}

void check_private_writes() {
  check("mmap/private write stays private", [] {
    put("a", pattern(4096));
    const std::string before = digest_of("a");
    const Fd fd = opened("a", O_RDWR);
    const Mapped mapped(fd.get(), 4096, kBoth, MAP_PRIVATE);
    std::memcpy(mapped.bytes(), "hello", 5);
    return Said{std::string_view(mapped.bytes(), 5), yes(before == digest_of("a"))};
  });
  check("mmap/private write moves no times", [] {
    put("a", pattern(4096));
    const Fd fd = opened("a", O_RDWR);
    const Mapped mapped(fd.get(), 4096, kBoth, MAP_PRIVATE);
    return moved_by("a", [&] { mapped.bytes()[0] = 'x'; });
  });
  check("msync/not mapped", [] { return result(::msync(nullptr, 4096, MS_SYNC)); });
}

}  // namespace

void check_mappings() {
  check_protections();
  check_reads();
  check_shared_writes();
  check_private_writes();
}

}  // namespace lensfs::posix
