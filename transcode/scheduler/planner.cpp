#include "transcode/scheduler/planner.h"

#include <algorithm>
#include <map>
#include <set>

#include "catalog/model/extraction.h"
#include "catalog/model/project.h"
#include "catalog/model/sequence.h"
#include "catalog/model/sidecar.h"
#include "transcode/scheduler/reading.h"

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
    case ChangeKind::term_links_changed:
    case ChangeKind::fields_declared:
    case ChangeKind::marker_changed:
    case ChangeKind::version_purged:
    case ChangeKind::rendition_ready:
    case ChangeKind::rendition_failed:
    case ChangeKind::rendition_replaced:
    case ChangeKind::access_changed:
    case ChangeKind::role_changed:
      break;
  }
  return false;
}

// Those that a sidecar may have to say something else of.
Result<std::set<AssetId>> told_and_changed(Database& db, const std::vector<Change>& changes) {
  std::set<AssetId> assets;
  for (const Change& change : changes) {
    const bool is_of_asset =
        change.kind == ChangeKind::tagged || change.kind == ChangeKind::untagged ||
        change.kind == ChangeKind::field_changed || change.kind == ChangeKind::marker_changed;
    if (is_of_asset && change.asset && !assets.contains(*change.asset)) {
      LENSFS_TRY(const bool is_told, has_been_told(db, *change.asset));
      if (is_told) assets.insert(*change.asset);
    }
    if (change.kind == ChangeKind::term_renamed && change.tag) {
      LENSFS_TRY(const std::vector<AssetId> members, told_members_of(db, *change.tag));
      assets.insert(members.begin(), members.end());
    }
  }
  return assets;
}

// Planning: one transaction of it.
class Planning {
 public:
  Planning(Transaction& txn, const RenditionSettings& settings) : txn_(txn), settings_(settings) {}

  Status ask_for_eager(AssetId id, std::int64_t uid) {
    LENSFS_TRY(const auto source, source_of(id));
    if (!source) return {};
    if (settings_.reads) LENSFS_CHECK(read(*source, uid));
    for (const Profile& profile : settings_.profiles.all()) {
      if (settings_.making.making_in(source->projects, profile.name) != Making::eager) continue;
      LENSFS_TRY(const auto recipe,
                 recipe_for(txn_.db(), profile, source->asset, source->asset.name));
      if (!recipe) continue;
      if (recipe->form == Recipe::Form::edit) {
        LENSFS_TRY(const Standing standing, standing_of(txn_.db(), source->object, *recipe));
        if (standing.outline) continue;
      }
      LENSFS_CHECK(ask(*source, *recipe, uid));
    }
    return {};
  }

  // What it says of itself is asked for, or known and given to it.
  Status ask_for_reading(AssetId id, std::int64_t uid) {
    LENSFS_TRY(const auto source, source_of(id));
    return source ? read(*source, uid) : Status();
  }

  // Whether it had neither a rendition by that profile nor a job for one.
  Result<bool> ask_for_one(AssetId id, const Profile& profile, std::int64_t uid) {
    LENSFS_TRY(const auto source, source_of(id));
    if (!source) return false;
    if (settings_.making.making_in(source->projects, profile.name) == Making::off) return false;
    LENSFS_TRY(const auto recipe,
               recipe_for(txn_.db(), profile, source->asset, source->asset.name));
    if (!recipe) return false;
    LENSFS_TRY(const Standing standing, standing_of(txn_.db(), source->object, *recipe));
    if (standing.ready || standing.outline || standing.job) return false;
    LENSFS_CHECK(ask(*source, *recipe, uid));
    return true;
  }

 private:
  struct Source {
    Asset asset;
    ObjectId object{};
    std::vector<std::string> projects;
  };
  // Nothing: there is nothing to make anything of.
  Result<std::optional<Source>> source_of(AssetId id) {
    auto asset = find_asset(txn_.db(), id);
    if (is_missing(asset)) return std::optional<Source>();  // purged since
    if (!asset) return fail(asset.error());
    const bool has_bytes = asset->type == 0 || is_sequence(*asset);
    if (asset->state != AssetState::live || !has_bytes || number(asset->version) == 0) {
      return std::optional<Source>();
    }
    LENSFS_TRY(std::vector<std::string> projects, projects_of(txn_.db(), id));
    LENSFS_TRY(const Version version, find_version(txn_.db(), asset->version));
    return std::optional(Source{*std::move(asset), version.object, std::move(projects)});
  }
  Status read(const Source& source, std::int64_t uid) {
    if (!is_read(source.asset.kind, source.asset.name)) return {};
    LENSFS_TRY(const auto known, find_extraction(txn_.db(), source.object));
    if (!known || known->extractor != reading_recipe().text()) {
      LENSFS_CHECK(ask(source, reading_recipe(), uid));
    }
    const Actor actor{.uid = uid, .name = name_of_user(uid)};
    return apply_extractions(txn_, actor, source.asset);
  }
  Status ask(const Source& source, const Recipe& recipe, std::int64_t uid) {
    // An outline takes no time, and is there from the beginning.
    const bool is_quick = recipe.form == Recipe::Form::edit;
    return ask_for(txn_, {.source = source.object,
                          .recipe = recipe,
                          .kind = source.asset.kind,
                          .name = source.asset.name,
                          .priority = is_quick ? Priority::waited : Priority::due,
                          .uid = uid});
  }

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
  std::set<AssetId> told;
  ChangeId noted{};
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    LENSFS_TRY(noted, planned_until(*reader));
    LENSFS_TRY(changes, changes_after(*reader, std::max(seen_, noted), kAtOnce));
    if (settings_.writes_sidecars) {
      LENSFS_TRY(told, told_and_changed(*reader, changes));
    }
  }
  if (changes.empty()) return false;
  std::map<AssetId, std::int64_t> news;  // and by whom
  for (const Change& change : changes) {
    if (is_news(change)) news.emplace(*change.asset, change.actor);
  }
  const ChangeId until = changes.back().id;
  // A row that says that nothing was to be done is written now and then only.
  if (!news.empty() || !told.empty() || number(until) - number(noted) >= kAtOnce) {
    LENSFS_CHECK(catalog_.write_soon([&](Transaction& txn) -> Status {
      Planning planning(txn, settings_);
      for (const auto& [asset, uid] : news) LENSFS_CHECK(planning.ask_for_eager(asset, uid));
      for (const AssetId asset : told) LENSFS_CHECK(mark_sidecar_stale(txn, asset));
      return note_if_farther(txn, until);
    }));
  }
  seen_ = until;
  return static_cast<std::int64_t>(changes.size()) == kAtOnce;
}

Status plan_reading(Catalog& catalog, const RenditionSettings& settings,
                    const std::stop_token& stop) {
  if (!settings.reads) return {};
  for (AssetId after{0}; !stop.stop_requested();) {
    std::vector<AssetId> some;
    {
      LENSFS_TRY(const Pool::Reader reader, catalog.read());
      LENSFS_TRY(some, unread_assets(*reader, after, reading_recipe().text(), Planner::kAtOnce));
    }
    if (some.empty()) return {};
    LENSFS_CHECK(catalog.write_soon([&](Transaction& txn) -> Status {
      Planning planning(txn, settings);
      for (const AssetId asset : some) LENSFS_CHECK(planning.ask_for_reading(asset, 0));
      return {};
    }));
    after = some.back();
  }
  return {};
}

Result<std::int64_t> plan_all(Catalog& catalog, const RenditionSettings& settings,
                              const Profile& profile, std::int64_t uid,
                              const std::stop_token& stop) {
  std::int64_t count = 0;
  for (AssetId after{0}; !stop.stop_requested();) {
    std::vector<AssetId> some;
    {
      LENSFS_TRY(const Pool::Reader reader, catalog.read());
      LENSFS_TRY(some, assets_after(*reader, after, Planner::kAtOnce));
    }
    if (some.empty()) break;
    LENSFS_CHECK(catalog.write_soon([&](Transaction& txn) -> Status {
      Planning planning(txn, settings);
      for (const AssetId asset : some) {
        LENSFS_TRY(const bool asked, planning.ask_for_one(asset, profile, uid));
        count += asked ? 1 : 0;
      }
      return {};
    }));
    after = some.back();
  }
  LENSFS_CHECK(catalog.sync());
  return count;
}

}  // namespace lensfs
