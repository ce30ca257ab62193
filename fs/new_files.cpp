#include "fs/new_files.h"

#include <fcntl.h>

#include <algorithm>
#include <chrono>

#include "catalog/base/log.h"
#include "catalog/model/names.h"
#include "catalog/store/mount_marks.h"

namespace lensfs {
namespace {

using std::chrono::milliseconds;

// How long a file is new at most. Other processes wait as long before they read.
constexpr milliseconds kLongest{10};
// What is still being written when others go into the catalog, for unpacking sets times, owner and
// mode before it closes a file, stays here for this long at most, so that those need no
// transaction.
constexpr Nanoseconds kLongestWritten = Nanoseconds{50} * 1'000'000;
// After a failure (the disk is full).
constexpr milliseconds kPause{500};
// More than this many are not held.
constexpr std::size_t kMost = 1024;
// Numbers taken at once; more are taken when half of them are used.
constexpr std::int64_t kIdsAtOnce = 4096;

// A new file has the number of its asset.
AssetId asset_behind(NodeId file) {
  return static_cast<AssetId>(number(file_of(file)));
}

}  // namespace

NewFiles::~NewFiles() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  tree_.catalog().pool().set_deferred(nullptr);
}

Status NewFiles::take_up(Catalog& catalog, const std::string& mount) {
  for (const std::string& left : CreationLog::mounts(catalog.path())) {
    if (left != mount && is_alive(catalog.path(), left)) continue;
    LENSFS_TRY(const CreationLog log, CreationLog::open(catalog.path(), left));
    LENSFS_TRY(const std::vector<DeferredFile> files, log.read(left));
    if (!files.empty()) {
      LENSFS_CHECK(catalog.write(
          [&](Transaction& txn) -> Status { return add_deferred(txn, files, Noted::before); }));
    }
    CreationLog::remove(catalog.path(), left);
  }
  return {};
}

Status NewFiles::start() {
  LENSFS_TRY(log_, CreationLog::open(tree_.catalog().path(), mount_));
  tree_.catalog().pool().set_deferred(this);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  is_on_ = true;
  return {};
}

void NewFiles::finish() {
  if (!is_on_.exchange(false)) return;
  settle();
  thread_.request_stop();
  thread_.join();
  if (!any()) CreationLog::remove(tree_.catalog().path(), mount_);
}

void NewFiles::run(const std::stop_token& stop) {
  bool has_failed = false;
  while (!stop.stop_requested()) {
    bool wants_ids = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, stop, [&] { return wants_ids_ || !files_.empty(); });
      wake_.wait_for(lock, stop, has_failed ? kPause : kLongest,
                     [&] { return wants_ids_ && !has_failed; });
      wants_ids = wants_ids_;
    }
    if (stop.stop_requested()) return;
    Pool& pool = tree_.catalog().pool();
    Status done = pool.settle(Which::finished);
    if (done && wants_ids) {
      const auto ids = tree_.catalog().write_beside(
          [&](Transaction& txn) { return reserve_ids(txn, kIdsAtOnce); });
      const std::scoped_lock lock(mutex_);
      wants_ids_ = false;
      if (ids) ids_ = *ids;
      if (!ids) done = fail(ids.error());
    }
    if (!done && !has_failed) {
      log::error("new files are not in the catalog yet count={} {}", count_.load(),
                 done.error().message());
    }
    has_failed = !done;
  }
}

bool NewFiles::is_for_here(NodeId folder, const NewFile& file, const Asking& asking) const {
  if (!is_on_ || count_ >= kMost || class_of(folder) != NodeClass::folder) return false;
  if (asking.request.request == 0 || asking.request.resent) return false;
  if (file.type != 0 || tree_.access().is_active() || tree_.context().drafts == nullptr) {
    return false;
  }
  return check_name(file.name) && !tree_.context().scratch.matches(file.name);
}

Result<std::optional<NewFiles::Made>> NewFiles::make(NodeId folder, const NewFile& file,
                                                     const Asking& asking) {
  if (!is_for_here(folder, file, asking)) return std::optional<Made>();
  DeferredFile made{.folder = folder_of(folder),
                    .file = file,
                    .actor = asking.actor,
                    .request = asking.request,
                    .made = Clock().now()};
  made.changed = made.made;
  return tree_.catalog().pool().defer([&](bool is_alone) -> Result<std::optional<Made>> {
    if (!is_alone || is_taken(folder, file.name)) return std::optional<Made>();
    return make_now(std::move(made));
  });
}

Result<std::optional<NewFiles::Made>> NewFiles::make_now(DeferredFile made) {
  {
    LENSFS_TRY(const auto db, tree_.catalog().snapshot());
    const auto spot = look_at_spot(*db, made.folder, made.file.name, made.made);
    if (!spot || !spot->is_plain) return std::optional<Made>();
    if ((spot->folder_mode & S_ISGID) != 0) made.file.gid = spot->folder_gid;
  }
  if (!take_ids(made)) return std::optional<Made>();
  LENSFS_TRY(Fd draft, tree_.context().drafts->create(number(made.draft), O_RDONLY));
  LENSFS_CHECK(note(made));
  const Attributes attributes =
      attributes_of(asset_of(made), tree_.context().drafts, KeptMode::none);
  return std::optional<Made>({attributes, std::move(draft)});
}

bool NewFiles::is_taken(NodeId folder, const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  return names_.contains(Spot{folder_of(folder), name});
}

bool NewFiles::take_ids(DeferredFile& made) {
  const std::scoped_lock lock(mutex_);
  const bool is_low = !ids_ || ids_->count < kIdsAtOnce / 2;
  if (is_low && !wants_ids_) {
    wants_ids_ = true;
    wake_.notify_one();
  }
  if (!ids_ || ids_->count == 0) return false;
  made.asset = static_cast<AssetId>(ids_->asset++);
  made.draft = static_cast<DraftId>(ids_->draft++);
  --ids_->count;
  return true;
}

Status NewFiles::note(const DeferredFile& made) {
  const std::scoped_lock lock(mutex_);
  LENSFS_CHECK(log_->append(made));
  names_.emplace(Spot{made.folder, made.file.name}, made.asset);
  files_.emplace(made.asset, Known{made});
  folders_[made.folder].newest = made.made;
  count_ = files_.size();
  if (count_ == 1) wake_.notify_one();
  return {};
}

std::optional<NewFiles::Known> NewFiles::find(NodeId file) const {
  if (!any() || class_of(file) != NodeClass::file) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  const auto at = files_.find(asset_behind(file));
  return at == files_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<Attributes> NewFiles::shown(const Known& known) const {
  // Once the catalog has it, a mode may be kept with its draft.
  const Attributes attributes =
      attributes_of(asset_of(known.made), tree_.context().drafts,
                    known.is_leaving ? KeptMode::possible : KeptMode::none);
  return attributes.outdated ? std::nullopt : std::optional(attributes);
}

std::optional<Found> NewFiles::look_up(NodeId folder, std::string_view name) const {
  if (!any() || class_of(folder) != NodeClass::folder) return std::nullopt;
  std::optional<Known> found;
  {
    const std::scoped_lock lock(mutex_);
    const auto at = names_.find(Spot{folder_of(folder), std::string(name)});
    if (at == names_.end()) return std::nullopt;
    found = files_.at(at->second);
  }
  const auto attributes = shown(*found);
  if (!attributes) return std::nullopt;
  return Found{attributes->ino, *attributes};
}

std::optional<Attributes> NewFiles::attributes(NodeId file) const {
  const auto found = find(file);
  return found ? shown(*found) : std::nullopt;
}

std::optional<DraftId> NewFiles::draft_of(NodeId file) const {
  const auto found = find(file);
  return found ? std::optional(found->made.draft) : std::nullopt;
}

Result<bool> NewFiles::set(NodeId file, const NewAttributes& to) {
  if (!any() || class_of(file) != NodeClass::file) return false;
  const std::scoped_lock lock(mutex_);
  const auto at = files_.find(asset_behind(file));
  if (at == files_.end() || at->second.is_leaving) return false;
  DeferredFile& now = at->second.made;
  DeferredFile then = now;
  if (((then.file.mode | to.mode.value_or(0)) & kSpecialBits) != 0) return false;
  then.file.mode = to.mode.value_or(then.file.mode);
  then.file.uid = to.uid.value_or(then.file.uid);
  then.file.gid = to.gid.value_or(then.file.gid);
  if (to.atime) then.atime = to.atime;
  then.changed = Clock().now();
  if (to.mtime) {
    LENSFS_CHECK(tree_.context().drafts->set_mtime(number(then.draft), *to.mtime));
  }
  const bool is_noted = then.file.mode == now.file.mode && then.file.uid == now.file.uid &&
                        then.file.gid == now.file.gid && then.atime == now.atime;
  if (!is_noted) LENSFS_CHECK(log_->append(then));  // the draft has its mtime
  now = std::move(then);
  return true;
}

Result<Attributes> NewFiles::folder(NodeId folder,
                                    const std::function<Result<Attributes>()>& read) {
  const auto shown = [](Attributes attributes, Nanoseconds newest) {
    attributes.mtime = newest;
    attributes.ctime = std::max(attributes.ctime, newest);
    return attributes;
  };
  std::uint64_t batches = 0;
  {
    const std::scoped_lock lock(mutex_);
    batches = batches_;
    const auto at = folders_.find(folder_of(folder));
    if (at != folders_.end() && at->second.folder) {
      return shown(*at->second.folder, at->second.newest);
    }
  }
  LENSFS_TRY(const Attributes attributes, read());
  const std::scoped_lock lock(mutex_);
  const auto at = folders_.find(folder_of(folder));
  if (at == folders_.end() || batches != batches_) return attributes;
  at->second.folder = attributes;
  return shown(attributes, at->second.newest);
}

// A failure is met again by whoever writes.
void NewFiles::settle() {
  static_cast<void>(tree_.catalog().pool().settle());
}

bool NewFiles::is_finished(const DeferredFile& made, Nanoseconds now) const {
  if (now - made.made > kLongestWritten) return true;
  return open_files_.left(node_of(asset_of(made).file)).writers == 0;
}

// What stays is noted again, for the notes of what leaves are forgotten together.
void NewFiles::choose_batch(Which which) {
  const Nanoseconds now = Clock().now();
  const std::scoped_lock lock(mutex_);
  log_->turn_over();
  batch_.clear();
  for (auto& [id, known] : files_) {
    const bool stays =
        which == Which::finished && !is_finished(known.made, now) && log_->append(known.made);
    known.is_leaving = !stays;
    if (known.is_leaving) batch_.push_back(known.made);
  }
}

Status NewFiles::write(Transaction& txn, Which which) {
  choose_batch(which);
  LENSFS_CHECK(add_deferred(txn, batch_, Noted::now));
  LENSFS_TRY(changes_, Tree::logged_by(txn));
  return {};
}

void NewFiles::written() {
  for (const Change& change : changes_) tree_.accept(change);
  {
    const std::scoped_lock lock(mutex_);
    for (const DeferredFile& made : batch_) {
      names_.erase(Spot{made.folder, made.file.name});
      files_.erase(made.asset);
    }
    count_ = files_.size();
    ++batches_;
    folders_.clear();
    for (const auto& [id, known] : files_) {
      Nanoseconds& newest = folders_[known.made.folder].newest;
      newest = std::max(newest, known.made.made);
    }
    if (const Status forgotten = log_->forget_older(); !forgotten) {
      log::warn("notes of new files stay: {}", forgotten.error().message());
    }
  }
  if (tell_) tell_();
}

}  // namespace lensfs
