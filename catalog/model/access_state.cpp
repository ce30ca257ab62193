#include "catalog/model/access_state.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <map>

#include "catalog/model/tag.h"

namespace lensfs {
namespace {

using Indices = AccessState::Indices;

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

// What is being read of a state.
struct Gathered {
  std::unordered_map<FolderId, Indices> folders;
  std::unordered_map<TagId, Indices> tags;
  std::vector<SharedSet> assets;
};

Status gather(Database& db, const ScopeRule& rule, std::uint32_t index, Gathered& into) {
  AssetSet assets;
  if (rule.scope.kind == AccessScope::Kind::folder) {
    LENSFS_TRY(const std::vector<FolderId> family, folders_below(db, rule.scope.id));
    for (const FolderId folder : family) {
      into.folders[folder].push_back(index);
      LENSFS_CHECK(add_assets_in(db, folder, assets));
    }
  } else {
    LENSFS_TRY(const std::vector<TagId> family, meaning_of(db, static_cast<TagId>(rule.scope.id)));
    for (const TagId tag : family) {
      into.tags[tag].push_back(index);
      LENSFS_CHECK(db.each<AssetId>(
          "SELECT asset_id FROM asset_tags WHERE tag_id = ?1", [&](AssetId id) { assets.add(id); },
          tag));
    }
  }
  into.assets[index] = std::make_shared<const AssetSet>(std::move(assets));
  return {};
}

// The same map by other numbers of the rules; rules that are gone have none.
template <typename Id>
std::unordered_map<Id, Indices> renumbered(
    const RulesIn<Id>& before, const std::vector<std::optional<std::uint32_t>>& numbers) {
  std::unordered_map<Id, Indices> all;
  for (auto& [id, indices] : before.all()) {
    Indices now;
    for (const std::uint32_t index : indices) {
      if (numbers[index]) now.push_back(*numbers[index]);
    }
    if (!now.empty()) all.emplace(id, std::move(now));
  }
  return all;
}

// Which of the rules before are still there, by their numbers now.
Gathered kept_from(const AccessState& before, const AccessRules& known) {
  std::map<AccessScope, std::uint32_t> now;
  for (const std::uint32_t index : known.gathering) now[known.rules[index].scope] = index;
  std::vector<std::optional<std::uint32_t>> numbers(before.rules().size());
  Gathered kept;
  kept.assets.resize(known.rules.size());
  for (const std::uint32_t index : before.known->gathering) {
    const auto at = now.find(before.rules()[index].scope);
    if (at == now.end()) continue;
    numbers[index] = at->second;
    kept.assets[at->second] = before.assets[index];
  }
  kept.folders = renumbered(before.folders, numbers);
  kept.tags = renumbered(before.tags, numbers);
  return kept;
}

void sum_up(AccessState& state) {
  for (const std::uint32_t index : state.known->gathering) {
    if (state.rules()[index].hides) state.hiding |= *state.assets[index];
    if (state.rules()[index].is_dated) state.dated |= *state.assets[index];
  }
  for (const auto& [asset, index] : state.known->of_assets) {
    if (state.rules()[index].hides) state.hiding.add(asset);
    if (state.rules()[index].is_dated) state.dated.add(asset);
  }
}

// Whether nothing that a rule was made of can be otherwise now.
bool holds(const ScopeRule& rule, const StoredRule& stored, const std::vector<Role>& roles,
           const AccessRules& before) {
  if (rule.text != stored.text) return false;
  return std::all_of(rule.entries.begin(), rule.entries.end(), [&](const ScopeRule::Entry& entry) {
    if (entry.subject.kind == RuleSubject::Kind::role && roles != before.roles) return false;
    return std::all_of(entry.named.begin(), entry.named.end(),
                       [](const ScopeRule::Named& named) { return named.number >= 0; });
  });
}

Result<AccessRules> compile_all(Database& db, const AccessRules* before) {
  AccessRules known;
  std::map<AccessScope, const ScopeRule*> made;
  if (before != nullptr) {
    for (const ScopeRule& rule : before->rules) made[rule.scope] = &rule;
  }
  LENSFS_TRY(const std::vector<StoredRule> stored, all_access_rules(db));
  LENSFS_TRY(std::vector<Role> roles, all_roles(db));
  for (const StoredRule& rule : stored) {
    const auto index = static_cast<std::uint32_t>(known.rules.size());
    const auto same = made.find(rule.scope);
    if (same != made.end() && holds(*same->second, rule, roles, *before)) {
      known.rules.push_back(*same->second);
    } else {
      LENSFS_TRY(ScopeRule compiled, compile(db, rule, roles));
      known.rules.push_back(std::move(compiled));
    }
    switch (rule.scope.kind) {
      case AccessScope::Kind::library:
        known.library = index;
        break;
      case AccessScope::Kind::folder:
      case AccessScope::Kind::tag:
        known.gathering.push_back(index);
        break;
      case AccessScope::Kind::asset:
        known.of_assets.emplace(static_cast<AssetId>(rule.scope.id), index);
        break;
    }
  }
  known.roles = std::move(roles);
  return known;
}

}  // namespace

Indices AccessState::of_asset(AssetId asset) const {
  Indices indices;
  for (const std::uint32_t index : known->gathering) {
    if (assets[index]->contains(asset)) indices.push_back(index);
  }
  const auto own = known->of_assets.find(asset);
  if (own != known->of_assets.end()) indices.push_back(own->second);
  return indices;
}

Result<AccessState> load_access_state(Database& db, const AccessState* before) {
  LENSFS_TRY(AccessRules rules, compile_all(db, before != nullptr ? before->known.get() : nullptr));
  AccessState state;
  state.known = std::make_shared<const AccessRules>(std::move(rules));
  Gathered gathered;
  gathered.assets.resize(state.rules().size());
  if (before != nullptr) gathered = kept_from(*before, *state.known);
  for (const std::uint32_t index : state.known->gathering) {
    if (gathered.assets[index] != nullptr) continue;
    LENSFS_CHECK(gather(db, state.rules()[index], index, gathered));
  }
  for (auto& [folder, indices] : gathered.folders) std::sort(indices.begin(), indices.end());
  for (auto& [tag, indices] : gathered.tags) std::sort(indices.begin(), indices.end());
  state.assets = std::move(gathered.assets);
  state.folders = RulesIn<FolderId>(std::move(gathered.folders));
  state.tags = RulesIn<TagId>(std::move(gathered.tags));
  sum_up(state);
  return state;
}

}  // namespace lensfs
