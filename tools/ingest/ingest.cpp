#include "tools/ingest/ingest.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "catalog/model/sequence.h"
#include "tools/ingest/batch.h"
#include "tools/ingest/committer.h"
#include "tools/ingest/copier.h"
#include "tools/ingest/queue.h"
#include "tools/ingest/reporter.h"
#include "tools/ingest/walker.h"

namespace lensfs {
namespace {

// Small files go to the copiers in groups, large ones alone.
constexpr std::size_t kGroupFiles = 16;
constexpr std::int64_t kGroupBytes = 1 << 20;
constexpr std::size_t kWaitingGroups = 32;
constexpr std::size_t kWaitingEntries = 512;
using Group = std::vector<SourceFile>;

Walker::Options walker_options(const Catalog& catalog, const IngestRequest& request) {
  return {
      .follow = request.follow,
      .library = catalog.path(),
      .owner = ::geteuid() == 0 ? Walker::Options::Owner::source : Walker::Options::Owner::caller,
      .runs = request.runs == Runs::sequences ? Walker::Options::Runs::mark
                                              : Walker::Options::Runs::ignore};
}

// Counter: walks ahead of the ingest for the totals of the progress.
class Counter final : public WalkVisitor {
 public:
  explicit Counter(IngestProgress& progress) : progress_(progress) {}
  void directory(const std::shared_ptr<SourceDirectory>& /*directory*/) override {}
  void file(SourceFile file) override {
    one();
    progress_.total_bytes.fetch_add(static_cast<std::uint64_t>(file.seen.st_size),
                                    std::memory_order_relaxed);
  }
  void skipped(const std::string& /*path*/, const std::string& /*reason*/) override { one(); }
  void failed(const std::string& /*path*/, const Error& /*error*/) override { one(); }

 private:
  void one() { progress_.total_files.fetch_add(1, std::memory_order_relaxed); }
  IngestProgress& progress_;
};

// Run: one ingest, from the walk to the last commit.
class Run final : public WalkVisitor {
 public:
  Run(Catalog& catalog, const IngestRequest& request, const Project& project,
      IngestObserver& observer, IngestProgress& progress)
      : catalog_(catalog),
        request_(request),
        project_(project),
        progress_(progress),
        reporter_(observer, progress),
        holds_(catalog.store()) {}

  Result<IngestSummary> go(const std::stop_token& stop);

  void directory(const std::shared_ptr<SourceDirectory>& directory) override;
  void file(SourceFile file) override;
  void skipped(const std::string& path, const std::string& reason) override {
    reporter_.skipped(path, reason);
  }
  void failed(const std::string& path, const Error& error) override {
    reporter_.failed(path, error);
  }

 private:
  void copy_groups();
  void copy(Copier& copier, Group& group);
  void send_group();
  void send(Entry entry);
  void commit_entries();
  void give_up(const Error& error);
  [[nodiscard]] Result<std::optional<AssetId>> ingested_before(const SourceFile& file);
  [[nodiscard]] static Result<std::optional<std::string>> place_before(Database& db,
                                                                       FolderId folder,
                                                                       const SourceFile& file);
  [[nodiscard]] Result<std::optional<FolderId>> folder_before(const SourceDirectory& directory);
  // An operand's own directory stands for the project's folder.
  [[nodiscard]] std::optional<FolderId> found_folder(const SourceDirectory& directory) const {
    return directory.parent ? directory.found : std::optional(project_.folder);
  }

  Catalog& catalog_;
  const IngestRequest& request_;
  const Project& project_;
  IngestProgress& progress_;
  std::stop_source stop_;
  Reporter reporter_;
  HoldSource holds_;
  Group group_;  // being filled by the walker
  std::int64_t group_bytes_ = 0;
  Queue<Group> groups_{kWaitingGroups};
  Queue<Entry> entries_{kWaitingEntries};
  std::mutex end_mutex_;  // guards end_; rank: leaf
  std::optional<Error> end_;
};

Result<IngestSummary> Run::go(const std::stop_token& stop) {
  const std::stop_callback pass_on(stop, [this] { stop_.request_stop(); });
  Counter counter(progress_);
  std::jthread counting;
  if (request_.count == IngestRequest::Count::yes) {
    counting = std::jthread([this, &counter] {
      Walker ahead(walker_options(catalog_, request_), counter, stop_.get_token());
      for (const std::string& path : request_.paths) ahead.walk(path);
      progress_.counted = true;
    });
  }
  std::jthread committing([this] { commit_entries(); });
  std::vector<std::jthread> copying;
  const unsigned jobs =
      request_.jobs != 0 ? request_.jobs : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned job = 0; job < jobs; ++job) copying.emplace_back([this] { copy_groups(); });

  Walker walker(walker_options(catalog_, request_), *this, stop_.get_token());
  for (const std::string& path : request_.paths) {
    if (!stop_.stop_requested()) walker.walk(path);
  }
  send_group();
  groups_.close();
  copying.clear();  // joins them
  entries_.close();
  committing.join();

  if (end_) return fail(*end_);
  IngestSummary summary = reporter_.summary();
  summary.interrupted = stop_.stop_requested();
  return summary;
}

void Run::directory(const std::shared_ptr<SourceDirectory>& directory) {
  auto folder = folder_before(*directory);
  if (!folder) return give_up(folder.error());
  directory->found = *folder;
  if (!directory->found) send(FoundDirectory{directory});
}

Result<std::optional<FolderId>> Run::folder_before(const SourceDirectory& directory) {
  const std::optional<FolderId> above =
      directory.parent ? found_folder(*directory.parent) : std::optional(project_.folder);
  if (!directory.folder || !above) return above;
  LENSFS_TRY(const Pool::Reader reader, catalog_.read());
  auto folder = find_subfolder(*reader, *above, directory.folder->name);
  if (folder) return std::optional(folder->id);
  if (folder.error().code() == Errc::not_found) return std::optional<FolderId>();
  return fail(std::move(folder).error());
}

void Run::file(SourceFile file) {
  auto before = ingested_before(file);
  if (!before) return give_up(before.error());
  if (!*before) {
    if (group_bytes_ + file.seen.st_size > kGroupBytes) send_group();
    group_bytes_ += file.seen.st_size;
    group_.push_back(std::move(file));
    if (group_.size() >= kGroupFiles || group_bytes_ >= kGroupBytes) send_group();
    return;
  }
  progress_.bytes.fetch_add(static_cast<std::uint64_t>(file.seen.st_size),
                            std::memory_order_relaxed);
  send(KnownSource{.source = std::move(file), .asset = **before});
}

// A source that is to be removed afterwards is always read and compared first.
Result<std::optional<AssetId>> Run::ingested_before(const SourceFile& file) {
  const std::optional<FolderId> folder = found_folder(*file.directory);
  if (!folder || request_.adopt == Adopt::move) return std::optional<AssetId>();
  const Fingerprint print = fingerprint_of(file.seen);
  LENSFS_TRY(const Pool::Reader reader, catalog_.read());
  LENSFS_TRY(const std::optional<std::string> place, place_before(*reader, *folder, file));
  if (!place) return std::optional<AssetId>();
  return find_source(*reader,
                     {.path = file.absolute(),
                      .project = project_.id,
                      .device = static_cast<std::int64_t>(print.device),
                      .inode = static_cast<std::int64_t>(print.inode),
                      .size = print.size,
                      .mtime = print.mtime,
                      .ctime = print.ctime},
                     *folder, *place);
}

// The name that the file has in its folder, or the sequence of which it is a frame.
Result<std::optional<std::string>> Run::place_before(Database& db, FolderId folder,
                                                     const SourceFile& file) {
  std::string name = spelled(file.name).name;
  if (!file.run) return std::optional(std::move(name));
  const auto parts = frame_name(name);
  if (!parts) return std::optional<std::string>();
  const auto sequence = find_sequence(db, folder, *parts);
  if (is_missing(sequence)) return std::optional<std::string>();
  if (!sequence) return fail(sequence.error());
  const auto frame = find_frame(db, sequence->asset.version, name);
  if (is_missing(frame)) return std::optional<std::string>();
  if (!frame) return fail(frame.error());
  return std::optional(sequence->name);
}

void Run::send(Entry entry) {
  std::vector<Entry> one;
  one.push_back(std::move(entry));
  entries_.push(std::move(one));
}

void Run::send_group() {
  if (group_.empty()) return;
  std::vector<Group> one;
  one.push_back(std::exchange(group_, {}));
  group_bytes_ = 0;
  groups_.push(std::move(one));
}

void Run::copy_groups() {
  Copier copier(catalog_, holds_, request_.adopt, progress_, stop_.get_token());
  for (auto groups = groups_.pop(1); !groups.empty(); groups = groups_.pop(1)) {
    for (Group& group : groups) copy(copier, group);
  }
}

void Run::copy(Copier& copier, Group& group) {
  std::vector<Entry> staged;
  for (SourceFile& file : group) {
    if (stop_.stop_requested()) break;
    const std::string shown = file.shown();
    const std::shared_ptr<SourceRun> run = file.run;
    auto one = copier.take(std::move(file));
    if (one) {
      staged.emplace_back(std::move(*one));
      continue;
    }
    if (one.error().code() == Errc::interrupted) break;
    reporter_.failed(shown, one.error());
    if (run) staged.emplace_back(LostFrame{run});
    if (one.error().code() == Errc::no_space) give_up(one.error());
  }
  if (!staged.empty()) entries_.push(std::move(staged));
}

void Run::commit_entries() {
  Committer committer(catalog_, holds_, request_, project_, reporter_);
  const Status status = committer.run(entries_);
  if (status) return;
  give_up(status.error());
  entries_.close();
}

// Ends the run with an error; what is staged is still committed, if it can be.
void Run::give_up(const Error& error) {
  {
    const std::scoped_lock lock(end_mutex_);
    if (!end_) end_ = error;
  }
  stop_.request_stop();
}

}  // namespace

Result<IngestSummary> ingest(Catalog& catalog, const IngestRequest& request,
                             IngestObserver& observer, IngestProgress& progress,
                             const std::stop_token& stop) {
  const auto project = catalog.write([&](Transaction& txn) {
    return ensure_project(txn, actor_of_process(),
                          {.name = request.project,
                           .raw_name = std::nullopt,
                           .uid = ::geteuid(),
                           .gid = ::getegid(),
                           .mode = 0755,
                           .mtime = std::nullopt});
  });
  if (!project) return fail(project.error());
  Run run(catalog, request, *project, observer, progress);
  return run.go(stop);
}

}  // namespace lensfs
