// From one state of the rules to the next, along the change log.
#include <algorithm>
#include <map>
#include <set>

#include "catalog/model/access_state.h"
#include "catalog/model/project.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

using Indices = AccessState::Indices;

// More assets than this at once are rather read anew, all of them.
constexpr std::size_t kMostAtOnce = 5000;

// Stepping: what some changes make of a state.
class Stepping {
 public:
  Stepping(Database& db, const AccessState& before) : db_(db), before_(before) {}

  // False if the state has to be made anew.
  Result<bool> take(const Change& change) {
    using enum ChangeKind;
    const auto is = [&](std::initializer_list<ChangeKind> kinds) {
      return std::find(kinds.begin(), kinds.end(), change.kind) != kinds.end();
    };
    if (is({access_changed, role_changed})) has_other_rules_ = true;
    if (is({term_renamed, term_links_changed})) return has_no_rules_of_terms();
    if (is({project_added})) return take_project(change);
    if (is({folder_added})) return take_folder(change);
    if (is({tag_added})) return take_term(change);
    if (is({asset_added})) {
      LENSFS_TRY(const bool known, came_before(db_, change));
      if (!known) fresh_.insert(*change.asset);
    }
    const bool moves_asset =
        is({asset_added, place_added, place_removed, tagged, untagged, trashed, restored});
    if (moves_asset && change.asset) assets_.insert(*change.asset);
    return assets_.size() <= kMostAtOnce;
  }

  Result<std::optional<AccessStep>> end() {
    if (has_other_rules_) {
      LENSFS_TRY(after_, load_access_state(db_, &now()));
    }
    for (const AssetId asset : assets_) LENSFS_CHECK(place(asset));
    for (auto& [index, set] : altered_) after().assets[index] = std::move(set);
    for (const AssetId asset : moved_) sum_up(asset);
    if (!after_) return std::optional<AccessStep>();
    return std::optional(AccessStep{.state = *std::move(after_),
                                    .anew = has_other_rules_,
                                    .moved = std::move(moved_),
                                    .old = std::move(old_),
                                    .hidden = std::move(hidden_)});
  }

 private:
  const AccessState& now() const { return after_ ? *after_ : before_; }
  AccessState& after() {
    if (!after_) after_ = before_;
    return *after_;
  }

  bool has_no_rules_of_terms() const {
    const auto& gathering = before_.known->gathering;
    return !has_other_rules_ &&
           std::none_of(gathering.begin(), gathering.end(), [&](std::uint32_t index) {
             return before_.rules()[index].scope.kind == AccessScope::Kind::tag;
           });
  }

  // A folder may have become one, whose rule grants then.
  Result<bool> take_project(const Change& change) {
    if (has_other_rules_) return false;
    const auto project = find_project(db_, change.name);
    if (!project && project.error().code() == Errc::not_found) return true;  // gone since
    if (!project) return fail(project.error());
    return now().of_folder(project->folder).empty();
  }

  // A new folder is in what its parent is in. One that was moved takes with it what it holds.
  Result<bool> take_folder(const Change& change) {
    LENSFS_TRY(const auto folder,
               db_.maybe<FolderId>("SELECT id FROM folders WHERE parent_id = ?1 AND name = ?2",
                                   *change.folder, change.name));
    if (!folder) return true;  // gone since, or moved on: that is told, too
    const Indices& in = now().of_folder(*change.folder);
    const Indices& known = now().of_folder(*folder);
    if (in == known) return true;
    LENSFS_TRY(const auto any,
               db_.maybe<std::int64_t>("SELECT 1 WHERE EXISTS (SELECT 1 FROM places WHERE"
                                       " folder_id = ?1) OR EXISTS (SELECT 1 FROM folders WHERE"
                                       " parent_id = ?1) OR EXISTS (SELECT 1 FROM trash WHERE"
                                       " folder_id = ?1)",
                                       *folder));
    if (any || !known.empty()) return false;
    after().folders.set(*folder, Indices(in));
    return true;
  }

  Result<bool> take_term(const Change& change) {
    LENSFS_TRY(const auto parent, db_.maybe<std::optional<TagId>>(
                                      "SELECT parent_id FROM tags WHERE id = ?1", *change.tag));
    if (!parent || !*parent) return true;
    const Indices& in = now().of_tag(**parent);
    if (in == now().of_tag(*change.tag)) return true;
    after().tags.set(*change.tag, Indices(in));
    return true;
  }

  // Which rules of folders and terms the asset is in.
  Result<std::set<std::uint32_t>> rules_of(AssetId asset) {
    std::set<std::uint32_t> in;
    const auto add = [&](const Indices& indices) { in.insert(indices.begin(), indices.end()); };
    if (!now().folders.empty()) {
      LENSFS_CHECK(db_.each<FolderId>(
          "SELECT folder_id FROM places WHERE asset_id = ?1 UNION"
          " SELECT t.folder_id FROM trash t JOIN assets a ON a.id = t.asset_id"
          " WHERE t.asset_id = ?1 AND a.state = 2",
          [&](FolderId folder) { add(now().of_folder(folder)); }, asset));
    }
    if (!now().tags.empty()) {
      LENSFS_CHECK(db_.each<TagId>(
          "SELECT tag_id FROM asset_tags WHERE asset_id = ?1",
          [&](TagId tag) { add(now().of_tag(tag)); }, asset));
    }
    return in;
  }

  // Puts the asset into the sets it belongs to, and takes it out of the others.
  Status place(AssetId asset) {
    LENSFS_TRY(const std::set<std::uint32_t> in, rules_of(asset));
    bool moved = false;
    for (const std::uint32_t index : now().known->gathering) {
      const bool belongs = in.contains(index);
      if (assets_of(index).contains(asset) == belongs) continue;
      AssetSet& set = altered(index);
      belongs ? set.add(asset) : set.remove(asset);
      moved = true;
    }
    if (moved) moved_.push_back(asset);
    return {};
  }

  void sum_up(AssetId asset) {
    bool hides = false;
    bool is_dated = false;
    for (const std::uint32_t index : now().of_asset(asset)) {
      hides = hides || now().rules()[index].hides;
      is_dated = is_dated || now().rules()[index].is_dated;
    }
    if (!fresh_.contains(asset)) {
      old_.push_back(asset);
      if (hides && !before_.hiding.contains(asset)) hidden_.push_back(asset);
    }
    hides ? after().hiding.add(asset) : after().hiding.remove(asset);
    is_dated ? after().dated.add(asset) : after().dated.remove(asset);
  }

  const AssetSet& assets_of(std::uint32_t index) const {
    const auto altered = altered_.find(index);
    return altered == altered_.end() ? *now().assets[index] : *altered->second;
  }

  AssetSet& altered(std::uint32_t index) {
    const auto at = altered_.find(index);
    if (at != altered_.end()) return *at->second;
    return *altered_.emplace(index, std::make_shared<AssetSet>(*now().assets[index])).first->second;
  }

  Database& db_;
  const AccessState& before_;
  std::optional<AccessState> after_;  // a copy, once something differs
  bool has_other_rules_ = false;
  std::set<AssetId> assets_;  // that may have moved
  std::set<AssetId> fresh_;   // that nobody can have seen before
  std::map<std::uint32_t, std::shared_ptr<AssetSet>> altered_;
  std::vector<AssetId> moved_, old_, hidden_;
};

}  // namespace

Result<std::optional<AccessStep>> access_state_after(Database& db, const AccessState& before,
                                                     const std::vector<Change>& changes) {
  Stepping stepping(db, before);
  for (const Change& change : changes) {
    LENSFS_TRY(const bool followed, stepping.take(change));
    if (followed) continue;
    LENSFS_TRY(AccessState anew, load_access_state(db));
    return std::optional(AccessStep{.state = std::move(anew), .anew = true});
  }
  return stepping.end();
}

}  // namespace lensfs
