#include "tools/ingest/committer.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>

#include "catalog/model/tag.h"

namespace lensfs {
namespace {

constexpr std::size_t kBatchFiles = 512;
constexpr std::size_t kGroup = 32;  // taken from the queue at once
constexpr std::int64_t kBatchBytes = 256LL << 20;
constexpr std::chrono::seconds kBatchTime{1};
constexpr int kBusyTries = 6;  // of 10 s each
// A file that changed so shortly before it was recorded could change again within one tick of its
// clock and look the same: it is read again by the next run.
constexpr Nanoseconds kRacy = 2 * kNanosecondsPerSecond;

std::int64_t fresh_bytes(const Entry& entry) {
  const auto* staged = std::get_if<StagedSource>(&entry);
  return staged != nullptr && !staged->known ? staged->print.size : 0;
}

Incoming incoming_from(const StagedSource& staged, FolderId folder,
                       std::optional<AssetId> same_file) {
  const bool keep_owner = ::geteuid() == 0;
  Spelling spelling = spelled(staged.source.name);
  return {.folder = folder,
          .place = {.name = spelling.name, .raw_name = std::move(spelling.raw)},
          .asset = {.name = spelling.name,
                    .kind = staged.kind,
                    .uid = keep_owner ? staged.status.st_uid : ::geteuid(),
                    .gid = keep_owner ? staged.status.st_gid : ::getegid(),
                    .mode = staged.status.st_mode & 01777U,  // no set-uid, no set-gid
                    .first = {.object = staged.object,
                              .mtime = staged.print.mtime,
                              .reason = "ingest"}},
          .same_file = same_file};
}

}  // namespace

Committer::Committer(Catalog& catalog, HoldSource& holds, const IngestRequest& request,
                     const Project& project, Reporter& reporter)
    : catalog_(catalog),
      holds_(holds),
      request_(request),
      project_(project),
      reporter_(reporter),
      actor_(actor_of_process()),
      sequences_(catalog, holds),
      started_(Clock().now()) {}

std::string Committer::place_path(const SourceDirectory& directory, const std::string& name) const {
  std::string path = name;
  for (const SourceDirectory* at = &directory; at != nullptr; at = at->parent.get()) {
    if (at->folder) path = at->folder->name + "/" + path;
  }
  return project_.name + "/" + path;
}

bool Committer::concerns_one_file(Errc code) {
  return code == Errc::exists || code == Errc::invalid || code == Errc::name_too_long;
}

Status Committer::run(Queue<Entry>& entries) {
  for (;;) {
    std::vector<Entry> batch = next_batch(entries);
    if (batch.empty()) return {};
    LENSFS_CHECK(commit(batch));
  }
}

std::vector<Entry> Committer::next_batch(Queue<Entry>& entries) const {
  std::vector<Entry> batch;
  std::int64_t bytes = 0;
  std::vector<Entry> next = entries.pop(kGroup);
  const auto deadline = std::chrono::steady_clock::now() + kBatchTime;
  while (!next.empty()) {
    for (Entry& entry : next) {
      bytes += fresh_bytes(entry);
      batch.push_back(std::move(entry));
    }
    if (batch.size() >= kBatchFiles || bytes >= kBatchBytes) break;
    next = entries.pop_until(kGroup, deadline);
  }
  return batch;
}

Status Committer::commit(std::vector<Entry>& batch) {
  LENSFS_TRY(const std::vector<PlannedRun> runs, plan_runs(collector_.take(batch), batch));
  if (batch.empty() && runs.empty()) return {};  // frames that wait for others
  holds_.renew();
  LENSFS_CHECK(catalog_.store().sync());
  std::vector<Done> done;
  Status committed;
  for (int attempt = 0; attempt < kBusyTries; ++attempt) {
    done.clear();
    made_.clear();
    linked_.clear();
    committed = catalog_.write([&](Transaction& txn) -> Status {
      for (Entry& entry : batch) LENSFS_CHECK(record(txn, entry, done));
      for (const PlannedRun& run : runs) LENSFS_CHECK(record_run(txn, run, done));
      return {};
    });
    if (committed) break;
    forget_transaction();
    if (committed.error().code() != Errc::busy) break;
  }
  LENSFS_CHECK(std::move(committed));
  for (Done& one : done) {
    if (request_.adopt == Adopt::move) remove_sources(one);
    reporter_.report(one.event);
  }
  return {};
}

Status Committer::record(Transaction& txn, Entry& entry, std::vector<Done>& done) {
  if (auto* found = std::get_if<FoundDirectory>(&entry)) {
    const auto folder = folder_of(txn, *found->directory);
    if (folder) return {};
    if (!concerns_one_file(folder.error().code())) return fail(folder.error());
    done.push_back({.event = {.status = FileStatus::failed,
                              .path = found->directory->shown,
                              .reason = folder.error().message()}});
    return {};
  }
  if (const auto* known = std::get_if<KnownSource>(&entry)) return record_known(txn, *known, done);
  if (std::get_if<LostFrame>(&entry) != nullptr) return {};

  const auto& staged = std::get<StagedSource>(entry);
  auto event = record_staged(txn, staged);
  if (event) {
    done.push_back({.event = std::move(*event), .source = &staged});
    return {};
  }
  if (!concerns_one_file(event.error().code())) return fail(std::move(event).error());
  done.push_back({.event = {.status = FileStatus::failed,
                            .path = staged.source.shown(),
                            .reason = event.error().message()}});
  return {};
}

Result<FileEvent> Committer::record_staged(Transaction& txn, const StagedSource& staged) {
  LENSFS_TRY(const FolderId folder, folder_of(txn, *staged.source.directory));
  std::optional<AssetId> same_file;
  const Identity identity{staged.print.device, staged.print.inode};
  if (staged.status.st_nlink > 1) {
    if (const auto other = hard_links_.find(identity); other != hard_links_.end()) {
      same_file = other->second;
    }
  }
  const Incoming file = incoming_from(staged, folder, same_file);
  if (request_.paths.size() > 1) LENSFS_CHECK(check_not_taken(txn, file));
  LENSFS_TRY(const Ingested result, ingest_file(txn, actor_, file));
  if (staged.status.st_nlink > 1 && hard_links_.insert_or_assign(identity, result.asset).second) {
    linked_.push_back(identity);
  }
  LENSFS_CHECK(add_tags(txn, result.asset));
  LENSFS_CHECK(remember(txn, staged, result.asset));
  return FileEvent{.status = status_of(result.outcome),
                   .path = staged.source.shown(),
                   .place = place_path(*staged.source.directory, file.place.name),
                   .asset = result.asset,
                   .object = staged.object,
                   .method = staged.known ? CopyMethod::known : staged.method,
                   .reason = {}};
}

Status Committer::record_known(Transaction& txn, const KnownSource& known,
                               std::vector<Done>& done) {
  LENSFS_CHECK(add_tags(txn, known.asset));
  if (known.source.seen.st_nlink > 1) {
    hard_links_.insert_or_assign(Identity{known.source.seen.st_dev, known.source.seen.st_ino},
                                 known.asset);
  }
  const Spelling spelling = spelled(known.source.name);
  done.push_back({.event = {.status = FileStatus::unchanged,
                            .path = known.source.shown(),
                            .place = place_path(*known.source.directory, spelling.name),
                            .asset = known.asset}});
  return {};
}

Status Committer::check_not_taken(Transaction& txn, const Incoming& file) const {
  const auto there = find_place(txn.db(), file.folder, file.place.name);
  if (!there) return {};
  LENSFS_TRY(const Asset asset, find_asset(txn.db(), there->asset));
  LENSFS_TRY(const Version version, find_version(txn.db(), asset.version));
  if (version.created < started_) return {};
  LENSFS_TRY(const ObjectKey object, object_of(txn.db(), asset.version));
  if (object == file.asset.first.object) return {};
  return fail(Errc::exists, "another file of this run has the same place");
}

Status Committer::add_tags(Transaction& txn, AssetId asset) {
  if (request_.tags.empty()) return {};
  LENSFS_TRY(const Asset row, find_asset(txn.db(), asset));
  for (const std::string& tag : request_.tags) {
    LENSFS_CHECK(add_tag(txn, actor_, row, tag));
  }
  return {};
}

Result<FolderId> Committer::folder_of(Transaction& txn, SourceDirectory& directory) {
  if (directory.made) return *directory.made;
  FolderId folder = project_.folder;
  if (directory.parent) {
    LENSFS_TRY(folder, folder_of(txn, *directory.parent));
  }
  if (directory.folder) {
    LENSFS_TRY(folder, ensure_folder(txn, actor_, folder, *directory.folder));
  }
  directory.made = folder;
  made_.push_back(&directory);
  return folder;
}

Status Committer::remember(Transaction& txn, const StagedSource& staged, AssetId asset) {
  const Fingerprint& print = staged.print;
  if (fingerprint_of(staged.status).ctime > txn.now() - kRacy) return {};
  return remember_source(txn,
                         {.path = staged.source.absolute(),
                          .project = project_.id,
                          .device = static_cast<std::int64_t>(print.device),
                          .inode = static_cast<std::int64_t>(print.inode),
                          .size = print.size,
                          .mtime = print.mtime,
                          .ctime = print.ctime},
                         asset);
}

void Committer::forget_transaction() {
  for (SourceDirectory* directory : made_) directory->made.reset();
  for (const Identity& identity : linked_) hard_links_.erase(identity);
}

// Only the very file that was read is removed: not one that took its name since.
Status Committer::remove_source(const StagedSource& staged) {
  const SourceFile& source = staged.source;
  const int directory = source.directory->fd.get();
  struct stat now {};
  if (::fstatat(directory, source.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) {
    return last_error("stat");
  }
  const Fingerprint print = fingerprint_of(now);
  if (print.inode != staged.print.inode || print.size != staged.print.size ||
      print.mtime != staged.print.mtime) {
    return fail(Errc::changed, "changed since");
  }
  if (::unlinkat(directory, source.name.c_str(), 0) != 0) return last_error("remove");
  return {};
}

void Committer::remove_sources(Done& done) {
  std::vector<const StagedSource*> sources;
  if (done.source != nullptr) sources.push_back(done.source);
  if (done.run != nullptr) {
    for (const StagedSource& staged : done.run->run.staged) sources.push_back(&staged);
  }
  for (const StagedSource* const source : sources) {
    const Status removed = remove_source(*source);
    if (removed) continue;
    done.event.status = FileStatus::failed;
    done.event.reason = "ingested, but the source is still there: " + removed.error().message();
  }
}

}  // namespace lensfs
