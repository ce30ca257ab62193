#include "catalog/store/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <utility>

#include "catalog/store/copy.h"
#include "catalog/store/object_name.h"
#include "catalog/store/store_state.h"
#include "catalog/store/stretch.h"

namespace lensfs {
namespace {

Status make_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0777) != 0) return last_error("make directory");
  return {};
}

}  // namespace

const char* name_of(CopyMethod method) {
  switch (method) {
    case CopyMethod::reflink:
      return "reflink";
    case CopyMethod::copy_range:
      return "copy_range";
    case CopyMethod::read_write:
      return "read_write";
    case CopyMethod::hard_link:
      return "hard_link";
    case CopyMethod::rename:
      return "rename";
    case CopyMethod::known:
      return "known";
  }
  return "unknown";
}

// --- StagedFile

StagedFile::StagedFile(StagedFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      path_(std::exchange(other.path_, {})),
      id_(other.id_),
      size_(other.size_),
      method_(other.method_) {}

StagedFile& StagedFile::operator=(StagedFile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  fd_ = std::move(other.fd_);
  path_ = std::exchange(other.path_, {});
  id_ = other.id_;
  size_ = other.size_;
  method_ = other.method_;
  return *this;
}

StagedFile::~StagedFile() {
  remove();
}

void StagedFile::remove() noexcept {
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

Status set_mode(int file, mode_t mode) {
  if (::fchmod(file, mode) != 0) return last_error("chmod");
  return {};
}

// --- life

Status Store::create(const std::filesystem::path& library) {
  LENSFS_CHECK(make_directory(library / kObjects));
  LENSFS_CHECK(make_directory(library / kStaging));
  LENSFS_TRY(const Fd lock, open_path(library / kStaging / kCollectLock, O_RDWR | O_CREAT));
  LENSFS_CHECK(sync_directory(library / kStaging));
  return sync_directory(library);
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& library, Options options) {
  auto state = std::make_unique<State>();
  state->library = library;
  state->options = std::move(options);
  auto objects = open_path(library / kObjects, O_RDONLY | O_DIRECTORY);
  if (!objects) return fail(objects.error().with((library / kObjects).native()));
  state->objects = *std::move(objects);
  state->staging = StagingSession::start(library / kStaging);
  state->drafts = Drafts::open(library / kStaging);
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

int Store::directory_fd() const {
  return state_->objects.get();
}
const std::filesystem::path& Store::library() const {
  return state_->library;
}

// --- reading

Result<Fd> Store::open_object(const ObjectKey& key) const {
  return open_at(state_->objects.get(), object_name(key), O_RDONLY | O_NOFOLLOW);
}

std::filesystem::path Store::relative_path(const ObjectKey& key) {
  return std::filesystem::path(kObjects) / object_name(key);
}

std::filesystem::path Store::path_of(const ObjectKey& key) const {
  return state_->library / relative_path(key);
}

Result<ContentId> Store::hash(int file, std::stop_token stop, const BytesDone& progress) const {
  LENSFS_TRY(const struct stat status, stat_of(file));
  if (!S_ISREG(status.st_mode)) return fail(Errc::not_supported, "not a regular file");
  const Pace pace{.stop = std::move(stop), .progress = &progress};
  LENSFS_TRY(const ContentId id,
             hash_bytes(file, static_cast<std::uint64_t>(status.st_size), pace));
  return state_->filtered(id);
}

// --- writing

Result<std::filesystem::path> Store::State::new_staging_path() const {
  if (!staging) return fail(staging.error().with((library / kStaging).native()));
  return (*staging)->new_path();
}

Status Store::State::room_for(std::uint64_t bytes) const {
  struct statvfs room {};
  if (::fstatvfs(objects.get(), &room) != 0) return last_error("statvfs");
  const std::uint64_t free = std::uint64_t{room.f_bavail} * room.f_frsize;
  if (free >= options.reserve && free - options.reserve >= bytes) return {};
  constexpr double kGigabyte = 1e9;
  return fail(Error(Errc::no_space, "the store has no room")
                  .with(fmt::format("needs {:.1f} GB and a reserve of {:.1f} GB, {:.1f} GB free",
                                    static_cast<double>(bytes) / kGigabyte,
                                    static_cast<double>(options.reserve) / kGigabyte,
                                    static_cast<double>(free) / kGigabyte)));
}

Result<StagedFile> Store::stage_copy(int source, std::stop_token stop, const BytesDone& progress) {
  StagedFile staged;
  LENSFS_TRY(auto path, state_->new_staging_path());
  LENSFS_TRY(staged.fd_, open_path(path, O_RDWR | O_CREAT | O_EXCL, kObjectMode));
  staged.path_ = std::move(path);

  const Pace pace{.stop = std::move(stop), .progress = &progress};
  const auto room = [this](std::uint64_t bytes) { return state_->room_for(bytes); };
  LENSFS_TRY(const Copied copied, copy_file(source, staged.fd_.get(), room, pace));
  staged.id_ = state_->filtered(copied.id);
  staged.size_ = copied.size;
  staged.method_ = copied.method;
  return staged;
}

ContentId Store::hash(std::span<const std::byte> bytes) const {
  Hasher hasher;
  hasher.update(bytes);
  return state_->filtered(hasher.digest());
}

Result<StagedFile> Store::stage_bytes(std::span<const std::byte> bytes, const ContentId& id) {
  StagedFile staged;
  LENSFS_TRY(auto path, state_->new_staging_path());
  LENSFS_TRY(staged.fd_, open_path(path, O_RDWR | O_CREAT | O_EXCL, kObjectMode));
  staged.path_ = std::move(path);
  LENSFS_CHECK(state_->room_for(bytes.size()));
  LENSFS_CHECK(write_full(staged.fd_.get(), bytes, 0));
  staged.id_ = id;
  staged.size_ = bytes.size();
  staged.method_ = CopyMethod::read_write;
  return staged;
}

Result<UnfinishedFile> Store::new_file() {
  UnfinishedFile unfinished;
  LENSFS_TRY(auto path, state_->new_staging_path());
  LENSFS_CHECK(state_->room_for(0));
  LENSFS_TRY(unfinished.file_.fd_, open_path(path, O_RDWR | O_CREAT | O_EXCL, kObjectMode));
  unfinished.file_.path_ = std::move(path);
  return unfinished;
}

Result<StagedFile> Store::stage(UnfinishedFile written, std::stop_token stop,
                                const BytesDone& progress) {
  StagedFile staged = std::move(written.file_);
  LENSFS_TRY(const struct stat status, stat_of(staged.fd()));
  staged.size_ = static_cast<std::uint64_t>(status.st_size);
  LENSFS_TRY(staged.id_, hash(staged.fd(), std::move(stop), progress));
  staged.method_ = CopyMethod::rename;
  return staged;
}

Status Store::sync() {
  const std::lock_guard lock(state_->syncing);
  if (!state_->sync_failure) {
    const Status synced = sync_file_system(state_->objects.get());
    if (synced) return {};
    state_->sync_failure = synced.error().with("the store lost a write; verify the library");
  }
  return fail(*state_->sync_failure);
}

// --- drafts

Result<const Drafts*> Store::drafts() const {
  if (!state_->drafts) return fail(state_->drafts.error());
  return &*state_->drafts;
}

// --- hold

Result<Fd> Store::State::open_collect_lock() const {
  const auto path = library / kStaging / kCollectLock;
  auto lock = open_path(path, O_RDWR | O_CREAT);
  // A library that may only be read: nothing is collected from it, but a hold does no harm.
  if (!lock) lock = open_path(path, O_RDONLY);
  return lock;
}

Result<Store::Hold> Store::hold() const {
  LENSFS_TRY(Fd lock, state_->open_collect_lock());
  LENSFS_CHECK(lock_file(lock.get(), LockMode::shared, Wait::yes));
  return Hold(std::move(lock));
}

}  // namespace lensfs
