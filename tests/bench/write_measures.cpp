// Writes of files. Nothing is synced unless that is what is measured: tests/bench/run syncs between
// runs, so that no run pays for another's bytes.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "catalog/base/fd.h"
#include "tests/bench/measures.h"

namespace lensfs::bench {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kPage = 4096;

// So many pieces of this size, one after the other, from where the descriptor stands.
Status write_pieces(int fd, std::size_t size, std::uint64_t times) {
  const std::vector<char> piece(size, 'w');
  for (std::uint64_t i = 0; i < times; ++i) {
    if (::write(fd, piece.data(), piece.size()) < 0) return last_error("write");
  }
  return {};
}

constexpr int kNew = O_CREAT | O_TRUNC | O_WRONLY;

Result<nanoseconds> sequential(const std::string& path, std::uint64_t times) {
  Fd fd;
  return timed([&]() -> Status {
    LENSFS_TRY(fd, open_path(path, kNew));
    return write_pieces(fd.get(), kMiB, times);
  });
}

// With the open: what it costs to make the file's old bytes ready for being changed belongs to it.
Result<nanoseconds> in_place(const std::string& path, std::uint64_t times) {
  Fd fd;
  return timed([&]() -> Status {
    LENSFS_TRY(fd, open_path(path, O_RDWR));
    return write_pieces(fd.get(), kMiB, times);
  });
}

Result<nanoseconds> small(const std::string& path, std::uint64_t times) {
  LENSFS_TRY(const Fd fd, open_path(path, kNew));
  return timed([&] { return write_pieces(fd.get(), kPage, times); });
}

Result<nanoseconds> synced(const std::string& path, std::uint64_t times) {
  LENSFS_TRY(const Fd fd, open_path(path, kNew));
  return timed([&]() -> Status {
    for (std::uint64_t i = 0; i < times; ++i) {
      LENSFS_CHECK(write_pieces(fd.get(), kPage, 1));
      LENSFS_CHECK(sync_file(fd.get()));
    }
    return {};
  });
}

Result<nanoseconds> closing(const std::string& path, std::uint64_t times) {
  LENSFS_TRY(Fd fd, open_path(path, kNew));
  LENSFS_CHECK(write_pieces(fd.get(), kMiB, times));
  return timed([&]() -> Status {
    if (::close(fd.release()) != 0) return last_error("close");
    return {};
  });
}

Result<nanoseconds> created(const std::string& path, std::uint64_t times) {
  return timed([&]() -> Status {
    for (std::uint64_t i = 0; i < times; ++i) {
      LENSFS_TRY(const Fd fd, open_path(path + "." + std::to_string(i), kNew));
      LENSFS_CHECK(write_pieces(fd.get(), kPage, 1));
    }
    return {};
  });
}

constexpr std::array kMeasures = {
    Measure{"write", "write a new file, so many MiB", sequential},
    Measure{"rewrite", "open a file that is there and write over so many MiB", in_place},
    Measure{"write-small", "write a new file in pieces of 4 KiB", small},
    Measure{"write-sync", "write 4 KiB and fsync, over and over", synced},
    Measure{"close", "close a new file after writing so many MiB", closing},
    Measure{"create", "make so many files of 4 KiB, PATH.0 PATH.1 …", created},
};

}  // namespace

std::span<const Measure> write_measures() {
  return kMeasures;
}

}  // namespace lensfs::bench
