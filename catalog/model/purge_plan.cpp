// What goes by the rules of lensfs.toml, and how much that is.
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "catalog/model/purge.h"
#include "catalog/model/sequence.h"
#include "catalog/model/trash.h"

namespace lensfs {
namespace {

Result<bool> has_label(Database& db, AssetId asset) {
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM labels WHERE asset_id = ?1)", asset);
}

Status plan_trash(Database& db, Nanoseconds deleted_before, PurgePlan& plan) {
  LENSFS_TRY(const std::vector<Trashed> all, all_trashed(db));
  std::map<AssetId, Nanoseconds> deleted;  // the last time, where there were several
  for (const Trashed& trashed : all) deleted[trashed.asset] = trashed.deleted;
  for (const auto& [asset, when] : deleted) {
    if (when >= deleted_before) continue;
    LENSFS_TRY(const bool labelled, has_label(db, asset));
    if (!labelled) plan.assets.push_back(asset);
  }
  return {};
}

Status plan_versions(Database& db, const VersionRule& rule, PurgePlan& plan) {
  const std::unordered_set<AssetId> going(plan.assets.begin(), plan.assets.end());
  std::vector<AssetId> with_old;
  LENSFS_CHECK(db.each<AssetId>(
      "SELECT asset_id FROM versions GROUP BY asset_id HAVING count(*) > ?1"
      " /* SCAN: every asset that has old versions */",
      [&](AssetId asset) { with_old.push_back(asset); }, rule.newest));
  for (const AssetId asset : with_old) {
    if (going.contains(asset)) continue;
    LENSFS_TRY(const std::vector<Version> versions, purgeable_versions(db, asset, rule));
    for (const Version& version : versions) plan.versions.push_back(version.id);
  }
  return {};
}

// Counting: an object goes when as many versions and frames of it go as there are.
class Counting {
 public:
  Status add(Database& db, const Version& version) {
    ++sum_.versions;
    add(version.object, version.size);
    LENSFS_TRY(const std::vector<Frame> frames, frames_of(db, version.id));
    for (const Frame& frame : frames) add(frame.object, frame.size);
    return {};
  }
  [[nodiscard]] Result<PurgeSum> finish(Database& db) {
    for (const auto& [id, object] : objects_) {
      LENSFS_TRY(const std::int64_t versions,
                 db.one<std::int64_t>("SELECT (SELECT count(*) FROM versions WHERE object_id = ?1)"
                                      " + (SELECT count(*) FROM sequence_frames"
                                      " WHERE object_id = ?1)",
                                      id));
      if (versions != object.going) continue;
      ++sum_.objects;
      sum_.bytes += object.size;
    }
    return sum_;
  }

 private:
  void add(ObjectId id, std::int64_t size) {
    Object& object = objects_[id];
    ++object.going;
    object.size = static_cast<std::uint64_t>(size);
  }
  struct Object {
    std::int64_t going = 0;
    std::uint64_t size = 0;
  };
  std::unordered_map<ObjectId, Object> objects_;
  PurgeSum sum_;
};

}  // namespace

Result<PurgePlan> plan_of(Database& db, const KeepSettings& keep, Nanoseconds now) {
  PurgePlan plan;
  if (keep.trash) LENSFS_CHECK(plan_trash(db, now - *keep.trash, plan));
  if (!keep.versions && !keep.versions_for) return plan;
  VersionRule rule{.newest = keep.versions.value_or(1)};
  if (keep.versions_for) rule.replaced_before = now - *keep.versions_for;
  LENSFS_CHECK(plan_versions(db, rule, plan));
  return plan;
}

Result<PurgeSum> sum_of(Database& db, const PurgePlan& plan) {
  Counting counting;
  for (const AssetId asset : plan.assets) {
    LENSFS_TRY(const std::vector<Version> versions, versions_of(db, asset));
    for (const Version& version : versions) LENSFS_CHECK(counting.add(db, version));
  }
  for (const VersionId id : plan.versions) {
    LENSFS_TRY(const Version version, find_version(db, id));
    LENSFS_CHECK(counting.add(db, version));
  }
  LENSFS_TRY(PurgeSum sum, counting.finish(db));
  sum.assets = plan.assets.size();
  return sum;
}

}  // namespace lensfs
