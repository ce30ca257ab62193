#include "tests/support/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <span>

#include "catalog/base/fd.h"

namespace lensfs::test {
namespace {

constexpr std::size_t kDirectBlock = 4096;

Result<std::size_t> size_of(int fd) {
  LENSFS_TRY(const struct stat at, stat_of(fd));
  return static_cast<std::size_t>(at.st_size);
}

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

int error_of(long result) {
  return result < 0 ? errno : 0;
}

void write_file(const path& at, std::string_view bytes) {
  std::filesystem::create_directories(at.parent_path());
  std::ofstream file(at, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  EXPECT_TRUE(file) << "cannot write " << at;
}

Result<std::string> read_at_once(const path& at) {
  LENSFS_TRY(const Fd fd, open_path(at, O_RDONLY));
  LENSFS_TRY(const std::size_t size, size_of(fd.get()));
  std::string bytes(size + 1, '\0');  // one more, to notice a file that is longer than it says
  LENSFS_TRY(const std::size_t got,
             read_full(fd.get(), std::as_writable_bytes(std::span(bytes)), 0));
  bytes.resize(got);
  return bytes;
}

std::string text_in(const path& at) {
  const auto text = read_at_once(at);
  return text ? *text : text.error().message();
}

Result<std::string> read_byte_by_byte(const path& at) {
  LENSFS_TRY(const Fd fd, open_path(at, O_RDONLY));
  std::string bytes;
  for (char byte = 0;;) {
    const ssize_t got = ::read(fd.get(), &byte, 1);
    if (got < 0) return last_error("read");
    if (got == 0) return bytes;
    bytes.push_back(byte);
  }
}

Result<std::string> read_mapped(const path& at) {
  LENSFS_TRY(const Fd fd, open_path(at, O_RDONLY));
  LENSFS_TRY(const std::size_t size, size_of(fd.get()));
  if (size == 0) return std::string();
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return last_error("mmap");
  std::string bytes(static_cast<const char*>(mapped), size);
  ::munmap(mapped, size);
  return bytes;
}

Result<std::string> read_direct(const path& at) {
  LENSFS_TRY(const Fd fd, open_path(at, O_RDONLY | O_DIRECT));
  LENSFS_TRY(const std::size_t size, size_of(fd.get()));
  const std::size_t room = (size / kDirectBlock + 1) * kDirectBlock;
  const std::unique_ptr<void, decltype(&std::free)> buffer(std::aligned_alloc(kDirectBlock, room),
                                                           &std::free);
  std::size_t done = 0;
  while (done < size) {
    char* const into = static_cast<char*>(buffer.get()) + done;
    const ssize_t got = ::pread(fd.get(), into, room - done, static_cast<off_t>(done));
    if (got < 0) return last_error("pread");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
    if (done < size && done % kDirectBlock != 0) return fail(Errc::io, "short direct read");
  }
  return std::string(static_cast<const char*>(buffer.get()), done);
}

Result<std::string> read_scattered(const path& at, std::uint64_t seed) {
  LENSFS_TRY(const Fd fd, open_path(at, O_RDONLY));
  LENSFS_TRY(const std::size_t size, size_of(fd.get()));
  std::mt19937_64 random(seed);
  std::vector<std::pair<std::size_t, std::size_t>> pieces;  // from, length
  for (std::size_t from = 0; from < size;) {
    const std::size_t length = std::min(size - from, 1 + random() % 70'001);
    pieces.emplace_back(from, length);
    from += length;
  }
  std::shuffle(pieces.begin(), pieces.end(), random);
  std::string bytes(size, '\0');
  for (const auto& [from, length] : pieces) {
    const auto into = std::as_writable_bytes(std::span(bytes).subspan(from, length));
    LENSFS_TRY(const std::size_t got, read_full(fd.get(), into, static_cast<off_t>(from)));
    if (got != length) return fail(Errc::io, "short read");
  }
  return bytes;
}

testing::AssertionResult same_bytes(const Result<std::string>& got, std::string_view wanted) {
  if (!got) return testing::AssertionFailure() << "cannot be read: " << got.error().message();
  if (*got == wanted) return testing::AssertionSuccess();
  const auto differ = std::mismatch(got->begin(), got->end(), wanted.begin(), wanted.end());
  return testing::AssertionFailure() << got->size() << " bytes instead of " << wanted.size()
                                     << ", different from offset " << (differ.first - got->begin());
}

std::vector<Entry> entries_in(const path& folder) {
  std::vector<Entry> entries;
  const std::unique_ptr<DIR, DirCloser> dir(::opendir(folder.c_str()));
  if (!dir) {
    ADD_FAILURE() << "cannot list " << folder << ": "
                  << name_of(error_from_errno(errno, "").code());
    return entries;
  }
  errno = 0;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({name, entry->d_ino, entry->d_type});
    errno = 0;
  }
  EXPECT_EQ(errno, 0) << "listing " << folder << " ended early";
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

std::vector<std::string> names_in(const path& folder) {
  std::vector<std::string> names;
  for (Entry& entry : entries_in(folder)) names.push_back(std::move(entry.name));
  return names;
}

std::vector<path> files_below(const path& folder) {
  std::vector<path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && !entry.is_symlink()) {
      files.push_back(entry.path().lexically_relative(folder));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool is_there(const path& at) {
  struct stat found {};
  return ::lstat(at.c_str(), &found) == 0;
}

struct stat status_of(const path& at) {
  struct stat found {};
  EXPECT_EQ(error_of(::stat(at.c_str(), &found)), 0) << at;
  return found;
}

std::uint64_t inode_of(const path& at) {
  return status_of(at).st_ino;
}

int as_user(uid_t user, const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool changed = ::setgroups(0, nullptr) == 0 && ::setgid(user) == 0 && ::setuid(user) == 0;
    ::_exit(changed ? work() : 255);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

}  // namespace lensfs::test
