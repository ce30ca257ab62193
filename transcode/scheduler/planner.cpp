#include "transcode/scheduler/planner.h"

#include <algorithm>
#include <map>

#include "catalog/model/project.h"

namespace lensfs {
namespace {

// Whether there may be something to make that there was not before.
bool is_news(const Change& change) {
  switch (change.kind) {
    case ChangeKind::asset_added:
    case ChangeKind::version_added:
    case ChangeKind::place_added:
    case ChangeKind::saved:
    case ChangeKind::restored:
      return change.asset.has_value();
    case ChangeKind::place_removed:
    case ChangeKind::folder_added:
    case ChangeKind::folder_removed:
    case ChangeKind::project_added:
    case ChangeKind::tag_added:
    case ChangeKind::tag_removed:
    case ChangeKind::tagged:
    case ChangeKind::untagged:
    case ChangeKind::field_changed:
    case ChangeKind::xattr_changed:
    case ChangeKind::attributes_changed:
    case ChangeKind::label_changed:
    case ChangeKind::trashed:
    case ChangeKind::removed:
    case ChangeKind::renamed:
    case ChangeKind::search_changed:
    case ChangeKind::project_removed:
    case ChangeKind::term_renamed:
    case ChangeKind::version_purged:
    case ChangeKind::rendition_ready:
    case ChangeKind::rendition_failed:
    case ChangeKind::rendition_replaced:
      break;
  }
  return false;
}

// Planning: one transaction of it.
class Planning {
 public:
  Planning(Transaction& txn, const RenditionSettings& settings) : txn_(txn), settings_(settings) {}

  Status ask_for_eager(AssetId id, std::int64_t uid) {
    const auto asset = find_asset(txn_.db(), id);
    if (is_missing(asset)) return {};  // purged since
    if (!asset) return fail(asset.error());
    if (asset->state != AssetState::live || asset->type != 0 || number(asset->version) == 0) {
      return {};
    }
    LENSFS_TRY(const std::vector<std::string> projects, projects_of(txn_.db(), id));
    LENSFS_TRY(const Version version, find_version(txn_.db(), asset->version));
    for (const Profile& profile : settings_.profiles.all()) {
      if (settings_.making.making_in(projects, profile.name) != Making::eager) continue;
      const auto recipe = recipe_for(profile, asset->kind, asset->name);
      if (!recipe) continue;
      LENSFS_CHECK(ask_for(txn_, {.source = version.object,
                                  .recipe = *recipe,
                                  .kind = asset->kind,
                                  .name = asset->name,
                                  .priority = Priority::due,
                                  .uid = uid}));
    }
    return {};
  }

 private:
  Transaction& txn_;
  const RenditionSettings& settings_;
};

Status note_if_farther(Transaction& txn, ChangeId until) {
  LENSFS_TRY(const ChangeId noted, planned_until(txn.db()));
  if (noted >= until) return {};
  return note_planned(txn, until);
}

}  // namespace

Result<bool> Planner::plan_some() {
  std::vector<Change> changes;
  ChangeId noted{};
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    LENSFS_TRY(noted, planned_until(*reader));
    LENSFS_TRY(changes, changes_after(*reader, std::max(seen_, noted), kAtOnce));
  }
  if (changes.empty()) return false;
  std::map<AssetId, std::int64_t> news;  // and by whom
  for (const Change& change : changes) {
    if (is_news(change)) news.emplace(*change.asset, change.actor);
  }
  const ChangeId until = changes.back().id;
  // A row that says that nothing was to be done is written now and then only.
  if (!news.empty() || number(until) - number(noted) >= kAtOnce) {
    LENSFS_CHECK(catalog_.write_soon([&](Transaction& txn) -> Status {
      Planning planning(txn, settings_);
      for (const auto& [asset, uid] : news) LENSFS_CHECK(planning.ask_for_eager(asset, uid));
      return note_if_farther(txn, until);
    }));
  }
  seen_ = until;
  return static_cast<std::int64_t>(changes.size()) == kAtOnce;
}

}  // namespace lensfs
