#include "fs/recovery.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "catalog/base/log.h"
#include "catalog/model/edit.h"
#include "catalog/model/file.h"
#include "catalog/model/kind.h"
#include "catalog/store/mount_marks.h"

namespace lensfs {
namespace {

constexpr Nanoseconds kLostFilesKept = 7 * 24 * 3600 * kNanosecondsPerSecond;

Status drop_unsaved(Catalog& catalog, const Draft& draft) {
  return catalog.write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Asset asset, find_asset(txn.db(), draft.asset));
    LENSFS_CHECK(end_draft(txn, draft.id));
    if (number(asset.version) != 0 || asset.draft != draft.id) return {};
    LENSFS_TRY(const std::vector<Place> places, places_of(txn.db(), asset.id));
    for (const Place& place : places) LENSFS_CHECK(take_place(txn, {}, place));
    LENSFS_TRY(const Asset bare, find_asset(txn.db(), asset.id));
    return drop_asset(txn, {}, bare);
  });
}

Status save_copy(Catalog& catalog, const Draft& draft, int file, const Asset& asset) {
  Store& store = catalog.store();
  LENSFS_TRY(const struct stat status, stat_of(file));
  const auto kept = Drafts::kept(file);  // before its bytes are read
  LENSFS_TRY(const Store::Hold hold, store.hold());
  LENSFS_TRY(StagedFile staged, store.stage_copy(file, {}, {}));
  std::array<std::byte, kKindProbeBytes> head{};
  LENSFS_TRY(const std::size_t size, read_full(staged.fd(), head, 0));
  LENSFS_TRY(const Stored stored, store.keep(std::move(staged)));
  LENSFS_CHECK(store.sync());
  const bool acknowledged = draft.closed || draft.synced;
  const SavedDraft saved{.object = stored.key,
                         .mtime = from_timespec(status.st_mtim),
                         .ctime = from_timespec(status.st_ctim),
                         .kind = std::string(kind_of(std::span(head).first(size), asset.name)),
                         .reason = draft.closed ? "save" : "recovered",
                         .shown = acknowledged ? Shown::yes : Shown::no,
                         .kept = kept};
  return catalog.write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const VersionId version, save_draft(txn, draft, saved));
    static_cast<void>(version);
    return {};
  });
}

// One draft of a mount that died.
Status recover(Catalog& catalog, const Draft& draft, Recovered& recovered) {
  LENSFS_TRY(const Drafts* const drafts, catalog.store().drafts());
  Asset asset;
  bool nameless = false;
  {
    LENSFS_TRY(const auto db, catalog.read());
    LENSFS_TRY(asset, find_asset(*db, draft.asset));
    LENSFS_TRY(nameless, is_nameless(*db, asset));
  }
  const bool aside = asset.state == AssetState::aside;
  if (aside && !nameless) return {};  // a scratch file stays one
  const auto file = drafts->open(number(draft.id), O_RDONLY);
  if (!file && file.error().code() != Errc::not_found) return fail(file.error());
  if (!file || aside) {
    LENSFS_CHECK(drop_unsaved(catalog, draft));
    ++recovered.dropped;
  } else {
    LENSFS_CHECK(save_copy(catalog, draft, file->get(), asset));
    log::warn(
        "recovered a file that was being written when its mount died name=\"{}\" asset={}"
        " closed={} synced={}",
        asset.name, number(asset.id), draft.closed, draft.synced);
    ++recovered.saved;
  }
  return drafts->remove(number(draft.id));
}

// Files that no row names: made by a process that died before its transaction was committed.
Status remove_strays(Catalog& catalog, const std::vector<Draft>& known) {
  LENSFS_TRY(const Drafts* const drafts, catalog.store().drafts());
  LENSFS_TRY(const std::vector<std::int64_t> numbers, drafts->numbers());
  std::set<std::int64_t> named;
  for (const Draft& draft : known) named.insert(number(draft.id));
  for (const std::int64_t stray : numbers) {
    if (!named.contains(stray)) LENSFS_CHECK(drafts->remove(stray));
  }
  return {};
}

// Assets that lost their last name while they were open, under a mount that died.
Status drop_nameless(Catalog& catalog) {
  return catalog.write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const std::vector<Asset> nameless, nameless_assets(txn.db()));
    for (const Asset& asset : nameless) LENSFS_CHECK(drop_asset(txn, {}, asset));
    return forget_lost_files(txn, txn.now() - kLostFilesKept);
  });
}

}  // namespace

Result<Recovered> recover_drafts(Catalog& catalog, const std::string& mount,
                                 const OpenFiles& open_files, Saver& saver) {
  const bool alone = !is_mounted_by_others(catalog.path(), mount);
  remove_marks_of_the_dead(catalog.path(), mount);
  std::vector<Draft> drafts;
  {
    LENSFS_TRY(const auto db, catalog.read());
    LENSFS_TRY(drafts, all_drafts(*db));
  }
  Recovered recovered;
  for (const Draft& draft : drafts) {
    if (draft.mount == mount) {
      if (open_files.left(node_of(draft.file)).writers == 0) saver.add(draft.id);
      continue;
    }
    if (is_alive(catalog.path(), draft.mount)) continue;
    LENSFS_CHECK(recover(catalog, draft, recovered));
  }
  if (!alone) return recovered;
  const bool first = open_files.registered() == 0;
  if (first) LENSFS_CHECK(drop_nameless(catalog));
  LENSFS_TRY(const auto db, catalog.read());
  LENSFS_TRY(drafts, all_drafts(*db));
  LENSFS_CHECK(remove_strays(catalog, drafts));
  return recovered;
}

}  // namespace lensfs
