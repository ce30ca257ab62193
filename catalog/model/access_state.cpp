#include "catalog/model/access_state.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <set>

#include "catalog/model/tag.h"

namespace lensfs {
namespace {

using Indices = AccessState::Indices;

// More assets than this at once are rather read anew, all of them.
constexpr std::size_t kMostAtOnce = 5000;

ScopeRule::Named named(const RuleSubject& subject) {
  const auto number = subject.kind == RuleSubject::Kind::user ? number_of_user(subject.name)
                                                              : number_of_group(subject.name);
  return {subject.kind, number.value_or(-1)};
}

std::vector<ScopeRule::Named> named_by(const RuleSubject& subject, const std::vector<Role>& roles) {
  std::vector<ScopeRule::Named> all;
  if (subject.kind == RuleSubject::Kind::user || subject.kind == RuleSubject::Kind::group) {
    all.push_back(named(subject));
  }
  if (subject.kind != RuleSubject::Kind::role) return all;
  for (const Role& role : roles) {
    if (role.name != subject.name) continue;
    const auto members = parse_members(role.members);
    if (!members) continue;
    for (const RuleSubject& member : *members) all.push_back(named(member));
  }
  return all;
}

// What follows from the words of a rule.
void settle(ScopeRule& rule) {
  rule.is_dated = rule.from || rule.until;
  bool names_other = false;
  Right most = Right::none;
  for (const ScopeRule::Entry& entry : rule.entries) {
    names_other = names_other || entry.subject.kind == RuleSubject::Kind::other;
    rule.hides = rule.hides || entry.right == Right::none;
    most = std::max(most, entry.right);
  }
  const bool denies_others = rule.grants && !rule.entries.empty() && !names_other;
  rule.hides = rule.hides || rule.is_dated || denies_others;
  if (names_other || denies_others) rule.most = most;
}

Result<bool> is_project_folder(Database& db, std::int64_t folder) {
  LENSFS_TRY(const auto row,
             db.maybe<std::int64_t>("SELECT 1 FROM projects WHERE folder_id = ?1", folder));
  if (row) return true;
  // One that is gone was a project's if it had no parent.
  LENSFS_TRY(const auto past,
             db.maybe<std::int64_t>("SELECT 1 FROM past_folders WHERE folder_id = ?1 AND"
                                    " parent_id IS NULL LIMIT 1",
                                    folder));
  LENSFS_TRY(const auto today,
             db.maybe<std::int64_t>("SELECT 1 FROM folders WHERE id = ?1", folder));
  return past.has_value() && !today;
}

Result<ScopeRule> compile(Database& db, const StoredRule& stored, const std::vector<Role>& roles) {
  ScopeRule rule{.scope = stored.scope, .text = stored.text};
  auto parsed = parse_access_rule(stored.text);
  if (!parsed) return fail(Errc::corrupt, "an access rule cannot be read");
  rule.from = parsed->from;
  rule.until = parsed->until;
  for (const AccessRule::Entry& entry : parsed->entries) {
    rule.entries.push_back({entry.subject, entry.right, named_by(entry.subject, roles)});
  }
  rule.grants = stored.scope.kind == AccessScope::Kind::library;
  if (stored.scope.kind == AccessScope::Kind::folder) {
    LENSFS_TRY(rule.grants, is_project_folder(db, stored.scope.id));
  }
  settle(rule);
  return rule;
}

// A folder, all below it, and what was below it when it went.
Result<std::vector<FolderId>> folders_below(Database& db, std::int64_t folder) {
  std::vector<FolderId> all;
  LENSFS_CHECK(db.each<FolderId>(
      "WITH RECURSIVE family (id) AS (SELECT ?1"
      " UNION SELECT f.id FROM family JOIN folders f ON f.parent_id = family.id"
      " UNION SELECT p.folder_id FROM family JOIN past_folders p ON p.parent_id = family.id"
      " WHERE NOT EXISTS (SELECT 1 FROM folders WHERE id = p.folder_id))"
      " SELECT id FROM family /* SCAN: the family just made */",
      [&](FolderId id) { all.push_back(id); }, folder));
  return all;
}

// Deleted assets are still where they were deleted from.
Status add_assets_in(Database& db, FolderId folder, AssetSet& into) {
  const auto add = [&](AssetId id) { into.add(id); };
  LENSFS_CHECK(db.each<AssetId>("SELECT asset_id FROM places WHERE folder_id = ?1", add, folder));
  return db.each<AssetId>(
      "SELECT t.asset_id FROM trash t JOIN assets a ON a.id = t.asset_id"
      " WHERE t.folder_id = ?1 AND a.state = 2",
      add, folder);
}

Status gather(Database& db, AccessState& state, std::uint32_t index) {
  ScopeRule& rule = state.rules[index];
  AssetSet assets;
  switch (rule.scope.kind) {
    case AccessScope::Kind::library:
      state.library = index;
      return {};
    case AccessScope::Kind::folder: {
      LENSFS_TRY(const std::vector<FolderId> family, folders_below(db, rule.scope.id));
      for (const FolderId folder : family) {
        state.folders[folder].push_back(index);
        LENSFS_CHECK(add_assets_in(db, folder, assets));
      }
      break;
    }
    case AccessScope::Kind::tag: {
      LENSFS_TRY(const std::vector<TagId> family,
                 meaning_of(db, static_cast<TagId>(rule.scope.id)));
      for (const TagId tag : family) {
        state.tags[tag].push_back(index);
        LENSFS_CHECK(db.each<AssetId>(
            "SELECT asset_id FROM asset_tags WHERE tag_id = ?1",
            [&](AssetId id) { assets.add(id); }, tag));
      }
      break;
    }
    case AccessScope::Kind::asset:
      assets.add(static_cast<AssetId>(rule.scope.id));
      break;
  }
  rule.assets = std::make_shared<const AssetSet>(std::move(assets));
  return {};
}

void sum_up(AccessState& state) {
  state.hiding = {};
  state.dated = {};
  for (const ScopeRule& rule : state.rules) {
    if (rule.assets == nullptr) continue;
    if (rule.hides) state.hiding |= *rule.assets;
    if (rule.is_dated) state.dated |= *rule.assets;
  }
}

// Following: what some changes make of a state.
class Following {
 public:
  Following(Database& db, const AccessState& before) : db_(db), state_(before) {}

  // False if the state has to be made anew.
  Result<bool> take(const Change& change) {
    using enum ChangeKind;
    const auto is = [&](std::initializer_list<ChangeKind> kinds) {
      return std::find(kinds.begin(), kinds.end(), change.kind) != kinds.end();
    };
    if (is({access_changed, role_changed, term_renamed, term_links_changed})) return false;
    if (is({project_added})) return state_.folders.empty();  // a folder may have become one
    if (is({folder_added})) return take_folder(change);
    if (is({tag_added})) return take_term(change);
    const bool moves_asset =
        is({asset_added, place_added, place_removed, tagged, untagged, trashed, restored});
    if (moves_asset && change.asset) assets_.insert(*change.asset);
    return assets_.size() <= kMostAtOnce;
  }

  Result<std::optional<AccessState>> end() {
    for (const AssetId asset : assets_) LENSFS_CHECK(place(asset));
    for (std::size_t index = 0; index < altered_.size(); ++index) {
      if (altered_[index]) state_.rules[index].assets = altered_[index];
    }
    if (!is_other_) return std::optional<AccessState>();
    sum_up(state_);
    return std::optional(std::move(state_));
  }

 private:
  // A new folder is in what its parent is in. One that was moved takes with it what it holds.
  Result<bool> take_folder(const Change& change) {
    LENSFS_TRY(const auto folder,
               db_.maybe<FolderId>("SELECT id FROM folders WHERE parent_id = ?1 AND name = ?2",
                                   *change.folder, change.name));
    if (!folder) return true;  // gone since, or moved on: that is told, too
    Indices in = state_.of_folder(*change.folder);
    const Indices& known = state_.of_folder(*folder);
    if (in == known) return true;
    LENSFS_TRY(const auto any,
               db_.maybe<std::int64_t>("SELECT 1 WHERE EXISTS (SELECT 1 FROM places WHERE"
                                       " folder_id = ?1) OR EXISTS (SELECT 1 FROM folders WHERE"
                                       " parent_id = ?1) OR EXISTS (SELECT 1 FROM trash WHERE"
                                       " folder_id = ?1)",
                                       *folder));
    if (any || !known.empty()) return false;
    state_.folders[*folder] = std::move(in);
    is_other_ = true;
    return true;
  }

  Result<bool> take_term(const Change& change) {
    LENSFS_TRY(const auto parent, db_.maybe<std::optional<TagId>>(
                                      "SELECT parent_id FROM tags WHERE id = ?1", *change.tag));
    if (!parent || !*parent) return true;
    const Indices in = state_.of_tag(**parent);
    if (in == state_.of_tag(*change.tag)) return true;
    state_.tags[*change.tag] = in;
    is_other_ = true;
    return true;
  }

  // Puts the asset into the sets it belongs to, and takes it out of the others.
  Status place(AssetId asset) {
    std::set<std::uint32_t> in;
    const auto add = [&](const Indices& indices) { in.insert(indices.begin(), indices.end()); };
    if (!state_.folders.empty()) {
      LENSFS_CHECK(db_.each<FolderId>(
          "SELECT folder_id FROM places WHERE asset_id = ?1 UNION"
          " SELECT t.folder_id FROM trash t JOIN assets a ON a.id = t.asset_id"
          " WHERE t.asset_id = ?1 AND a.state = 2",
          [&](FolderId folder) { add(state_.of_folder(folder)); }, asset));
    }
    if (!state_.tags.empty()) {
      LENSFS_CHECK(db_.each<TagId>(
          "SELECT tag_id FROM asset_tags WHERE asset_id = ?1",
          [&](TagId tag) { add(state_.of_tag(tag)); }, asset));
    }
    for (std::uint32_t index = 0; index < state_.rules.size(); ++index) {
      const AccessScope::Kind kind = state_.rules[index].scope.kind;
      if (kind != AccessScope::Kind::folder && kind != AccessScope::Kind::tag) continue;
      const bool belongs = in.contains(index);
      if (assets_of(index).contains(asset) == belongs) continue;
      AssetSet& set = altered(index);
      belongs ? set.add(asset) : set.remove(asset);
      is_other_ = true;
    }
    return {};
  }

  const AssetSet& assets_of(std::uint32_t index) const {
    if (index < altered_.size() && altered_[index]) return *altered_[index];
    return *state_.rules[index].assets;
  }

  AssetSet& altered(std::uint32_t index) {
    altered_.resize(state_.rules.size());
    if (!altered_[index]) altered_[index] = std::make_shared<AssetSet>(assets_of(index));
    return *altered_[index];
  }

  Database& db_;
  AccessState state_;
  std::set<AssetId> assets_;
  std::vector<std::shared_ptr<AssetSet>> altered_;
  bool is_other_ = false;
};

}  // namespace

const Indices& AccessState::of_folder(FolderId folder) const {
  static const Indices kNone;
  const auto at = folders.find(folder);
  return at == folders.end() ? kNone : at->second;
}

const Indices& AccessState::of_tag(TagId tag) const {
  static const Indices kNone;
  const auto at = tags.find(tag);
  return at == tags.end() ? kNone : at->second;
}

Indices AccessState::of_asset(AssetId asset) const {
  Indices indices;
  for (std::uint32_t index = 0; index < rules.size(); ++index) {
    const SharedSet& assets = rules[index].assets;
    if (assets != nullptr && assets->contains(asset)) indices.push_back(index);
  }
  return indices;
}

Result<AccessState> load_access_state(Database& db) {
  AccessState state;
  LENSFS_TRY(const std::vector<StoredRule> stored, all_access_rules(db));
  LENSFS_TRY(const std::vector<Role> roles, all_roles(db));
  for (const StoredRule& rule : stored) {
    LENSFS_TRY(ScopeRule compiled, compile(db, rule, roles));
    state.rules.push_back(std::move(compiled));
  }
  for (std::uint32_t index = 0; index < state.rules.size(); ++index) {
    LENSFS_CHECK(gather(db, state, index));
  }
  sum_up(state);
  return state;
}

Result<std::optional<AccessState>> access_state_after(Database& db, const AccessState& before,
                                                      const std::vector<Change>& changes) {
  Following following(db, before);
  for (const Change& change : changes) {
    LENSFS_TRY(const bool followed, following.take(change));
    if (followed) continue;
    LENSFS_TRY(AccessState anew, load_access_state(db));
    return std::optional(std::move(anew));
  }
  return following.end();
}

}  // namespace lensfs
