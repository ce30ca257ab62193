#include "catalog/db/log_file.h"

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <new>
#include <vector>

namespace lensfs {
namespace {

constexpr const char* kName = "lensfs";
constexpr sqlite3_int64 kLogHeader = 32;
constexpr sqlite3_int64 kFrameHeader = 24;
constexpr int kNumber = 4;              // bytes of a number in a header
constexpr std::size_t kPageSizeAt = 8;  // in the header of the log
constexpr std::size_t kCommitAt = 4;    // in that of a frame: not 0 in the last one of a commit
// A longer commit goes out in parts; the VFS below takes less than 128 KiB at once.
constexpr std::size_t kMost = std::size_t{64} << 10U;

// The number of the commit that this thread makes; 0: none.
thread_local std::uint64_t commit_now = 0;

std::uint32_t number_at(const unsigned char* bytes) {
  return (std::uint32_t{bytes[0]} << 24U) | (std::uint32_t{bytes[1]} << 16U) |
         (std::uint32_t{bytes[2]} << 8U) | std::uint32_t{bytes[3]};
}

// What SQLite allocates for a file: this, and behind it the file of its own VFS.
struct LogFile {
  sqlite3_file head{};
  sqlite3_file* below = nullptr;
  std::vector<unsigned char> pending;  // what comes at `start`, of `commit`
  sqlite3_int64 start = 0;
  std::uint64_t commit = 0;
  std::uint32_t page_size = 0;  // 0: not known yet
  bool is_end = false;          // the frame written last is the last one of its commit

  [[nodiscard]] sqlite3_int64 end() const {
    return start + static_cast<sqlite3_int64>(pending.size());
  }
  // What another commit left is of one that failed.
  void forget_failed() {
    if (commit == commit_now) return;
    pending.clear();
    is_end = false;
    commit = commit_now;
  }
  int write_out() {
    if (pending.empty()) return SQLITE_OK;
    const int code =
        below->pMethods->xWrite(below, pending.data(), static_cast<int>(pending.size()), start);
    // SQLite undoes a commit that fails; what is left of it has no end, and is written over.
    pending.clear();
    return code;
  }
  // Only a log that has its header has frames.
  bool learn_page_size() {
    if (page_size != 0) return true;
    unsigned char number[kNumber];
    if (below->pMethods->xRead(below, number, kNumber, kPageSizeAt) != SQLITE_OK) return false;
    page_size = number_at(number);
    return page_size != 0;
  }
  bool is_frame_header(int amount, sqlite3_int64 offset) {
    if (amount != kFrameHeader || !learn_page_size()) return false;
    return (offset - kLogHeader) % (kFrameHeader + sqlite3_int64{page_size}) == 0;
  }
};

LogFile& log_of(sqlite3_file* file) {
  auto& log = *reinterpret_cast<LogFile*>(file);
  log.forget_failed();
  return log;
}

int close_log(sqlite3_file* file) {
  LogFile& log = log_of(file);
  const int written = log.write_out();
  const int closed = log.below->pMethods->xClose(log.below);
  log.~LogFile();
  return written == SQLITE_OK ? closed : written;
}

int read_log(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
  LogFile& log = log_of(file);
  if (offset + amount > log.start) {
    if (const int code = log.write_out(); code != SQLITE_OK) return code;
  }
  return log.below->pMethods->xRead(log.below, into, amount, offset);
}

int write_log(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  LogFile& log = log_of(file);
  if (offset != log.end()) {
    if (const int code = log.write_out(); code != SQLITE_OK) return code;
    log.start = offset;
  }
  if (offset < kLogHeader) log.page_size = 0;
  if (offset < kLogHeader || log.commit == 0) {
    return log.below->pMethods->xWrite(log.below, from, amount, offset);
  }
  const auto* const bytes = static_cast<const unsigned char*>(from);
  try {
    log.pending.insert(log.pending.end(), bytes, bytes + amount);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  const bool is_header = log.is_frame_header(amount, offset);
  if (is_header) log.is_end = number_at(bytes + kCommitAt) != 0;
  const bool is_whole = log.is_end && !is_header;
  if (!is_whole && log.pending.size() < kMost) return SQLITE_OK;
  const int code = log.write_out();
  log.start = offset + amount;
  return code;
}

int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
  LogFile& log = log_of(file);
  if (const int code = log.write_out(); code != SQLITE_OK) return code;
  return log.below->pMethods->xTruncate(log.below, size);
}

int sync_log(sqlite3_file* file, int flags) {
  LogFile& log = log_of(file);
  if (const int code = log.write_out(); code != SQLITE_OK) return code;
  return log.below->pMethods->xSync(log.below, flags);
}

int size_of_log(sqlite3_file* file, sqlite3_int64* size) {
  LogFile& log = log_of(file);
  if (const int code = log.write_out(); code != SQLITE_OK) return code;
  return log.below->pMethods->xFileSize(log.below, size);
}

int lock_log(sqlite3_file* file, int level) {
  return log_of(file).below->pMethods->xLock(log_of(file).below, level);
}

int unlock_log(sqlite3_file* file, int level) {
  return log_of(file).below->pMethods->xUnlock(log_of(file).below, level);
}

int is_log_locked(sqlite3_file* file, int* is_locked) {
  return log_of(file).below->pMethods->xCheckReservedLock(log_of(file).below, is_locked);
}

int control_log(sqlite3_file* file, int operation, void* argument) {
  return log_of(file).below->pMethods->xFileControl(log_of(file).below, operation, argument);
}

int sector_of_log(sqlite3_file* file) {
  return log_of(file).below->pMethods->xSectorSize(log_of(file).below);
}

int device_of_log(sqlite3_file* file) {
  return log_of(file).below->pMethods->xDeviceCharacteristics(log_of(file).below);
}

// Version 1: what the versions after it add is for the database itself.
constexpr sqlite3_io_methods kLogMethods{
    1,        close_log,  read_log,      write_log,   truncate_log,  sync_log,      size_of_log,
    lock_log, unlock_log, is_log_locked, control_log, sector_of_log, device_of_log, nullptr,
    nullptr,  nullptr,    nullptr,       nullptr,     nullptr};

sqlite3_vfs* below_all() {
  static sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
  return vfs;
}

int open_file(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* got) {
  sqlite3_vfs* const below = below_all();
  if ((flags & SQLITE_OPEN_WAL) == 0) return below->xOpen(below, name, file, flags, got);
  auto* const log = new (file) LogFile();
  log->below = reinterpret_cast<sqlite3_file*>(log + 1);
  const int code = below->xOpen(below, name, log->below, flags, got);
  if (code != SQLITE_OK) {
    log->~LogFile();
    file->pMethods = nullptr;  // there is nothing to close
    return code;
  }
  log->head.pMethods = &kLogMethods;
  return SQLITE_OK;
}

bool register_vfs() {
  if (sqlite3_initialize() != SQLITE_OK || below_all() == nullptr) return false;
  static sqlite3_vfs vfs = *below_all();
  vfs.pNext = nullptr;
  vfs.zName = kName;
  vfs.szOsFile += static_cast<int>(sizeof(LogFile));
  vfs.xOpen = open_file;
  return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
}

}  // namespace

const char* log_file_vfs() {
  static const bool is_there = register_vfs();
  return is_there ? kName : nullptr;
}

WholeCommit::WholeCommit() {
  static std::atomic<std::uint64_t> last{0};
  commit_now = last.fetch_add(1) + 1;
}

WholeCommit::~WholeCommit() {
  commit_now = 0;
}

}  // namespace lensfs
