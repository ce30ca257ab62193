#include "tools/cli/purging.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>

#include "catalog/base/log.h"
#include "catalog/model/collecting.h"
#include "catalog/model/draft.h"
#include "catalog/model/file.h"
#include "catalog/model/trash.h"
#include "catalog/store/mount_marks.h"

namespace lensfs {
namespace {

// Rows of assets or versions in one transaction, so that no mount waits for long.
constexpr std::size_t kAtOnce = 256;

// What one transaction destroyed.
struct Gone {
  PurgeSum sum;
  std::vector<ObjectKey> freed;
  std::vector<DraftId> drafts;
};

void note_freed(const ObjectKey& key, Gone& gone) {
  ++gone.sum.objects;
  gone.sum.bytes += key.size;
  gone.freed.push_back(key);
}

Status destroy_asset(Transaction& txn, const Actor& actor, AssetId id, Gone& gone) {
  const auto asset = find_asset(txn.db(), id);
  if (is_missing(asset)) return {};
  if (!asset) return fail(asset.error());
  if (asset->state != AssetState::trashed) return {};  // restored since
  LENSFS_TRY(const std::vector<Version> versions, versions_of(txn.db(), id));
  LENSFS_TRY(const std::vector<ObjectKey> objects, objects_only_of(txn.db(), id));
  LENSFS_TRY(const std::vector<DraftId> drafts, drafts_of(txn.db(), id));
  LENSFS_CHECK(purge(txn, actor, *asset));
  ++gone.sum.assets;
  gone.sum.versions += versions.size();
  for (const ObjectKey& key : objects) note_freed(key, gone);
  gone.drafts.insert(gone.drafts.end(), drafts.begin(), drafts.end());
  return {};
}

Status destroy_version(Transaction& txn, const Actor& actor, VersionId id,
                       VersionRule::Labelled labelled, Gone& gone) {
  const auto version = find_version(txn.db(), id);
  if (is_missing(version)) return {};
  if (!version) return fail(version.error());
  const auto freed = purge_version(txn, actor, *version, labelled);
  if (!freed && freed.error().code() == Errc::not_permitted) return {};  // held since
  if (!freed) return fail(freed.error());
  ++gone.sum.versions;
  for (const ObjectKey& key : *freed) note_freed(key, gone);
  return {};
}

void add_up(const Gone& gone, Gone& all) {
  all.sum.assets += gone.sum.assets;
  all.sum.versions += gone.sum.versions;
  all.sum.objects += gone.sum.objects;
  all.sum.bytes += gone.sum.bytes;
  all.freed.insert(all.freed.end(), gone.freed.begin(), gone.freed.end());
}

Status remove_drafts(Catalog& catalog, const std::vector<DraftId>& drafts) {
  if (drafts.empty()) return {};
  LENSFS_TRY(const Drafts* const all, catalog.store().drafts());
  for (const DraftId draft : drafts) LENSFS_CHECK(all->remove(number(draft)));
  return {};
}

// Runs `destroy(txn, row, gone)` over the rows, and adds up what went. Meanwhile no mount is about
// to make an object of a draft that goes: nothing would name it.
template <typename Id, typename Destroy>
Status destroy_all(Catalog& catalog, const std::vector<Id>& rows, Gone& all,
                   const Destroy& destroy) {
  for (std::size_t from = 0; from < rows.size(); from += kAtOnce) {
    Gone gone;
    LENSFS_TRY(const Store::Hold alone, catalog.store().hold_alone());
    LENSFS_CHECK(catalog.write([&](Transaction& txn) -> Status {
      for (std::size_t at = from; at < std::min(rows.size(), from + kAtOnce); ++at) {
        LENSFS_CHECK(destroy(txn, rows[at], gone));
      }
      return {};
    }));
    LENSFS_CHECK(remove_drafts(catalog, gone.drafts));
    add_up(gone, all);
  }
  return {};
}

}  // namespace

Status check_may_purge(const Catalog& catalog) {
  struct stat library {};
  if (::stat(catalog.path().c_str(), &library) != 0) return last_error("stat");
  if (::geteuid() == 0 || ::geteuid() == library.st_uid) return {};
  return fail(Error(Errc::denied, "only who owns the library, and root, may destroy what is in it")
                  .with(fmt::format("{}: owned by {}", catalog.path().native(),
                                    name_of_user(library.st_uid))));
}

Status forget_closed_files(Catalog& catalog) {
  if (is_mounted_by_others(catalog.path())) return {};
  return catalog.write([](Transaction& txn) {
    return forget_lost_files(txn, std::numeric_limits<Nanoseconds>::max());
  });
}

Result<Purged> carry_out(Catalog& catalog, const PurgePlan& plan, const PurgeOptions& options) {
  if (options.dry == PurgeOptions::Dry::yes) {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(const PurgeSum sum, sum_of(*reader, plan));
    return Purged{.sum = sum, .collected = {}};
  }
  const Actor actor = actor_of_process();
  Gone gone;
  LENSFS_CHECK(
      destroy_all(catalog, plan.assets, gone, [&](Transaction& txn, AssetId asset, Gone& into) {
        return destroy_asset(txn, actor, asset, into);
      }));
  LENSFS_CHECK(destroy_all(catalog, plan.versions, gone,
                           [&](Transaction& txn, VersionId version, Gone& into) {
                             return destroy_version(txn, actor, version, options.labelled, into);
                           }));
  Purged purged{.sum = gone.sum, .collected = {}};
  if (options.collect == PurgeOptions::Collect::now) {
    LENSFS_TRY(purged.collected, collect_freed(catalog, gone.freed));
  }
  return purged;
}

}  // namespace lensfs
