// AccessState: all rules as they bind what is in the library now: for each the set of assets, the
// folders and the terms it is about, whoever asks. Made from the catalog once, then carried from
// change to change (access_step.cpp); never altered once others may see it.
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

  // What it says to the caller; nothing if it says nothing.
  [[nodiscard]] std::optional<Right> says(const AccessCaller& caller, Nanoseconds now) const;
};

// RulesIn: which rules a folder or term lies in. A copy costs what was set since the last big one.
template <typename Id>
class RulesIn {
 public:
  using Indices = std::vector<std::uint32_t>;  // of rules, rising
  using Map = std::unordered_map<Id, Indices>;
  RulesIn() = default;
  explicit RulesIn(Map all) : most_(std::make_shared<const Map>(std::move(all))) {}

  [[nodiscard]] const Indices& of(Id id) const {
    static const Indices kNone;
    if (const auto at = lately_.find(id); at != lately_.end()) return at->second;
    if (most_ == nullptr) return kNone;
    const auto at = most_->find(id);
    return at == most_->end() ? kNone : at->second;
  }
  [[nodiscard]] bool empty() const { return lately_.empty() && (!most_ || most_->empty()); }
  void set(Id id, Indices indices) {
    lately_[id] = std::move(indices);
    if (lately_.size() >= kMostLately) *this = RulesIn(all());
  }
  [[nodiscard]] Map all() const {
    Map all = lately_;
    if (most_ != nullptr) all.insert(most_->begin(), most_->end());
    return all;
  }

 private:
  static constexpr std::size_t kMostLately = 256;
  std::shared_ptr<const Map> most_;
  Map lately_;
};

// AccessRules: all rules, whatever is in the library.
struct AccessRules {
  std::vector<ScopeRule> rules;
  std::optional<std::uint32_t> library;  // the rule of all
  std::vector<std::uint32_t> gathering;  // those of folders and terms: assets come and go
  std::unordered_map<AssetId, std::uint32_t> of_assets;
  std::vector<Role> roles;  // who has which
};

// One edit costs as much in a library with many rules and assets as in one with few: states share
// what did not change, and only rules of folders and terms are looked through.
struct AccessState {
  using Indices = std::vector<std::uint32_t>;  // of rules, rising
  std::shared_ptr<const AccessRules> known = std::make_shared<const AccessRules>();
  std::vector<SharedSet> assets;  // by rule; null but for rules of folders and terms
  // Those that a folder or term lies in, its own included; without the library's.
  RulesIn<FolderId> folders;
  RulesIn<TagId> tags;
  AssetSet hiding;  // assets in the scope of a rule that hides
  AssetSet dated;   // the same of rules with dates

  [[nodiscard]] const std::vector<ScopeRule>& rules() const { return known->rules; }
  [[nodiscard]] const std::optional<std::uint32_t>& library() const { return known->library; }
  [[nodiscard]] const Indices& of_folder(FolderId folder) const { return folders.of(folder); }
  [[nodiscard]] const Indices& of_tag(TagId tag) const { return tags.of(tag); }
  [[nodiscard]] Indices of_asset(AssetId asset) const;
};

// `before`: a state of the same library whose sets still hold, but for rules that are new since.
[[nodiscard]] Result<AccessState> load_access_state(Database& db,
                                                    const AccessState* before = nullptr);

// AccessStep: what some changes made of a state.
struct AccessStep {
  AccessState state;
  bool anew = false;  // all of it was read; what differs from the state before is not known
  std::vector<AssetId> moved{};   // other rules bind these now
  std::vector<AssetId> old{};     // of these, what was there before the changes
  std::vector<AssetId> hidden{};  // of these, what a rule hides now and none did before
};
// The state after these changes, in order; nothing if it is the same. `changes` must all be visible
// in `db`.
[[nodiscard]] Result<std::optional<AccessStep>> access_state_after(
    Database& db, const AccessState& before, const std::vector<Change>& changes);

}  // namespace lensfs
