// write, pwrite, writev, fsync, and what of it others see at once.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

void check_offsets() {
  for (const std::size_t size :
       {0U, 1U, 4095U, 4096U, 4097U, 131071U, 131072U, 131073U, 1048577U}) {
    check(Said{"write/bytes", size}, [size] {
      put("a", pattern(size));
      return Said{digest_of("a"), look_at("a").st_size, yes(look_at("a").st_blocks >= 0)};
    });
    check(Said{"rewrite/bytes", size}, [size] {
      put("a", pattern(2000, 9));
      const Fd fd = opened("a", O_WRONLY);
      const std::string bytes = pattern(size);
      must(::pwrite(fd.get(), bytes.data(), bytes.size(), 0), "pwrite");
      return digest_of("a");
    });
  }
  for (const off_t from : {0L, 1L, 4096L, 5000L, 70000L, 1L << 33}) {
    check(Said{"pwrite/at", from}, [from] {
      put("a", pattern(6000));
      const Fd fd = opened("a", O_WRONLY);
      const long wrote = ::pwrite(fd.get(), "hello", 5, from);
      std::array<char, 5> back{};
      const Fd other = opened("a", O_RDONLY);
      must(::pread(other.get(), back.data(), back.size(), from), "pread");
      return Said{wrote, look_at("a").st_size, std::string_view(back.data(), 5),
                  ::lseek(fd.get(), 0, SEEK_CUR)};
    });
  }
  check("pwrite/negative offset", [] {
    const Fd fd = opened("a", O_CREAT | O_WRONLY);
    return result(::pwrite(fd.get(), "x", 1, -1));
  });
  check("write/gap reads as zeros", [] {
    const Fd fd = opened("a", O_CREAT | O_WRONLY);
    must(::pwrite(fd.get(), "x", 1, 10000), "pwrite");
    return digest_of("a");
  });
  check("write/beyond the limit of file size", [] {
    return in_child([] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{.rlim_cur = 4096, .rlim_max = 4096};
      must(::setrlimit(RLIMIT_FSIZE, &limit), "setrlimit");
      const Fd fd = opened("a", O_CREAT | O_WRONLY);
      const std::string bytes = pattern(5000);
      const long first = ::write(fd.get(), bytes.data(), bytes.size());
      return Said{first, result(::write(fd.get(), bytes.data(), 1)), look_at("a").st_size};
    });
  });
  check("writev/pieces", [] {
    std::string one = "one";
    std::string two = pattern(5000);
    const std::array<iovec, 3> pieces{iovec{one.data(), 3}, iovec{two.data(), 5000},
                                      iovec{one.data(), 0}};
    const Fd fd = opened("a", O_CREAT | O_WRONLY);
    return Said{::writev(fd.get(), pieces.data(), 3), digest_of("a")};
  });
}

void check_visibility() {
  check("write/seen by another descriptor at once", [] {
    put("a", "hello");
    const Fd reader = opened("a", O_RDONLY);
    const std::string before = digest_of(reader.get());
    const Fd writer = opened("a", O_WRONLY);
    must(::pwrite(writer.get(), "HELLO, you", 10, 0), "pwrite");
    return Said{yes(before != digest_of(reader.get())), look_at("a").st_size, bytes_in("a")};
  });
  check("write/seen by another process at once", [] {
    put("a", "hello");
    const Fd writer = opened("a", O_WRONLY);
    must(::pwrite(writer.get(), "J", 1, 0), "pwrite");
    return in_child([] { return bytes_in("a"); });
  });
  check("write/seen through a hard link", [] {
    put("a", "hello");
    must(::link("a", "b"), "link");
    const Fd writer = opened("a", O_WRONLY);
    must(::pwrite(writer.get(), "hello world", 11, 0), "pwrite");
    return Said{bytes_in("b"), look_at("b").st_size};
  });
  check("write/many rewrites", [] {
    for (unsigned i = 0; i < 50; ++i) put("a", pattern(1000 + i * 37, i));
    return digest_of("a");
  });
  check("write/a descriptor opened before goes on after close of the writer", [] {
    put("a", "first");
    const Fd reader = opened("a", O_RDONLY);
    put("a", "second one");
    put("a", "third");
    return Said{digest_of(reader.get()) == digest_of("a"), look_at(reader.get()).st_size};
  });
  check("write/two writers, disjoint pages", [] {
    const Fd one = opened("a", O_CREAT | O_RDWR);
    const Fd two = opened("a", O_RDWR);
    const std::string bytes = pattern(4096);
    for (int page = 0; page < 32; ++page) {
      const Fd& fd = page % 2 == 0 ? one : two;
      must(::pwrite(fd.get(), bytes.data(), 4096, page * 4096L), "pwrite");
    }
    return Said{digest_of("a"), digest_of(one.get()) == digest_of(two.get())};
  });
  check("write/inode stays", [] {
    put("a", "x");
    const ino_t before = look_at("a").st_ino;
    put("a", "other");
    const Fd fd = opened("a", O_WRONLY | O_APPEND);
    must(::write(fd.get(), "x", 1), "write");
    return look_at("a").st_ino == before ? "same" : "another";
  });
}

void check_sync() {
  check("fsync/file", [] {
    const Fd fd = opened("a", O_CREAT | O_WRONLY);
    must(::write(fd.get(), "hello", 5), "write");
    return Said{result(::fsync(fd.get())), result(::fdatasync(fd.get())), bytes_in("a")};
  });
  check("fsync/read-only descriptor", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDONLY);
    return Said{result(::fsync(fd.get())), result(::fdatasync(fd.get()))};
  });
  check("fsync/folder", [] {
    make_folder("d");
    put("d/a", "x");
    const Fd fd = opened("d", O_RDONLY | O_DIRECTORY);
    return Said{result(::fsync(fd.get())), result(::fdatasync(fd.get()))};
  });
  check("fsync/unlinked file", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::write(fd.get(), "hello", 5), "write");
    must(::unlink("a"), "unlink");
    return Said{result(::fsync(fd.get())), digest_of(fd.get())};
  });
  check("fsync/leaves the times", [] {
    put("a", "x");
    return moved_by("a", [] {
      const Fd fd = opened("a", O_WRONLY);
      must(::fsync(fd.get()), "fsync");
    });
  });
  check("fsync/many in turn with writes", [] {
    const Fd fd = opened("a", O_CREAT | O_WRONLY);
    for (int i = 0; i < 20; ++i) {
      must(::write(fd.get(), "0123456789", 10), "write");
      must(::fsync(fd.get()), "fsync");
    }
    return digest_of("a");
  });
  check("syncfs", [] {
    const Fd fd = opened(".", O_RDONLY | O_DIRECTORY);
    return result(::syncfs(fd.get()));
  });
  check("sync_file_range", [] {
    const Fd fd = opened("a", O_CREAT | O_RDWR);
    must(::write(fd.get(), "hello", 5), "write");
    return result(::sync_file_range(fd.get(), 0, 5, SYNC_FILE_RANGE_WRITE));
  });
}

void check_closed() {
  check("close/result after write", [] {
    Fd fd = opened("a", O_CREAT | O_WRONLY);
    must(::write(fd.get(), "x", 1), "write");
    return result(::close(fd.release()));
  });
  check("dup/shares the offset", [] {
    const Fd fd = opened("a", O_CREAT | O_WRONLY);
    const Fd copy(::dup(fd.get()));
    must(::write(fd.get(), "one", 3), "write");
    must(::write(copy.get(), "two", 3), "write");
    return bytes_in("a");
  });
  check("fork/shares the offset", [] {
    const Fd fd = opened("a", O_CREAT | O_WRONLY);
    must(::write(fd.get(), "one", 3), "write");
    const std::string outcome = in_child([&] { return result(::write(fd.get(), "two", 3)); });
    must(::write(fd.get(), "three", 5), "write");
    return Said{outcome, bytes_in("a")};
  });
}

}  // namespace

void check_writes() {
  check_offsets();
  check_visibility();
  check_sync();
  check_closed();
}

}  // namespace lensfs::posix
