#include "fs/brought_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <random>

#include "catalog/base/log.h"
#include "transcode/client/made_check.h"

namespace lensfs {
namespace {

// Between an open that is answered stale and the look-up that follows; more than the kernel needs.
constexpr std::chrono::seconds kReplacingTakes{10};

NodeId new_node() {
  std::random_device random;
  const auto high = static_cast<std::uint64_t>(random());
  return make_node(NodeClass::brought, high << 32U | random());
}

}  // namespace

std::int64_t BroughtFiles::File::size() const {
  const auto status = stat_of(bytes_->fd());
  return status ? status->st_size : 0;
}

void BroughtFiles::start() {
  thread_ = std::thread([this] { run(); });
}

void BroughtFiles::finish() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

// --- coming to be

BroughtFiles::Shared BroughtFiles::add(BroughtAs as, const Owner& owner) {
  auto file = std::make_shared<File>(new_node(), std::move(as), owner);
  files_.emplace(file->node(), file);
  return file;
}

Result<Found> BroughtFiles::create(BroughtAs as, const Owner& owner) {
  LENSFS_TRY(UnfinishedFile bytes, catalog_.store().new_file());
  NodeId node{};
  {
    const std::scoped_lock lock(mutex_);
    const Shared file = add(std::move(as), owner);
    file->bytes_ = std::move(bytes);
    file->opens_ = 1;
    node = file->node();
  }
  LENSFS_TRY(const Attributes now, attributes(node));
  return Found{node, now, Keep::no};
}

void BroughtFiles::forget_old(SteadyClock::time_point now) {
  replacing_.erase(std::remove_if(replacing_.begin(), replacing_.end(),
                                  [&](const Replacing& one) { return one.until <= now; }),
                   replacing_.end());
  for (auto at = files_.begin(); at != files_.end();) {
    const bool never_opened = !at->second->bytes_ && at->second->made_ + kReplacingTakes <= now;
    at = never_opened ? files_.erase(at) : std::next(at);
  }
}

bool BroughtFiles::note_replacing(pid_t who, NodeId shown) {
  const auto now = SteadyClock::now();
  const std::scoped_lock lock(mutex_);
  forget_old(now);
  const auto known = std::find_if(replacing_.begin(), replacing_.end(), [&](const auto& one) {
    return one.who == who && one.shown == shown;
  });
  if (known == replacing_.end()) {
    replacing_.push_back({.who = who, .shown = shown, .until = now + kReplacingTakes});
    return true;
  }
  replacing_.erase(known);
  return false;
}

bool BroughtFiles::is_replacing(pid_t who, NodeId shown) {
  const std::scoped_lock lock(mutex_);
  return std::any_of(replacing_.begin(), replacing_.end(), [&](const auto& one) {
    return one.who == who && one.shown == shown && one.until > SteadyClock::now();
  });
}

Found BroughtFiles::replace(pid_t who, NodeId shown, BroughtAs as, const Owner& owner) {
  const std::scoped_lock lock(mutex_);
  Shared file;
  for (Replacing& one : replacing_) {
    if (one.who != who || one.shown != shown) continue;
    // The kernel asks twice, and has to hear of the same file.
    const auto given = one.file ? files_.find(*one.file) : files_.end();
    file = given != files_.end() ? given->second : add(as, owner);
    one.file = file->node();
  }
  if (!file) file = add(std::move(as), owner);
  const Nanoseconds now = file->modified_;
  return {file->node(),
          {.ino = file->node(),
           .mode = S_IFREG | owner.mode,
           .uid = owner.uid,
           .gid = owner.gid,
           .mtime = now,
           .ctime = now,
           .moving = true},
          Keep::no};
}

// --- being written

Result<BroughtFiles::Shared> BroughtFiles::open(NodeId node) {
  LENSFS_TRY(Shared file, find(node));
  std::optional<UnfinishedFile> bytes;
  bool is_first = false;
  {
    const std::scoped_lock lock(mutex_);
    is_first = !file->bytes_;
  }
  if (is_first) {
    LENSFS_TRY(bytes, catalog_.store().new_file());
  }
  const std::scoped_lock lock(mutex_);
  if (!file->bytes_) file->bytes_ = std::move(bytes);
  ++file->opens_;
  replacing_.erase(std::remove_if(replacing_.begin(), replacing_.end(),
                                  [&](const Replacing& one) { return one.file == node; }),
                   replacing_.end());
  return file;
}

Result<BroughtFiles::Shared> BroughtFiles::find(NodeId node) {
  const std::scoped_lock lock(mutex_);
  const auto at = files_.find(node);
  if (at == files_.end()) return fail(Errc::stale);
  return at->second;
}

Result<Attributes> BroughtFiles::attributes(NodeId node) {
  LENSFS_TRY(const Shared file, find(node));
  const Nanoseconds modified = file->modified_;
  bool is_opened = false;
  {
    const std::scoped_lock lock(mutex_);
    is_opened = file->bytes_.has_value();
  }
  return Attributes{.ino = node,
                    .mode = S_IFREG | file->owner_.mode,
                    .uid = file->owner_.uid,
                    .gid = file->owner_.gid,
                    .size = is_opened ? file->size() : 0,
                    .mtime = modified,
                    .ctime = modified,
                    .moving = true};
}

void BroughtFiles::release(NodeId node) {
  Shared file;
  {
    const std::scoped_lock lock(mutex_);
    const auto at = files_.find(node);
    if (at == files_.end() || --at->second->opens_ > 0) return;
    file = std::move(at->second);
    files_.erase(at);
  }
  enqueue({.file = std::move(file), .then = {}});
}

void BroughtFiles::flush(NodeId node, std::function<void(const Status&)> then) {
  auto file = find(node);
  if (!file) return then(fail(file.error()));
  if ((*file)->size() == 0) return then({});  // a copy of a descriptor, before anything is written
  enqueue({.file = *std::move(file), .then = std::move(then)});
}

// --- the thread

void BroughtFiles::enqueue(Task task) {
  {
    const std::scoped_lock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_all();
}

void BroughtFiles::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (tasks_.empty()) {
      lock.unlock();
      engines_.reset();
      lock.lock();
    }
    wake_.wait(lock, [&] { return over_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    if (task.then) {
      task.then(check(*task.file));
    } else {
      settle(*task.file);
    }
    lock.lock();
  }
}

// Whether it can be taken as it is; asked again only after it was changed.
Status BroughtFiles::check(File& file) {
  const std::uint64_t changes = file.changes_;
  if (file.checked_ == changes) return file.verdict_;
  const auto looked_at = [&]() -> Result<NewRendition> {
    if (file.size() > lens_.settings().output) {
      return fail(Errc::too_big, "it has more bytes than a rendition may have");
    }
    LENSFS_CHECK(check_beginning(file.fd(), file.as_.extension));
    if (!engines_) engines_ = make_engines(lens_.settings());
    return check_brought(catalog_, *engines_, file.as_.to, file.fd(), file.as_.extension,
                         stop_.get_token());
  };
  auto rendition = looked_at();
  file.checked_ = changes;
  file.verdict_ = rendition ? Status() : fail(rendition.error());
  if (rendition) {
    file.rendition_ = *std::move(rendition);
  } else {
    // Whoever is told so at once looks for the reason at once.
    lens_.note_refusal(file.as_.to.source, file.as_.to.recipe, rendition.error().message());
  }
  return file.verdict_;
}

Status BroughtFiles::take(File& file) {
  LENSFS_CHECK(check(file));
  const std::stop_token stop = stop_.get_token();
  LENSFS_TRY(StagedFile staged, catalog_.store().stage(*std::exchange(file.bytes_, {}), stop, {}));
  return keep_brought(catalog_, file.as_.to, file.rendition_, std::move(staged), stop);
}

// After the last close.
void BroughtFiles::settle(File& file) {
  if (file.size() == 0) return;
  const Status taken = take(file);
  const BroughtAs& as = file.as_;
  lens_.note_refusal(as.to.source, as.to.recipe,
                     taken ? std::nullopt : std::optional(taken.error().message()));
  if (!taken) {
    log::warn("a file was not taken as the rendition of {} profile={} error=\"{}\"", as.to.name,
              as.profile, taken.error().message());
    return;
  }
  told_();
}

}  // namespace lensfs
