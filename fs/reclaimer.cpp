#include "fs/reclaimer.h"

#include "catalog/base/log.h"
#include "catalog/model/asset.h"
#include "catalog/model/collecting.h"
#include "catalog/model/file.h"
#include "catalog/store/mount_marks.h"

namespace lensfs {
namespace {

using std::chrono::seconds;

// How often it looks whether what is waited for was closed.
constexpr auto kWaiting = seconds(1);
constexpr auto kIdle = seconds(5);
// A request may be on its way to a file that lost its name just now.
constexpr Nanoseconds kUnderWay = 5 * kNanosecondsPerSecond;

// True where its rows went; what cannot be asked is asked again.
bool is_gone(Database& db, AssetId asset) {
  const auto found = find_asset(db, asset);
  return !found && found.error().code() == Errc::not_found;
}

}  // namespace

Reclaimer::~Reclaimer() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Reclaimer::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Reclaimer::add(Freed freed) {
  {
    const std::scoped_lock lock(mutex_);
    freed_.push_back(std::move(freed));
    news_ = true;
  }
  wake_.notify_one();
}

void Reclaimer::gone(NodeId file) {
  {
    const std::scoped_lock lock(mutex_);
    gone_.push_back(file);
    news_ = true;
  }
  wake_.notify_one();
}

void Reclaimer::finish() {
  {
    const std::scoped_lock lock(mutex_);
    finishing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Reclaimer::run(const std::stop_token& stop) {
  bool finishing = false;
  while (!stop.stop_requested() && !finishing) {
    std::vector<Freed> freed;
    std::vector<NodeId> gone;
    bool had_news = false;
    {
      std::unique_lock lock(mutex_);
      const auto patience = freed_.empty() && gone_.empty() ? kIdle : kWaiting;
      wake_.wait_for(lock, stop, patience, [&] { return news_ || finishing_; });
      had_news = std::exchange(news_, false);
      finishing = finishing_;
      freed.swap(freed_);
      gone.swap(gone_);
    }
    let_go(std::move(gone));
    collect(std::move(freed));
    if (had_news) continue;
    catalog_.keep_room();
    const Status forgotten = forget_closed();
    if (!forgotten) log::warn("lost files are not forgotten: {}", forgotten.error().message());
  }
}

void Reclaimer::collect(std::vector<Freed> all) {
  for (Freed& freed : all) {
    bool ready = false;
    if (const auto db = catalog_.read()) ready = is_gone(**db, freed.asset);
    if (ready) {
      const auto report = collect_freed(catalog_, freed.objects);
      if (report) continue;
      if (report.error().code() != Errc::busy) {
        log::warn("purged objects stay for gc: {}", report.error().message());
        continue;
      }
    }
    const std::scoped_lock lock(mutex_);
    freed_.push_back(std::move(freed));
  }
}

// A descriptor that is kept to make the next open cheaper keeps the bytes on the disk, too.
void Reclaimer::let_go(std::vector<NodeId> files) {
  const std::size_t told = files.size();
  for (std::size_t at = 0; at < told; ++at) {
    if (class_of(files[at]) != NodeClass::version) continue;
    for (const NodeId frame : open_files_.frames_of(version_of(files[at]))) files.push_back(frame);
  }
  for (const NodeId file : files) {
    open_files_.moved(file);
    if (open_files_.left(file).opens == 0) continue;
    const std::scoped_lock lock(mutex_);
    gone_.push_back(file);
  }
}

// Which mount has a lost file open is not known, so only who is alone can tell.
Status Reclaimer::forget_closed() {
  std::vector<LostFile> closed;
  {
    LENSFS_TRY(const auto db, catalog_.read());
    const Nanoseconds before = Clock().now() - kUnderWay;
    LENSFS_CHECK(each_lost_file(*db, [&](const LostFile& file) {
      const bool open = open_files_.left(node_of(file.file)).opens > 0;
      if (!open && !file.draft && file.changed < before) closed.push_back(file);
    }));
  }
  if (closed.empty() || is_mounted_by_others(catalog_.path(), mount_)) return {};
  LENSFS_CHECK(catalog_.write_soon([&](Transaction& txn) -> Status {
    for (const LostFile& file : closed) LENSFS_CHECK(forget_lost_file(txn, file.file));
    return {};
  }));
  for (const LostFile& file : closed) open_files_.forget(node_of(file.file));
  return {};
}

}  // namespace lensfs
