#include "catalog/db/write_turn.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

namespace lensfs {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Bytes of the file that stand for the two places.
constexpr off_t kGate = 0;
constexpr off_t kWriting = 1;
constexpr std::chrono::seconds kLongest{10};
constexpr std::chrono::microseconds kFirstPause{50};
constexpr std::chrono::microseconds kLongestPause{1000};

bool set(int file, off_t place, short kind) {
  struct flock lock {};
  lock.l_type = kind;
  lock.l_whence = SEEK_SET;
  lock.l_start = place;
  lock.l_len = 1;
  return ::fcntl(file, F_OFD_SETLK, &lock) == 0;
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
  if (file) file_ = *std::move(file);
}

void WriteTurn::take() {
  if (!file_) return;
  const auto until = SteadyClock::now() + kLongest;
  const bool is_next = wait_for(file_.get(), kGate, until);
  static_cast<void>(is_next && wait_for(file_.get(), kWriting, until));
  if (is_next) static_cast<void>(set(file_.get(), kGate, F_UNLCK));
}

void WriteTurn::give() noexcept {
  if (file_) static_cast<void>(set(file_.get(), kWriting, F_UNLCK));
}

}  // namespace lensfs
