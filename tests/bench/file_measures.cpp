// Reads of a large file.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <vector>

#include "catalog/base/fd.h"
#include "tests/bench/measures.h"

namespace lensfs::bench {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kBuffer = std::size_t{1} << 20;
constexpr std::size_t kPage = 4096;

Status read_to_the_end(int fd, std::vector<char>& buffer) {
  if (::lseek(fd, 0, SEEK_SET) < 0) return last_error("lseek");
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0) return last_error("read");
    if (got == 0) return {};
  }
}

Result<nanoseconds> sequential(const std::string& path, std::uint64_t times) {
  LENSFS_TRY(const Fd fd, open_path(path, O_RDONLY));
  std::vector<char> buffer(kBuffer);
  return timed([&]() -> Status {
    for (std::uint64_t i = 0; i < times; ++i) LENSFS_CHECK(read_to_the_end(fd.get(), buffer));
    return {};
  });
}

Result<nanoseconds> random_pages(const std::string& path, std::uint64_t times) {
  LENSFS_TRY(const Fd fd, open_path(path, O_RDONLY));
  LENSFS_TRY(const struct stat file, stat_of(fd.get()));
  const auto pages = static_cast<std::uint64_t>(file.st_size) / kPage;
  if (pages == 0) return fail(Errc::invalid, "the file is too small");
  std::mt19937_64 random(1);
  std::array<char, kPage> page{};
  return timed([&]() -> Status {
    for (std::uint64_t i = 0; i < times; ++i) {
      const auto from = static_cast<off_t>(random() % pages * kPage);
      if (::pread(fd.get(), page.data(), page.size(), from) < 0) return last_error("pread");
    }
    return {};
  });
}

Status read_mapping(int fd, std::size_t size, std::vector<char>& buffer) {
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return last_error("mmap");
  const char* const bytes = static_cast<const char*>(mapped);
  for (std::size_t from = 0; from < size; from += buffer.size()) {
    std::memcpy(buffer.data(), bytes + from, std::min(buffer.size(), size - from));
  }
  ::munmap(mapped, size);
  return {};
}

Result<nanoseconds> mapped(const std::string& path, std::uint64_t times) {
  LENSFS_TRY(const Fd fd, open_path(path, O_RDONLY));
  LENSFS_TRY(const struct stat file, stat_of(fd.get()));
  std::vector<char> buffer(kBuffer);
  return timed([&]() -> Status {
    for (std::uint64_t i = 0; i < times; ++i) {
      LENSFS_CHECK(read_mapping(fd.get(), static_cast<std::size_t>(file.st_size), buffer));
    }
    return {};
  });
}

constexpr std::array kMeasures = {
    Measure{"sequential", "read the whole file, 1 MiB at a time", sequential},
    Measure{"random", "read 4 KiB at random offsets", random_pages},
    Measure{"mmap", "map the file and copy all of it", mapped},
};

}  // namespace

std::span<const Measure> file_measures() {
  return kMeasures;
}

}  // namespace lensfs::bench
