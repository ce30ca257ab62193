// What a worker does to files.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "tests/stress/worker.h"

namespace lensfs::stress {
namespace {

constexpr std::size_t kMostFiles = 60;
constexpr std::size_t kMostHandles = 12;
constexpr std::size_t kLargestFile = 600'000;
constexpr std::size_t kLargestPiece = 70'000;
constexpr std::size_t kPage = 4096;

void write_into(std::string& bytes, std::size_t at, std::string_view piece) {
  if (bytes.size() < at + piece.size()) bytes.resize(at + piece.size(), '\0');
  bytes.replace(at, piece.size(), piece);
}

}  // namespace

void Worker::create() {
  if (tree_.files().size() >= kMostFiles) return unlink();
  if (handles_.size() >= kMostHandles) close();
  const std::string path = new_path();
  Fd fd(::open(full(path).c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0644));
  expect_done(fd.get(), "create", full(path));
  const File file = std::make_shared<Content>();
  tree_.add(path, file);
  handles_.push_back(
      {std::move(fd), file, path, /*reads=*/true, /*writes=*/true, /*appends=*/false});
}

void Worker::open() {
  const std::string path = any_file();
  if (path.empty()) return create();
  if (handles_.size() >= kMostHandles) close();
  Handle handle{.fd = Fd(), .file = tree_.files().at(path), .opened_as = path};
  int flags = O_CLOEXEC;
  switch (up_to(6)) {
    case 0:
    case 1:
    case 2:
      flags |= O_RDONLY;
      break;
    case 3:
      flags |= O_WRONLY | O_APPEND;
      break;
    case 4:
      flags |= O_RDWR | O_TRUNC;
      break;
    default:
      flags |= O_RDWR;
      break;
  }
  handle.reads = (flags & O_ACCMODE) != O_WRONLY;
  handle.appends = (flags & O_APPEND) != 0;
  handle.writes = (flags & O_ACCMODE) == O_RDWR;
  handle.fd = Fd(::open(full(path).c_str(), flags));
  expect_done(handle.fd.get(), "open", full(path));
  if ((flags & O_TRUNC) != 0) handle.file->bytes.clear();
  handles_.push_back(std::move(handle));
}

void Worker::close() {
  if (handles_.empty()) return;
  const std::size_t at = random_() % handles_.size();
  expect_done(::close(handles_[at].fd.release()), "close", handles_[at].opened_as);
  handles_.erase(handles_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Worker::read() {
  const Handle* const handle = any_handle(&Handle::reads);
  if (handle == nullptr) return open();
  const std::string& wanted = handle->file->bytes;
  const std::size_t from = up_to(wanted.size() + 100);
  std::string got(1 + up_to(kLargestPiece), '\0');
  const ssize_t size = ::pread(handle->fd.get(), got.data(), got.size(), static_cast<off_t>(from));
  expect_done(size, "pread", handle->opened_as);
  const std::size_t room = got.size();
  got.resize(static_cast<std::size_t>(size));
  expect_same(got, from < wanted.size() ? std::string_view(wanted).substr(from, room) : "", "pread",
              handle->opened_as, from);
}

void Worker::write() {
  const Handle* const handle = any_handle(&Handle::writes);
  if (handle == nullptr) return create();
  const std::size_t size =
      up_to(9) == 0 ? 1 + up_to(kLargestPiece * 3) : 1 + up_to(kLargestPiece / 8);
  const std::size_t from =
      std::min(up_to(handle->file->bytes.size() + up_to(20'000)), kLargestFile - size);
  const std::string piece = random_bytes(random_, size);
  const ssize_t wrote = ::pwrite(handle->fd.get(), piece.data(), size, static_cast<off_t>(from));
  expect_done(wrote, "pwrite", handle->opened_as);
  write_into(handle->file->bytes, from,
             std::string_view(piece).substr(0, static_cast<std::size_t>(wrote)));
}

void Worker::append() {
  const Handle* const handle = any_handle(&Handle::appends);
  if (handle == nullptr) return open();
  if (handle->file->bytes.size() > kLargestFile) return truncate();
  const std::string piece = random_bytes(random_, 1 + up_to(5000));
  const ssize_t wrote = ::write(handle->fd.get(), piece.data(), piece.size());
  expect_done(wrote, "append", handle->opened_as);
  handle->file->bytes.append(piece, 0, static_cast<std::size_t>(wrote));
}

void Worker::truncate() {
  const std::string path = any_file();
  if (path.empty()) return;
  std::string& bytes = tree_.files().at(path)->bytes;
  const std::size_t size = up_to(1) == 0 ? up_to(bytes.size()) : up_to(kLargestFile / 4);
  expect_done(::truncate(full(path).c_str(), static_cast<off_t>(size)), "truncate", full(path));
  bytes.resize(size, '\0');
}

void Worker::truncate_open() {
  const Handle* const handle = any_handle(&Handle::writes);
  if (handle == nullptr) return;
  std::string& bytes = handle->file->bytes;
  const std::size_t size = up_to(bytes.size() + up_to(30'000));
  expect_done(::ftruncate(handle->fd.get(), static_cast<off_t>(size)), "ftruncate",
              handle->opened_as);
  bytes.resize(size, '\0');
}

void Worker::map_and_read() {
  const Handle* const handle = any_handle(&Handle::reads);
  if (handle == nullptr || handle->file->bytes.empty()) return;
  const std::string& bytes = handle->file->bytes;
  void* const mapped = ::mmap(nullptr, bytes.size(), PROT_READ,
                              up_to(1) == 0 ? MAP_SHARED : MAP_PRIVATE, handle->fd.get(), 0);
  expect_done(mapped == MAP_FAILED ? -1 : 0, "mmap", handle->opened_as);
  const std::size_t from = up_to(bytes.size() - 1);
  const std::string got(static_cast<const char*>(mapped) + from,
                        std::min(bytes.size() - from, kLargestPiece));
  ::munmap(mapped, bytes.size());
  expect_same(got, std::string_view(bytes).substr(from, got.size()), "mmap", handle->opened_as,
              from);
}

void Worker::map_and_write() {
  const Handle* const handle = any_handle(&Handle::writes);
  if (handle == nullptr || handle->file->bytes.empty()) return;
  std::string& bytes = handle->file->bytes;
  void* const mapped =
      ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_SHARED, handle->fd.get(), 0);
  expect_done(mapped == MAP_FAILED ? -1 : 0, "mmap", handle->opened_as);
  const std::size_t from = up_to(bytes.size() - 1);
  const std::string piece =
      random_bytes(random_, 1 + up_to(std::min(bytes.size() - from, 20'000UL) - 1));
  std::memcpy(static_cast<char*>(mapped) + from, piece.data(), piece.size());
  if (up_to(1) == 0) {
    expect_done(::msync(mapped, bytes.size(), MS_SYNC), "msync", handle->opened_as);
  }
  ::munmap(mapped, bytes.size());
  write_into(bytes, from, piece);
}

void Worker::allocate() {
  const Handle* const handle = any_handle(&Handle::writes);
  if (handle == nullptr) return;
  std::string& bytes = handle->file->bytes;
  const std::size_t from = up_to(bytes.size());
  const std::size_t size = 1 + up_to(8 * kPage);
  const bool punches = up_to(1) == 0;
  const bool keeps = punches || up_to(1) == 0;
  const int mode = (punches ? FALLOC_FL_PUNCH_HOLE : 0) | (keeps ? FALLOC_FL_KEEP_SIZE : 0);
  expect_done(
      ::fallocate(handle->fd.get(), mode, static_cast<off_t>(from), static_cast<off_t>(size)),
      punches ? "punch" : "fallocate", handle->opened_as);
  if (punches) bytes.replace(from, size, std::min(size, bytes.size() - from), '\0');
  if (!keeps && bytes.size() < from + size) bytes.resize(from + size, '\0');
}

void Worker::copy_range() {
  const Handle* const from = any_handle(&Handle::reads);
  const Handle* const into = any_handle(&Handle::writes);
  if (from == nullptr || into == nullptr || from->file == into->file) return;
  const std::string source = from->file->bytes;
  auto start = static_cast<off_t>(up_to(source.size()));
  auto target = static_cast<off_t>(up_to(std::min(into->file->bytes.size() + 100, kLargestFile)));
  std::size_t left = up_to(kLargestPiece);
  while (left > 0) {
    const auto source_at = static_cast<std::size_t>(start);
    const auto target_at = static_cast<std::size_t>(target);
    const ssize_t copied =
        ::copy_file_range(from->fd.get(), &start, into->fd.get(), &target, left, 0);
    expect_done(copied, "copy_file_range", into->opened_as);
    if (copied == 0) {
      if (source_at < source.size())
        throw Mismatch("copy_file_range of " + from->opened_as + " ends early");
      return;
    }
    const auto count = static_cast<std::size_t>(copied);
    write_into(into->file->bytes, target_at, std::string_view(source).substr(source_at, count));
    left -= count;
  }
}

void Worker::sync() {
  const Handle* const handle = any_handle(&Handle::writes);
  if (handle == nullptr) return;
  expect_done(up_to(1) == 0 ? ::fsync(handle->fd.get()) : ::fdatasync(handle->fd.get()), "fsync",
              handle->opened_as);
}

void Worker::look() {
  const std::string path = any_file();
  struct stat found {};
  const auto expect_right = [&](const Content& wanted, const std::string& name) {
    if (static_cast<std::size_t>(found.st_size) == wanted.bytes.size() &&
        found.st_nlink == wanted.links)
      return;
    throw Mismatch("stat of " + name + ": size " + std::to_string(found.st_size) + " instead of " +
                   std::to_string(wanted.bytes.size()) + ", links " +
                   std::to_string(found.st_nlink) + " instead of " + std::to_string(wanted.links));
  };
  if (!path.empty()) {
    expect_done(::stat(full(path).c_str(), &found), "stat", full(path));
    expect_right(*tree_.files().at(path), full(path));
  }
  if (const Handle* const handle = any_handle(&Handle::reads)) {
    expect_done(::fstat(handle->fd.get(), &found), "fstat", handle->opened_as);
    expect_right(*handle->file, "open " + handle->opened_as);
  }
}

void Worker::read_whole() {
  const std::string path = any_file();
  if (path.empty()) return;
  expect_same(bytes_at(full(path)), tree_.files().at(path)->bytes, "read", full(path), 0);
}

}  // namespace lensfs::stress
