// Room in files: fallocate in all its modes, holes and how they are found.
#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

#include <array>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

constexpr off_t kPage = 4096;

struct Mode {
  const char* name;
  int flags;
};

constexpr std::array kModes = {
    Mode{"allocate", 0},
    Mode{"keep-size", FALLOC_FL_KEEP_SIZE},
    Mode{"punch", FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE},
    Mode{"zero", FALLOC_FL_ZERO_RANGE},
    Mode{"zero-keep-size", FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE},
    Mode{"collapse", FALLOC_FL_COLLAPSE_RANGE},
    Mode{"insert", FALLOC_FL_INSERT_RANGE},
};

struct Range {
  const char* name;
  off_t from, length;
};

constexpr std::array kRanges = {
    Range{"inside", kPage, kPage},
    Range{"unaligned", 100, 5000},
    Range{"over the end", 3 * kPage, 5 * kPage},
    Range{"beyond the end", 10 * kPage, kPage},
};

void check_modes_and_ranges() {
  for (const Mode& mode : kModes) {
    for (const Range& range : kRanges) {
      check(Said{"fallocate/" + std::string(mode.name), range.name}, [=] {
        put("a", pattern(4 * kPage));
        const Fd fd = opened("a", O_RDWR);
        const std::string outcome =
            result(::fallocate(fd.get(), mode.flags, range.from, range.length));
        return Said{outcome, look_at("a").st_size, digest_of("a")};
      });
    }
    check(Said{"fallocate/" + std::string(mode.name), "read-only descriptor"}, [=] {
      put("a", pattern(4 * kPage));
      const Fd fd = opened("a", O_RDONLY);
      return result(::fallocate(fd.get(), mode.flags, 0, kPage));
    });
    check(Said{"fallocate/" + std::string(mode.name), "moves times"}, [=] {
      put("a", pattern(4 * kPage));
      const Fd fd = opened("a", O_RDWR);
      std::string outcome;
      const std::string moved =
          moved_by("a", [&] { outcome = result(::fallocate(fd.get(), mode.flags, kPage, kPage)); });
      return outcome == "ok" ? moved : outcome;
    });
  }
}

void check_errors() {
  check("fallocate/empty range", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    return result(::fallocate(fd.get(), 0, 0, 0));
  });
  check("fallocate/negative offset", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    return result(::fallocate(fd.get(), 0, -1, 10));
  });
  check("fallocate/folder", [] {
    const Fd fd = opened(".", O_RDONLY);
    return result(::fallocate(fd.get(), 0, 0, 10));
  });
  check("fallocate/punch without keep-size", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    return result(::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE, 0, kPage));
  });
  check("posix_fallocate/grow", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_RDWR);
    return Said{::posix_fallocate(fd.get(), 0, 10000), look_at("a").st_size, digest_of("a")};
  });
  check("fallocate/counts as used", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::fallocate(fd.get(), 0, 0, 1 << 20), "fallocate");
    return yes(look_at("a").st_blocks >= (1 << 20) / 512);
  });
  check("fallocate/keep-size counts as used", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::fallocate(fd.get(), FALLOC_FL_KEEP_SIZE, 0, 1 << 20), "fallocate");
    return Said{yes(look_at("a").st_blocks >= (1 << 20) / 512), look_at("a").st_size};
  });
  check("fallocate/punch frees", [] {
    put("a", pattern(1 << 20));
    const Fd fd = opened("a", O_RDWR);
    must(::fsync(fd.get()), "fsync");
    must(::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1 << 20),
         "fallocate");
    return Said{yes(look_at("a").st_blocks < 1000), look_at("a").st_size};
  });
}

// A page of bytes, three pages of hole, a page of bytes, a page of hole.
Fd file_with_holes() {
  Fd fd = opened("a", O_CREAT | O_RDWR);
  const std::string page = pattern(kPage);
  must(::pwrite(fd.get(), page.data(), page.size(), 0), "pwrite");
  must(::pwrite(fd.get(), page.data(), page.size(), 4 * kPage), "pwrite");
  must(::ftruncate(fd.get(), 6 * kPage), "ftruncate");
  return fd;
}

std::string sought(int fd, off_t from, int whence) {
  const off_t found = ::lseek(fd, from, whence);
  return found < 0 ? result(-1) : std::to_string(found);
}

void check_holes() {
  for (const auto& [word, whence] : {std::pair("data", SEEK_DATA), std::pair("hole", SEEK_HOLE)}) {
    for (const off_t from :
         {0L, 100L, kPage, 3 * kPage, 4 * kPage, 5 * kPage, 6 * kPage - 1, 6 * kPage}) {
      check(Said{"seek/" + std::string(word), "from", from}, [=, whence = whence] {
        const Fd fd = file_with_holes();
        must(::fsync(fd.get()), "fsync");
        return sought(fd.get(), from, whence);
      });
    }
    check(Said{"seek/" + std::string(word), "in an empty file"}, [whence = whence] {
      const Fd fd = opened("a", O_CREAT | O_RDWR);
      return sought(fd.get(), 0, whence);
    });
    check(Said{"seek/" + std::string(word), "negative"}, [whence = whence] {
      const Fd fd = file_with_holes();
      return sought(fd.get(), -1, whence);
    });
    check(Said{"seek/" + std::string(word), "after closing and opening again"}, [whence = whence] {
      { const Fd fd = file_with_holes(); }
      const Fd fd = opened("a", O_RDONLY);
      return Said{sought(fd.get(), 0, whence), sought(fd.get(), kPage, whence), digest_of("a")};
    });
  }
}

void check_seeks() {
  check("seek/set, current, end", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_RDONLY);
    return Said{sought(fd.get(), 3, SEEK_SET), sought(fd.get(), 1, SEEK_CUR),
                sought(fd.get(), -2, SEEK_END), sought(fd.get(), 100, SEEK_END),
                sought(fd.get(), -1, SEEK_SET)};
  });
  check("seek/end after growth by another", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_RDONLY);
    const Fd writer = opened("a", O_WRONLY | O_APPEND);
    must(::write(writer.get(), "12345", 5), "write");
    return sought(fd.get(), 0, SEEK_END);
  });
  check("seek/beyond the end does not grow", [] {
    put("a", "hello");
    const Fd fd = opened("a", O_RDWR);
    must(::lseek(fd.get(), 1000, SEEK_SET), "lseek");
    char byte = 0;
    return Said{::read(fd.get(), &byte, 1), look_at("a").st_size};
  });
  check("seek/bad whence", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    return sought(fd.get(), 0, 77);
  });
}

}  // namespace

void check_space() {
  check_modes_and_ranges();
  check_errors();
  check_holes();
  check_seeks();
}

}  // namespace lensfs::posix
