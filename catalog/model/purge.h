// Purging: the only thing that destroys. Old versions of assets that stay; trash.h destroys whole
// assets. What is destroyed is gone from the catalog at once; its bytes are garbage from then on,
// which collect_freed (collecting.h) or Store::collect removes.
#pragma once

#include <optional>
#include <vector>

#include "catalog/model/asset.h"
#include "catalog/model/settings.h"

namespace lensfs {

// Why a version stays.
enum class Holder {
  nobody,     // it may go
  current,    // the asset shows it
  newest,     // the next version is numbered after it
  label,      // somebody named it
  open_file,  // a file that lost its name shows it, and may still be open
};
[[nodiscard]] Result<Holder> holder_of(Database& db, const Version& version);

// Which versions of an asset may go. All that it says must be true of one.
struct VersionRule {
  std::int64_t newest = 1;                       // so many of the newest stay
  std::optional<Nanoseconds> replaced_before{};  // what was still the newest then stays
  enum class Labelled { stay, go } labelled = Labelled::stay;
};
// Oldest first. Only what nobody holds.
[[nodiscard]] Result<std::vector<Version>> purgeable_versions(Database& db, AssetId asset,
                                                              const VersionRule& rule);
// Destroys one, and takes its labels off. The answer are those of its objects (one, and those of
// its frames) that nothing names any more. not_permitted if somebody holds it, a label where
// `labelled` says go excepted.
[[nodiscard]] Result<std::vector<ObjectKey>> purge_version(Transaction& txn, const Actor& actor,
                                                           const Version& version,
                                                           VersionRule::Labelled labelled);
// The objects that only versions of this asset, and their frames, name: those that go with it.
[[nodiscard]] Result<std::vector<ObjectKey>> objects_only_of(Database& db, AssetId asset);

// PurgePlan: what is to be destroyed, found by reading alone.
struct PurgePlan {
  std::vector<AssetId> assets;      // in the trash
  std::vector<VersionId> versions;  // of other assets
};
// What lensfs.toml says goes as of `now`. Trashed assets with a labelled version stay.
[[nodiscard]] Result<PurgePlan> plan_of(Database& db, const KeepSettings& keep, Nanoseconds now);

struct PurgeSum {
  std::uint64_t assets = 0;
  std::uint64_t versions = 0;  // those of the assets included
  std::uint64_t objects = 0;   // that nothing names once all of it is gone
  std::uint64_t bytes = 0;     // of the objects
};
[[nodiscard]] Result<PurgeSum> sum_of(Database& db, const PurgePlan& plan);

}  // namespace lensfs
