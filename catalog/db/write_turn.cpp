#include "catalog/db/write_turn.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace lensfs {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Bytes of the file that stand for the two places. What is shared lies before them.
constexpr off_t kGate = 4096;
constexpr off_t kWriting = 4097;
constexpr std::size_t kSharedBytes = 4096;
constexpr std::chrono::seconds kLongest{10};
constexpr std::chrono::microseconds kFirstPause{50};
constexpr std::chrono::microseconds kLongestPause{1000};
// Far longer than anybody defers a write.
constexpr std::chrono::milliseconds kLongestDeferral{300};

struct flock place_lock(off_t place, short kind) {
  struct flock lock {};
  lock.l_type = kind;
  lock.l_whence = SEEK_SET;
  lock.l_start = place;
  lock.l_len = 1;
  return lock;
}

bool set(int file, off_t place, short kind) {
  struct flock lock = place_lock(place, kind);
  return ::fcntl(file, F_OFD_SETLK, &lock) == 0;
}

// Whether another process has the place.
bool is_taken(int file, off_t place) {
  struct flock lock = place_lock(place, F_WRLCK);
  return ::fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool wait_for(int file, off_t place, SteadyClock::time_point until) {
  std::chrono::microseconds pause = kFirstPause;
  while (!set(file, place, F_WRLCK)) {
    if (SteadyClock::now() >= until) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
  return true;
}

}  // namespace

WriteTurn::WriteTurn(const std::filesystem::path& database) {
  auto file = open_path(database.native() + "-turn", O_RDWR | O_CREAT);
  if (!file) return;
  file_ = *std::move(file);
  const auto status = stat_of(file_.get());
  if (!status) return;
  if (status->st_size < static_cast<off_t>(kSharedBytes) &&
      ::ftruncate(file_.get(), kSharedBytes) != 0) {
    return;
  }
  void* const page =
      ::mmap(nullptr, kSharedBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (page != MAP_FAILED) shared_ = static_cast<Shared*>(page);
}

WriteTurn::~WriteTurn() {
  if (shared_ != nullptr) ::munmap(shared_, kSharedBytes);
}

bool WriteTurn::take() {
  const std::scoped_lock lock(mutex_);
  if (taken_++ > 0 || !file_) return has_come_;
  const auto until = SteadyClock::now() + kLongest;
  const bool is_next = wait_for(file_.get(), kGate, until);
  has_come_ = is_next && wait_for(file_.get(), kWriting, until);
  if (is_next) static_cast<void>(set(file_.get(), kGate, F_UNLCK));
  return has_come_;
}

void WriteTurn::give() noexcept {
  const std::scoped_lock lock(mutex_);
  if (--taken_ > 0 || !file_) return;
  static_cast<void>(set(file_.get(), kWriting, F_UNLCK));
  has_come_ = false;
}

bool WriteTurn::is_wanted() const {
  return file_ && is_taken(file_.get(), kGate);
}

void WriteTurn::begin_deferring() noexcept {
  if (shared_ != nullptr) shared_->deferring.store(1);
}

void WriteTurn::end_deferring() noexcept {
  if (shared_ != nullptr) shared_->deferring.store(0);
}

void WriteTurn::note_written() noexcept {
  if (shared_ != nullptr) shared_->written.fetch_add(1);
}

void WriteTurn::await_deferred() const {
  if (shared_ == nullptr || shared_->deferring.load() == 0) return;
  // A process that died deferring left the mark; what it deferred is its successor's.
  if (!is_taken(file_.get(), kWriting)) return;
  const std::uint32_t before = shared_->written.load();
  const auto until = SteadyClock::now() + kLongestDeferral;
  // The write that is going on may have begun before the last one was deferred.
  while (shared_->deferring.load() != 0 && shared_->written.load() - before < 2 &&
         SteadyClock::now() < until) {
    std::this_thread::sleep_for(kLongestPause / 2);
  }
}

// Whoever died between the two left them apart. While the turn is certain, nobody else is there.
void WriteTurn::begin_commit() noexcept {
  if (shared_ == nullptr) return;
  if (has_come_) shared_->ended.store(shared_->begun.load());
  shared_->begun.fetch_add(1);
}

void WriteTurn::end_commit() noexcept {
  if (shared_ != nullptr) shared_->ended.fetch_add(1);
}

std::uint64_t WriteTurn::state() const noexcept {
  if (shared_ == nullptr) return 0;
  const std::uint64_t ended = shared_->ended.load();
  return shared_->begun.load() == ended ? ended + 1 : 0;
}

}  // namespace lensfs
