#include "transcode/scheduler/sidecar_writing.h"

#include "catalog/base/log.h"
#include "catalog/model/access.h"
#include "catalog/xmp/packet.h"

namespace lensfs {
namespace {

// People set one thing after the other: all of it is one version.
constexpr Nanoseconds kSettles = kNanosecondsPerSecond;

Result<std::string> text_of(const Store& store, const ObjectKey& key) {
  if (key.size > xmp::kLargestPacket) return fail(Errc::too_big, "a sidecar has over 16 MiB");
  return read_text(store.path_of(key), xmp::kLargestPacket);
}

// What a sidecar has to be, where it is not.
struct Rewriting {
  Asset asset;
  Asset sidecar;
  std::string text;
};

// Nothing: it says what the catalog does, or it cannot be written to.
Result<std::optional<Rewriting>> rewriting_of(Database& db, const Store& store,
                                              const StaleSidecar& stale) {
  const Snapshot snapshot(db);
  const Result<std::optional<Rewriting>> nothing;
  auto asset = find_asset(db, stale.asset);
  if (!asset) return is_missing(asset) ? nothing : fail(asset.error());
  auto sidecar = find_sidecar(db, stale.asset);
  if (!sidecar) return is_missing(sidecar) ? nothing : fail(sidecar.error());
  const bool is_open = sidecar->draft || sidecar->state != AssetState::live;
  if (is_open || sidecar->id != stale.sidecar || number(sidecar->version) == 0) return nothing;
  // Who may read the sidecar alone must not learn from it what is said of the asset.
  LENSFS_TRY(const bool is_its_own, is_bound_no_more(db, asset->id, sidecar->id));
  if (!is_its_own) return nothing;
  // What somebody wrote into it and nobody read yet is not to be overwritten; once it is read, the
  // asset changes and is stale again.
  LENSFS_TRY(const Version version, find_version(db, sidecar->version));
  if (version.object != stale.told) return nothing;
  LENSFS_TRY(const ObjectKey key, object_of(db, sidecar->version));
  LENSFS_TRY(const std::string now, text_of(store, key));
  LENSFS_TRY(std::string text, updated_sidecar(db, *asset, now));
  if (text == now) return nothing;
  return std::optional(Rewriting{*std::move(asset), *std::move(sidecar), std::move(text)});
}

// Whether it was written: somebody may have been quicker.
Result<bool> write(Transaction& txn, const StaleSidecar& stale, const Rewriting& rewriting,
                   const ObjectKey& object) {
  const auto sidecar = find_asset(txn.db(), rewriting.sidecar.id);
  if (is_missing(sidecar)) return false;
  if (!sidecar) return fail(sidecar.error());
  if (sidecar->version != rewriting.sidecar.version || sidecar->draft) return false;
  const Actor actor{.uid = 0, .name = "lensfs"};
  LENSFS_CHECK(add_version(txn, actor, sidecar->id,
                           {.object = object, .mtime = txn.now(), .reason = "sidecar"}));
  LENSFS_TRY(const Asset written, find_asset(txn.db(), sidecar->id));
  LENSFS_CHECK(note_sidecar(txn, rewriting.asset, written, rewriting.text));
  LENSFS_CHECK(settle_sidecar(txn, stale));
  return true;
}

}  // namespace

Status SidecarWriting::bring_up_to_date(const StaleSidecar& stale) {
  Store& store = catalog_.store();
  std::optional<Rewriting> rewriting;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    auto found = rewriting_of(*reader, store, stale);
    if (!found && found.error().code() == Errc::io) return fail(found.error());
    if (!found) log::warn("a sidecar stays as it is: {}", found.error().message());
    if (found) rewriting = *std::move(found);
  }
  if (!rewriting) {
    return catalog_.write_soon([&](Transaction& txn) { return settle_sidecar(txn, stale); });
  }
  LENSFS_TRY(const Store::Hold hold, store.hold());
  LENSFS_TRY(const Stored stored, store.keep_text(rewriting->text));
  LENSFS_CHECK(store.sync());
  return catalog_.write_soon([&](Transaction& txn) -> Status {
    LENSFS_TRY([[maybe_unused]] const bool written, write(txn, stale, *rewriting, stored.key));
    return {};
  });
}

Result<std::optional<Nanoseconds>> SidecarWriting::write_some(Nanoseconds now, std::int64_t most) {
  std::vector<StaleSidecar> stale;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    LENSFS_TRY(stale, stale_sidecars(*reader, most));
  }
  for (const StaleSidecar& one : stale) {
    const bool is_due = one.since + kSettles <= now || one.since > now;
    if (!is_due) return std::optional(one.since + kSettles);
    LENSFS_CHECK(bring_up_to_date(one));
  }
  const bool may_be_more = static_cast<std::int64_t>(stale.size()) == most;
  return may_be_more ? std::optional(now) : std::nullopt;
}

}  // namespace lensfs
