// Copies that the kernel makes: copy_file_range, sendfile, splice.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

void check_ranges() {
  struct Case {
    const char* name;
    off_t from, to;
    std::size_t length;
  };
  for (const Case& one :
       {Case{"whole", 0, 0, 10000}, Case{"part", 1000, 0, 5000},
        Case{"into the middle", 0, 2000, 3000}, Case{"beyond the end", 0, 20000, 3000},
        Case{"more than there is", 8000, 0, 10000}, Case{"from beyond the end", 20000, 0, 10},
        Case{"nothing", 0, 0, 0}}) {
    check("copy_file_range/" + std::string(one.name), [=] {
      put("a", pattern(10000, 1));
      put("b", pattern(6000, 2));
      const Fd from = opened("a", O_RDONLY);
      const Fd into = opened("b", O_WRONLY);
      off_t source = one.from;
      off_t target = one.to;
      const long copied =
          ::copy_file_range(from.get(), &source, into.get(), &target, one.length, 0);
      return Said{copied < 0 ? result(copied) : std::to_string(copied), source, target,
                  digest_of("b")};
    });
  }
  check("copy_file_range/moves the offsets", [] {
    put("a", pattern(10000));
    const Fd from = opened("a", O_RDONLY);
    const Fd into = opened("b", O_CREAT | O_WRONLY);
    const long first = ::copy_file_range(from.get(), nullptr, into.get(), nullptr, 4000, 0);
    const long second = ::copy_file_range(from.get(), nullptr, into.get(), nullptr, 100000, 0);
    const long third = ::copy_file_range(from.get(), nullptr, into.get(), nullptr, 100000, 0);
    return Said{first, second, third, digest_of("b")};
  });
  check("copy_file_range/within a file", [] {
    put("a", pattern(10000));
    const Fd fd = opened("a", O_RDWR);
    off_t from = 0;
    off_t into = 10000;
    const long copied = ::copy_file_range(fd.get(), &from, fd.get(), &into, 10000, 0);
    return Said{copied, digest_of("a")};
  });
  check("copy_file_range/overlapping", [] {
    put("a", pattern(10000));
    const Fd fd = opened("a", O_RDWR);
    off_t from = 0;
    off_t into = 100;
    return result(::copy_file_range(fd.get(), &from, fd.get(), &into, 5000, 0));
  });
  check("copy_file_range/megabytes", [] {
    put("a", pattern(5'000'000));
    const Fd from = opened("a", O_RDONLY);
    const Fd into = opened("b", O_CREAT | O_WRONLY);
    for (;;) {
      const long copied = ::copy_file_range(from.get(), nullptr, into.get(), nullptr, 1 << 20, 0);
      must(copied, "copy_file_range");
      if (copied == 0) break;
    }
    return yes(digest_of("a") == digest_of("b"));
  });
}

std::string copy_result(int from_flags, int into_flags, int flags = 0) {
  put("a", pattern(1000));
  put("b", "");
  const Fd from = opened("a", from_flags);
  const Fd into = opened("b", into_flags);
  return result(::copy_file_range(from.get(), nullptr, into.get(), nullptr, 1000,
                                  static_cast<unsigned>(flags)));
}

void check_errors() {
  check("copy_file_range/source write only", [] { return copy_result(O_WRONLY, O_WRONLY); });
  check("copy_file_range/target read only", [] { return copy_result(O_RDONLY, O_RDONLY); });
  check("copy_file_range/target appending",
        [] { return copy_result(O_RDONLY, O_WRONLY | O_APPEND); });
  check("copy_file_range/flags", [] { return copy_result(O_RDONLY, O_WRONLY, 1 << 20); });
  check("copy_file_range/folder", [] {
    const Fd from = opened(".", O_RDONLY);
    const Fd into = opened("b", O_CREAT | O_WRONLY);
    return result(::copy_file_range(from.get(), nullptr, into.get(), nullptr, 10, 0));
  });
  check("copy_file_range/moves times of the target", [] {
    put("a", pattern(1000));
    put("b", "");
    return moved_by("b", [] {
      const Fd from = opened("a", O_RDONLY);
      const Fd into = opened("b", O_WRONLY);
      must(::copy_file_range(from.get(), nullptr, into.get(), nullptr, 1000, 0), "copy_file_range");
    });
  });
  check("copy_file_range/from a memory file", [] {
    const Fd from(::memfd_create("source", MFD_CLOEXEC));
    must(::write(from.get(), "hello", 5), "write");
    const Fd into = opened("b", O_CREAT | O_WRONLY);
    off_t start = 0;
    const long copied = ::copy_file_range(from.get(), &start, into.get(), nullptr, 5, 0);
    return copied < 0 ? result(copied) : Said{copied, bytes_in("b")};
  });
}

void check_sendfile() {
  check("sendfile/file to file", [] {
    put("a", pattern(100000));
    const Fd from = opened("a", O_RDONLY);
    const Fd into = opened("b", O_CREAT | O_WRONLY);
    long all = 0;
    for (long sent = 1; sent > 0; all += sent) {
      sent = ::sendfile(into.get(), from.get(), nullptr, 100000);
      must(sent, "sendfile");
    }
    return Said{all, digest_of("b")};
  });
  check("sendfile/with an offset", [] {
    put("a", pattern(10000));
    const Fd from = opened("a", O_RDONLY);
    const Fd into = opened("b", O_CREAT | O_WRONLY);
    off_t start = 5000;
    const long sent = ::sendfile(into.get(), from.get(), &start, 100000);
    return Said{sent, start, ::lseek(from.get(), 0, SEEK_CUR), digest_of("b")};
  });
  check("sendfile/to a socket", [] {
    put("a", pattern(5000));
    std::array<int, 2> ends{};
    must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
    const Fd near(ends[0]);
    const Fd far(ends[1]);
    const Fd from = opened("a", O_RDONLY);
    const long sent = ::sendfile(near.get(), from.get(), nullptr, 5000);
    std::string bytes(6000, '\0');
    bytes.resize(static_cast<std::size_t>(::recv(far.get(), bytes.data(), bytes.size(), 0)));
    return Said{sent, yes(bytes == pattern(5000))};
  });
}

void check_splice() {
  check("splice/file to pipe to file", [] {
    put("a", pattern(60000));
    std::array<int, 2> ends{};
    must(::pipe2(ends.data(), O_CLOEXEC), "pipe");
    const Fd out(ends[0]);
    const Fd in(ends[1]);
    const Fd from = opened("a", O_RDONLY);
    const Fd into = opened("b", O_CREAT | O_WRONLY);
    for (;;) {
      const long got = ::splice(from.get(), nullptr, in.get(), nullptr, 16384, 0);
      must(got, "splice");
      if (got == 0) break;
      for (long left = got; left > 0;) {
        const long put_in =
            ::splice(out.get(), nullptr, into.get(), nullptr, static_cast<std::size_t>(left), 0);
        must(put_in, "splice");
        left -= put_in;
      }
    }
    return digest_of("b");
  });
}

void check_read_ahead() {
  check("posix_fadvise", [] {
    put("a", pattern(10000));
    const Fd fd = opened("a", O_RDONLY);
    return Said{::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL),
                ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED), digest_of("a")};
  });
  check("readahead", [] {
    put("a", pattern(10000));
    const Fd fd = opened("a", O_RDONLY);
    return result(::readahead(fd.get(), 0, 10000));
  });
  check("ioctl/unknown", [] {
    put("a", "x");
    const Fd fd = opened("a", O_RDONLY);
    return result(::ioctl(fd.get(), 0x7a7a, 0));
  });
}

}  // namespace

void check_copies() {
  check_ranges();
  check_errors();
  check_sendfile();
  check_splice();
  check_read_ahead();
}

}  // namespace lensfs::posix
