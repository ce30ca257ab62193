#include "fs/saver.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "catalog/base/log.h"
#include "catalog/model/file.h"
#include "catalog/model/kind.h"

namespace lensfs {
namespace {

using std::chrono::steady_clock;

// The saver works for a fifth of the time at most, unless very much waits.
constexpr int kIdleShare = 4;
constexpr int kNiceness = 5;

std::optional<std::int64_t> sparse_blocks(const struct stat& status) {
  constexpr std::int64_t kBlock = 512;
  constexpr std::int64_t kSlack = 65536;  // the last extent, and what the file system adds
  if (std::int64_t{status.st_blocks} * kBlock + kSlack >= status.st_size) return std::nullopt;
  return status.st_blocks;
}

}  // namespace

struct Saver::Ready {
  Due due;
  Draft draft;
  std::string name;  // of its asset
  Fd file;
  ContentId id;
  std::uint64_t as_of = 0;  // OpenFiles::write_opens before it was read
  bool apart = false;       // no handle leads to it: its file has another draft now
  SavedDraft saved;
  bool fresh = false;
  std::optional<OpenFiles::Move> move;  // where the bytes lie in another file
};

Saver::~Saver() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Saver::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Saver::finish() {
  queue_.finish();
  if (thread_.joinable()) thread_.join();
}

// False if somebody reads the draft through the kernel: it is saved when he is gone.
bool Saver::keep_from_readers(Ready& ready) {
  const NodeId file = node_of(ready.draft.file);
  ready.move = open_files_.begin_move(file);
  if (ready.move) return true;
  queue_.add_when_closed(file, ready.draft.id);
  if (open_files_.left(file).opens == 0) queue_.closed(file);  // just now
  return false;
}

void Saver::run(const std::stop_token& stop) {
  // Nobody waits for it, and those who write may need the processor.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness));
  while (!stop.stop_requested()) {
    std::vector<Due> batch = queue_.take(stop);
    if (batch.empty()) return;  // finished, or asked to stop
    const auto began = steady_clock::now();
    save(std::move(batch));
    queue_.gather(stop, kIdleShare * (steady_clock::now() - began));
  }
}

Result<std::optional<Saver::Ready>> Saver::prepare(const Due& due) {
  Ready ready;
  ready.due = due;
  {
    LENSFS_TRY(const auto db, tree_.catalog().read());
    LENSFS_TRY(const auto draft, db->maybe<Draft>(Draft::kFind, due.draft));
    if (!draft) return std::optional<Ready>();  // saved or dropped already
    ready.draft = *draft;
    LENSFS_TRY(const Asset asset, find_asset(*db, draft->asset));
    if (asset.state == AssetState::aside) return std::optional<Ready>();
    ready.name = asset.name;
    const auto lost = find_lost_file(*db, draft->file);
    ready.apart = asset.draft != draft->id && (!lost || lost->draft != draft->id);
    ready.as_of = open_files_.write_opens();
    if (!ready.apart && open_files_.left(node_of(draft->file)).writers > 0) {
      return std::optional<Ready>();  // its next close brings it here again
    }
    LENSFS_TRY(const Drafts* const drafts, tree_.catalog().store().drafts());
    // Hashing is no reading that people want to know of.
    auto quietly = drafts->open(number(due.draft), O_RDONLY | O_NOATIME);
    ready.file = quietly ? *std::move(quietly) : Fd();
    if (!ready.file) {
      LENSFS_TRY(ready.file, drafts->open(number(due.draft), O_RDONLY));
    }
    LENSFS_TRY(const struct stat status, stat_of(ready.file.get()));
    if (status.st_size == 0 && number(asset.version) == 0 && !due.waited) {
      queue_.wait_for_content(due);
      return std::optional<Ready>();
    }
  }
  LENSFS_TRY(ready.id, tree_.catalog().store().hash(ready.file.get(), {}, {}));
  return std::optional<Ready>(std::move(ready));
}

// Nobody can begin to write to what is in the batch from here on.
Status Saver::place(std::vector<Ready>& batch) {
  Store& store = tree_.catalog().store();
  LENSFS_TRY(const Drafts* const drafts, store.drafts());
  for (auto ready = batch.begin(); ready != batch.end();) {
    const NodeId file = node_of(ready->draft.file);
    if (!ready->apart && !open_files_.begin_saving(file, ready->as_of)) {
      queue_.add(ready->draft.id);
    } else if (is_open_for_writing(ready->file.get())) {
      // A map outlives its handle. Looked at again in a while; or by the next mount, which copies.
      if (!ready->apart) open_files_.end_saving(file);
      queue_.again(ready->due);
    } else {
      ++ready;
      continue;
    }
    ready = batch.erase(ready);
  }
  for (auto ready = batch.begin(); ready != batch.end();) {
    LENSFS_TRY(const struct stat status, stat_of(ready->file.get()));
    auto adopted =
        store.adopt(drafts->path_of(number(ready->draft.id)), ready->file.get(), ready->id);
    if (is_missing(adopted)) {  // it was dropped since it was hashed
      if (!ready->apart) open_files_.end_saving(node_of(ready->draft.file));
      ready = batch.erase(ready);
      continue;
    }
    LENSFS_TRY(const Stored stored, std::move(adopted));
    std::array<std::byte, kKindProbeBytes> head{};
    LENSFS_TRY(const std::size_t size, read_full(ready->file.get(), head, 0));
    ready->fresh = stored.fresh;
    ready->saved = {.object = stored.key,
                    .mtime = from_timespec(status.st_mtim),
                    .ctime = from_timespec(status.st_ctim),
                    .kind = std::string(kind_of(std::span(head).first(size), ready->name)),
                    .blocks = sparse_blocks(status)};
    if (stored.fresh || ready->apart || keep_from_readers(*ready)) {
      ++ready;
      continue;
    }
    open_files_.end_saving(node_of(ready->draft.file));
    ready = batch.erase(ready);
  }
  return store.sync();
}

Status Saver::record(std::vector<Ready>& batch) {
  LENSFS_CHECK(tree_.catalog().write_beside([&](Transaction& txn) -> Status {
    for (Ready& ready : batch) {
      // Times may have been set since it was placed, which itself is no change to anybody.
      LENSFS_TRY(const struct stat status, stat_of(ready.file.get()));
      if (const Nanoseconds mtime = from_timespec(status.st_mtim); mtime != ready.saved.mtime) {
        ready.saved.mtime = mtime;
        ready.saved.ctime = from_timespec(status.st_ctim);
      }
      ready.saved.kept = Drafts::kept(ready.file.get());
      auto draft = txn.db().maybe<Draft>(Draft::kFind, ready.draft.id);
      if (!draft) return fail(draft.error());
      if (!*draft) continue;  // dropped meanwhile
      LENSFS_TRY(const VersionId version, save_draft(txn, **draft, ready.saved));
      static_cast<void>(version);
    }
    return {};
  }));
  return tree_.catalog().sync();  // not while nobody else can write
}

void Saver::let_go(std::vector<Ready>& batch) {
  const auto drafts = tree_.catalog().store().drafts();
  for (const Ready& ready : batch) {
    // Readers that were given the draft to write to are given the object from now on.
    if (ready.fresh) open_files_.settled(node_of(ready.draft.file));
    if (ready.fresh && ready.saved.kept) Drafts::forget_mode(ready.file.get());
    if (!drafts) continue;
    const Status removed = (*drafts)->remove(number(ready.draft.id));
    if (!removed) log::warn("a saved draft stays: {}", removed.error().message());
  }
}

void Saver::save(std::vector<Due> due) {
  const Status noted = tree_.catalog().write_beside([&](Transaction& txn) -> Status {
    for (const Due& one : due) LENSFS_CHECK(note_closed(txn, one.draft));
    return {};
  });
  if (!noted) log::warn("drafts are not noted as closed: {}", noted.error().message());
  std::vector<Ready> batch;
  for (const Due& one : due) {
    auto ready = prepare(one);
    if (ready && *ready) batch.push_back(*std::move(*ready));
    if (ready) continue;
    log::error("a draft cannot be saved yet draft={} {}", number(one.draft),
               ready.error().message());
    queue_.again(one);
  }
  if (batch.empty()) return;
  const auto hold = tree_.catalog().store().hold();
  Status saved = hold ? place(batch) : Status(fail(hold.error()));
  if (saved) saved = record(batch);
  if (saved) {
    let_go(batch);
  } else {
    log::error("drafts cannot be saved yet count={} {}", batch.size(), saved.error().message());
    for (const Ready& ready : batch) queue_.again(ready.due);
  }
  for (Ready& ready : batch) {
    ready.move.reset();
    if (!ready.apart) open_files_.end_saving(node_of(ready.draft.file));
  }
  if (tell_) tell_();
}

}  // namespace lensfs
