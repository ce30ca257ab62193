// Names, attributes, opens and listings.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "catalog/base/fd.h"
#include "tests/bench/measures.h"

namespace lensfs::bench {
namespace {

using std::chrono::nanoseconds;

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

template <typename Work>
Result<nanoseconds> repeated(std::uint64_t times, Work&& work) {
  return timed([&]() -> Status {
    for (std::uint64_t i = 0; i < times; ++i) LENSFS_CHECK(work());
    return {};
  });
}

Result<nanoseconds> stat_one(const std::string& path, std::uint64_t times) {
  return repeated(times, [&]() -> Status {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return last_error("stat");
    return {};
  });
}

Result<nanoseconds> open_close(const std::string& path, std::uint64_t times) {
  return repeated(times, [&]() -> Status {
    LENSFS_TRY(const Fd fd, open_path(path, O_RDONLY));
    return {};
  });
}

Result<nanoseconds> open_read_close(const std::string& path, std::uint64_t times) {
  return repeated(times, [&]() -> Status {
    LENSFS_TRY(const Fd fd, open_path(path, O_RDONLY));
    std::array<char, 4096> page{};
    if (::read(fd.get(), page.data(), page.size()) < 0) return last_error("read");
    return {};
  });
}

Result<nanoseconds> getxattr_one(const std::string& path, std::uint64_t times) {
  return repeated(times, [&]() -> Status {
    std::array<char, 4096> value{};
    if (::getxattr(path.c_str(), "user.bench", value.data(), value.size()) < 0 &&
        errno != ENODATA) {
      return last_error("getxattr");
    }
    return {};
  });
}

enum class Look { at_names, at_attributes };

Status list_once(const std::string& path, Look look) {
  const std::unique_ptr<DIR, DirCloser> dir(::opendir(path.c_str()));
  if (!dir) return last_error("opendir");
  while (const dirent* entry = ::readdir(dir.get())) {
    if (look == Look::at_names) continue;
    struct stat found {};
    if (::fstatat(::dirfd(dir.get()), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
      return last_error("fstatat");
    }
  }
  return {};
}

Result<nanoseconds> list_names(const std::string& path, std::uint64_t times) {
  return repeated(times, [&] { return list_once(path, Look::at_names); });
}

Result<nanoseconds> list_attributes(const std::string& path, std::uint64_t times) {
  return repeated(times, [&] { return list_once(path, Look::at_attributes); });
}

constexpr std::array kMeasures = {
    Measure{"stat", "stat one path", stat_one},
    Measure{"open", "open and close one file", open_close},
    Measure{"open-read", "open one file, read 4 KiB, close it", open_read_close},
    Measure{"getxattr", "ask for one extended attribute", getxattr_one},
    Measure{"readdir", "list the names of a folder", list_names},
    Measure{"readdir-stat", "list a folder and lstat each entry", list_attributes},
};

}  // namespace

std::span<const Measure> metadata_measures() {
  return kMeasures;
}

}  // namespace lensfs::bench
