#include "catalog/model/access.h"

#include <algorithm>
#include <set>

#include "catalog/model/asset.h"
#include "catalog/model/project.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

Status record(Transaction& txn, const Actor& actor, AccessScope scope) {
  Change change{.kind = ChangeKind::access_changed, .name = "user.lensfs.access"};
  switch (scope.kind) {
    case AccessScope::Kind::library:
      break;
    case AccessScope::Kind::folder:
      change.folder = static_cast<FolderId>(scope.id);
      break;
    case AccessScope::Kind::tag:
      change.tag = static_cast<TagId>(scope.id);
      break;
    case AccessScope::Kind::asset:
      change.asset = static_cast<AssetId>(scope.id);
      break;
  }
  return record_change(txn, actor, change);
}

AccessScope scope_of(AssetId asset) {
  return {AccessScope::Kind::asset, number(asset)};
}

// The terms and folders with a rule by which a file is bound.
Result<std::set<AccessScope>> binding_scopes(Database& db, AssetId asset) {
  std::set<AccessScope> scopes;
  const auto add_if_ruled = [&](AccessScope scope) -> Status {
    LENSFS_TRY(const auto rule, maybe_access_rule(db, scope));
    if (rule) scopes.insert(scope);
    return {};
  };
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(db, asset));
  for (const Tag& tag : tags) {
    LENSFS_TRY(const std::vector<TagId> line, shown_in(db, tag.id));
    for (const TagId term : line) {
      LENSFS_CHECK(add_if_ruled({AccessScope::Kind::tag, number(term)}));
    }
  }
  LENSFS_TRY(const std::vector<Place> places, places_of(db, asset));
  for (const Place& place : places) {
    for (std::optional<FolderId> at = place.folder; at;) {
      LENSFS_CHECK(add_if_ruled({AccessScope::Kind::folder, number(*at)}));
      LENSFS_TRY(const Folder folder, find_folder(db, *at));
      at = folder.parent;
    }
  }
  return scopes;
}

}  // namespace

StoredRule StoredRule::from(const Row& row) {
  return {.scope = {row.get<AccessScope::Kind>(0), row.integer(1)},
          .text = row.get<std::string>(2)};
}

Role Role::from(const Row& row) {
  return {.name = row.get<std::string>(0), .members = row.get<std::string>(1)};
}

Result<std::vector<StoredRule>> all_access_rules(Database& db) {
  std::vector<StoredRule> rules;
  LENSFS_CHECK(
      db.each<StoredRule>("SELECT scope, scope_id, rule FROM access_rules ORDER BY scope, scope_id"
                          " /* SCAN: all rules there are */",
                          [&](StoredRule rule) { rules.push_back(std::move(rule)); }));
  return rules;
}

Result<bool> has_access_rules(Database& db) {
  LENSFS_TRY(const auto any, db.maybe<std::int64_t>("SELECT 1 FROM access_rules LIMIT 1"
                                                    " /* SCAN: one row */"));
  return any.has_value();
}

Result<std::optional<std::string>> maybe_access_rule(Database& db, AccessScope scope) {
  return db.maybe<std::string>("SELECT rule FROM access_rules WHERE scope = ?1 AND scope_id = ?2",
                               scope.kind, scope.id);
}

Result<std::string> find_access_rule(Database& db, AccessScope scope) {
  LENSFS_TRY(auto text, maybe_access_rule(db, scope));
  if (!text) return fail(Errc::no_attribute);
  return *std::move(text);
}

Status set_access_rule(Transaction& txn, const Actor& actor, AccessScope scope,
                       std::string_view text) {
  LENSFS_TRY(const AccessRule rule, parse_access_rule(text));
  for (const AccessRule::Entry& entry : rule.entries) LENSFS_CHECK(check_known(entry.subject));
  LENSFS_CHECK(
      txn.db().run("INSERT INTO access_rules (scope, scope_id, rule) VALUES (?1, ?2, ?3)"
                   " ON CONFLICT (scope, scope_id) DO UPDATE SET rule = excluded.rule",
                   scope.kind, scope.id, rule.text()));
  return record(txn, actor, scope);
}

Status clear_access_rule(Transaction& txn, const Actor& actor, AccessScope scope) {
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("DELETE FROM access_rules WHERE scope = ?1 AND scope_id = ?2", scope.kind,
                          scope.id));
  if (rows == 0) return fail(Errc::no_attribute);
  return record(txn, actor, scope);
}

Result<bool> has_access_rule(Database& db, AssetId asset) {
  LENSFS_TRY(const auto rule, maybe_access_rule(db, scope_of(asset)));
  return rule.has_value();
}

Result<bool> is_bound_no_more(Database& db, AssetId asset, AssetId other) {
  LENSFS_TRY(const bool any, has_access_rules(db));
  if (!any) return true;
  LENSFS_TRY(const auto own, maybe_access_rule(db, scope_of(asset)));
  if (own) {
    LENSFS_TRY(const auto same, maybe_access_rule(db, scope_of(other)));
    if (same != own) return false;
  }
  LENSFS_TRY(const std::set<AccessScope> bound, binding_scopes(db, asset));
  LENSFS_TRY(const std::set<AccessScope> others, binding_scopes(db, other));
  return std::includes(others.begin(), others.end(), bound.begin(), bound.end());
}

Status copy_access_rule(Transaction& txn, const Actor& actor, AssetId from, AssetId to) {
  LENSFS_TRY(const std::int64_t rows,
             txn.db().run("INSERT INTO access_rules (scope, scope_id, rule)"
                          " SELECT scope, ?3, rule FROM access_rules"
                          " WHERE scope = ?1 AND scope_id = ?2",
                          AccessScope::Kind::asset, from, to));
  return rows == 0 ? Status() : record(txn, actor, scope_of(to));
}

Result<std::vector<Role>> all_roles(Database& db) {
  std::vector<Role> roles;
  for (const RoleRight& known : kRoles) {
    LENSFS_TRY(
        const auto members,
        db.maybe<std::string>("SELECT members FROM access_roles WHERE name = ?1", known.name));
    roles.push_back({std::string(known.name), members.value_or("")});
  }
  return roles;
}

Status set_role(Transaction& txn, const Actor& actor, std::string_view name,
                std::string_view members) {
  LENSFS_CHECK(parse_subject("role:" + std::string(name)));
  LENSFS_TRY(const std::vector<RuleSubject> parsed, parse_members(members));
  std::string text;
  for (const RuleSubject& subject : parsed) {
    LENSFS_CHECK(check_known(subject));
    text += (text.empty() ? "" : ", ") + subject.text();
  }
  LENSFS_CHECK(
      txn.db().run("INSERT INTO access_roles (name, members) VALUES (?1, ?2)"
                   " ON CONFLICT (name) DO UPDATE SET members = excluded.members",
                   name, text));
  return record_change(txn, actor, {.kind = ChangeKind::role_changed, .name = std::string(name)});
}

Result<std::string> name_of_scope(Database& db, AccessScope scope) {
  switch (scope.kind) {
    case AccessScope::Kind::library:
      break;
    case AccessScope::Kind::folder: {
      const auto folder = find_folder(db, static_cast<FolderId>(scope.id));
      if (is_missing(folder)) return std::string("a folder that is gone");
      if (!folder) return fail(folder.error());
      LENSFS_TRY(const std::string path, path_of(db, folder->id));
      return (folder->parent ? "folder " : "project ") + path;
    }
    case AccessScope::Kind::tag: {
      const auto tag = find_tag(db, static_cast<TagId>(scope.id));
      if (is_missing(tag)) return std::string("a term that is gone");
      if (!tag) return fail(tag.error());
      return "tag " + tag->path;
    }
    case AccessScope::Kind::asset: {
      const auto asset = find_asset(db, static_cast<AssetId>(scope.id));
      if (is_missing(asset)) return std::string("a file that is gone");
      if (!asset) return fail(asset.error());
      return "file " + asset->name;
    }
  }
  return std::string("the library");
}

}  // namespace lensfs
