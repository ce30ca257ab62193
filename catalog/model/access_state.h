// AccessState: all rules as they bind what is in the library now: for each the set of assets, the
// folders and the terms it is about, whoever asks. Made from the catalog once, then carried from
// change to change; never altered once others may see it.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "catalog/model/access.h"
#include "catalog/model/asset_set.h"
#include "catalog/model/feed.h"

namespace lensfs {

// AccessCaller: who asks.
struct AccessCaller {
  std::optional<std::int64_t> uid{};   // nothing: nobody in particular
  std::vector<std::int64_t> groups{};  // numbers, each once, rising
  std::optional<std::string> role{};   // a role they have whatever the roles say
  auto operator<=>(const AccessCaller&) const = default;
};
// "user:ada" (with all groups that the system says), "group:clients", "role:reviewer", a user's
// name or number. invalid if there is no such.
[[nodiscard]] Result<AccessCaller> caller_from(std::string_view text);

// ScopeRule: one rule with names looked up.
struct ScopeRule {
  struct Named {
    RuleSubject::Kind kind;    // user or group
    std::int64_t number = -1;  // -1: the system knows none
  };
  struct Entry {
    RuleSubject subject;
    Right right;
    std::vector<Named> named;  // the subject, or all who have the role
  };
  AccessScope scope;
  std::string text;
  std::vector<Entry> entries{};
  std::optional<Nanoseconds> from{}, until{};
  bool grants = false;  // whom it does not name has nothing; else it says nothing to them
  bool hides = false;   // it says none to somebody, now or at some time
  bool is_dated = false;
  std::optional<Right> most{};  // the highest that it says to anybody; nothing: no limit
  SharedSet assets{};           // null for the library: all

  // What it says to the caller; nothing if it says nothing.
  [[nodiscard]] std::optional<Right> says(const AccessCaller& caller, Nanoseconds now) const;
};

struct AccessState {
  using Indices = std::vector<std::uint32_t>;  // of rules
  std::vector<ScopeRule> rules;
  std::optional<std::uint32_t> library;  // the rule of all
  // Those that a folder or term lies in, its own included; without the library's.
  std::unordered_map<FolderId, Indices> folders;
  std::unordered_map<TagId, Indices> tags;
  AssetSet hiding;  // assets in the scope of a rule that hides
  AssetSet dated;   // the same of rules with dates

  [[nodiscard]] const Indices& of_folder(FolderId folder) const;
  [[nodiscard]] const Indices& of_tag(TagId tag) const;
  [[nodiscard]] Indices of_asset(AssetId asset) const;
};

[[nodiscard]] Result<AccessState> load_access_state(Database& db);
// The state after these changes, in order; nothing if it is the same. `changes` must all be visible
// in `db`.
[[nodiscard]] Result<std::optional<AccessState>> access_state_after(
    Database& db, const AccessState& before, const std::vector<Change>& changes);

}  // namespace lensfs
