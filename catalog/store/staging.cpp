#include "catalog/store/staging.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include "catalog/base/log.h"
#include "catalog/store/drafts.h"
#include "catalog/store/marks.h"
#include "catalog/store/outline_files.h"

namespace lensfs {
namespace {

constexpr const char* kSessionLock = "lock";
constexpr const char* kOpenLock = "open.lock";

// Keeps all other makers and removers of sessions away while it is open.
Result<Fd> take_turn(const std::filesystem::path& staging) {
  LENSFS_TRY(Fd lock, open_path(staging / kOpenLock, O_RDWR | O_CREAT));
  LENSFS_CHECK(lock_file(lock.get(), LockMode::exclusive, Wait::yes));
  return lock;
}

// Whether the session of this directory is dead. One that cannot be judged counts as alive.
bool is_dead(const std::filesystem::path& directory) {
  const auto lock = open_path(directory / kSessionLock, O_RDONLY);
  // Without a lock file its maker died between two steps: open.lock keeps living makers away.
  if (!lock) return lock.error().code() == Errc::not_found;
  return lock_file(lock->get(), LockMode::exclusive, Wait::no).has_value();
}

// Drafts, and the marks of who lives.
bool outlives_processes(std::string_view name) {
  return name == Drafts::kDirectory || name == kNewFilesDirectory ||
         name == OutlineStore::kDirectory || name == Marks::name_of(Marks::Of::mounts) ||
         name == Marks::name_of(Marks::Of::workers);
}

void remove_dead_sessions(const std::filesystem::path& staging) {
  std::error_code error;
  std::vector<std::filesystem::path> found;
  for (std::filesystem::directory_iterator at(staging, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error) && !at->is_symlink(error)) found.push_back(at->path());
  }
  for (const auto& directory : found) {
    if (outlives_processes(directory.filename().native())) continue;
    if (!is_dead(directory)) continue;
    const auto count = std::filesystem::remove_all(directory, error);
    if (error) {
      log::warn("staging left by a dead process cannot be removed path={} error=\"{}\"",
                directory.native(), error.message());
    } else {
      log::info("removed staging left by a dead process path={} entries={}", directory.native(),
                count);
    }
  }
}

}  // namespace

Result<std::vector<std::int64_t>> numbered_files(const std::filesystem::path& directory,
                                                 std::string_view extension) {
  std::vector<std::int64_t> found;
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() != extension) continue;
    const std::string name = at->path().stem().native();
    std::int64_t number = 0;
    const auto [rest, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (problem == std::errc() && rest == name.data() + name.size()) found.push_back(number);
  }
  if (error) return fail(error_from_errno(error.value(), "list what is staged"));
  return found;
}

Result<std::unique_ptr<StagingSession>> StagingSession::start(
    const std::filesystem::path& staging) {
  LENSFS_TRY(const Fd turn, take_turn(staging));
  remove_dead_sessions(staging);

  std::random_device random;
  auto directory = staging / fmt::format("{}-{:08x}", ::getpid(), random());
  while (::mkdir(directory.c_str(), 0777) != 0) {
    if (errno != EEXIST) return last_error("make staging directory");
    directory = staging / fmt::format("{}-{:08x}", ::getpid(), random());
  }
  LENSFS_TRY(Fd lock, open_path(directory / kSessionLock, O_RDWR | O_CREAT | O_EXCL));
  LENSFS_CHECK(lock_file(lock.get(), LockMode::exclusive, Wait::no));
  return std::unique_ptr<StagingSession>(new StagingSession(std::move(directory), std::move(lock)));
}

StagingSession::StagingSession(std::filesystem::path directory, Fd lock)
    : directory_(std::move(directory)), lock_(std::move(lock)) {}

StagingSession::~StagingSession() {
  // So that nobody takes the half-removed directory for a dead one.
  const auto turn = take_turn(directory_.parent_path());
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::filesystem::path StagingSession::new_path() {
  return directory_ / std::to_string(next_++);
}

}  // namespace lensfs
