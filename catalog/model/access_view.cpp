#include "catalog/model/access_view.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace lensfs {
namespace {

bool is_named(const ScopeRule::Entry& entry, const AccessCaller& caller) {
  if (entry.subject.kind == RuleSubject::Kind::role && caller.role == entry.subject.name)
    return true;
  return std::any_of(entry.named.begin(), entry.named.end(), [&](const ScopeRule::Named& named) {
    if (named.number < 0) return false;
    if (named.kind == RuleSubject::Kind::user) return caller.uid == named.number;
    return std::binary_search(caller.groups.begin(), caller.groups.end(), named.number);
  });
}

// What the entries say, whatever the date is.
std::optional<Right> entry_for(const ScopeRule& rule, const AccessCaller& caller) {
  std::optional<Right> by_group;
  std::optional<Right> other;
  for (const ScopeRule::Entry& entry : rule.entries) {
    if (entry.subject.kind == RuleSubject::Kind::other) {
      other = entry.right;
    } else if (is_named(entry, caller)) {
      if (entry.subject.kind == RuleSubject::Kind::user) return entry.right;
      by_group = std::max(by_group.value_or(Right::none), entry.right);
    }
  }
  if (by_group) return by_group;
  if (!other && rule.grants && !rule.entries.empty()) return Right::none;
  return other;
}

Result<AccessCaller> user_caller(std::string_view name) {
  LENSFS_CHECK(check_known({RuleSubject::Kind::user, std::string(name)}));
  AccessCaller caller{.uid = number_of_user(name)};
  std::array<char, 8192> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const auto uid = static_cast<uid_t>(*caller.uid);
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return caller;  // a number that has no name has no groups either
  }
  int count = 0;
  ::getgrouplist(found->pw_name, found->pw_gid, nullptr, &count);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0)));
  ::getgrouplist(found->pw_name, found->pw_gid, groups.data(), &count);
  caller.groups.assign(groups.begin(), groups.end());
  std::sort(caller.groups.begin(), caller.groups.end());
  return caller;
}

}  // namespace

Result<AccessCaller> caller_from(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return user_caller(text);
  LENSFS_TRY(const RuleSubject subject, parse_subject(text));
  if (subject.kind == RuleSubject::Kind::user) return user_caller(subject.name);
  if (subject.kind == RuleSubject::Kind::role) return AccessCaller{.role = subject.name};
  LENSFS_CHECK(check_known(subject));
  return AccessCaller{.groups = {*number_of_group(subject.name)}};
}

std::optional<Right> ScopeRule::says(const AccessCaller& caller, Nanoseconds now) const {
  const std::optional<Right> right = entry_for(*this, caller);
  const bool is_open = (!from || now >= *from) && (!until || now < *until);
  if (is_open || right == Right::manage) return right;
  const bool is_bound = right.has_value() || entries.empty();
  return is_bound ? std::optional(Right::none) : std::nullopt;
}

AccessView::AccessView(std::shared_ptr<const AccessState> state, AccessCaller caller,
                       Nanoseconds now, std::uint64_t id)
    : state_(std::move(state)),
      since_(std::numeric_limits<Nanoseconds>::min()),
      until_(std::numeric_limits<Nanoseconds>::max()),
      id_(id) {
  Says says;
  for (const ScopeRule& rule : state_->rules()) {
    says.push_back(rule.says(caller, now));
    for (const auto& date : {rule.from, rule.until}) {
      if (!date) continue;
      if (*date > now) until_ = std::min(until_, *date);
      if (*date <= now) since_ = std::max(since_, *date);
    }
  }
  says_ = std::make_shared<const Says>(std::move(says));
  for (const std::uint32_t index : state_->known->gathering) {
    const std::optional<Right>& right = this->says(index);
    if (!right) continue;
    const AssetSet& assets = *state_->assets[index];
    for (std::size_t at = static_cast<std::size_t>(*right); at < below_.size(); ++at) {
      below_[at] |= assets;
    }
    if (*right == Right::manage) managed_ |= assets;
  }
  for (const auto& [asset, index] : state_->known->of_assets) {
    if (const std::optional<Right>& right = this->says(index)) add(asset, *right);
  }
}

AccessView::AccessView(const AccessView& before, std::shared_ptr<const AccessState> state,
                       const std::vector<AssetId>& moved, std::uint64_t id)
    : AccessView(before) {
  state_ = std::move(state);
  id_ = id;
  for (const AssetId asset : moved) {
    for (AssetSet& set : below_) set.remove(asset);
    managed_.remove(asset);
    for (const std::uint32_t index : state_->of_asset(asset)) {
      if (const std::optional<Right>& right = says(index)) add(asset, *right);
    }
  }
}

void AccessView::add(AssetId asset, Right right) {
  for (std::size_t at = static_cast<std::size_t>(right); at < below_.size(); ++at) {
    below_[at].add(asset);
  }
  if (right == Right::manage) managed_.add(asset);
}

Right AccessView::of(const AccessState::Indices& indices) const {
  std::optional<Right> lowest;
  if (state_->library()) lowest = says(*state_->library());
  for (const std::uint32_t index : indices) {
    const std::optional<Right>& right = says(index);
    if (right && (!lowest || *right < *lowest)) lowest = right;
  }
  return lowest.value_or(Right::write);
}

Right AccessView::of_asset(AssetId asset) const {
  const std::optional<Right> library =
      state_->library() ? says(*state_->library()) : std::optional<Right>();
  for (std::size_t at = 0; at < below_.size(); ++at) {
    if (library && static_cast<std::size_t>(*library) == at) return *library;
    if (below_[at].contains(asset)) return static_cast<Right>(at);
  }
  if (library || managed_.contains(asset)) return Right::manage;
  return Right::write;
}

std::vector<AccessView::Said> AccessView::explain(const AccessState::Indices& indices) const {
  std::vector<Said> said;
  const Right lowest = of(indices);
  const auto add = [&](std::uint32_t index) {
    const std::optional<Right>& right = says(index);
    said.push_back({&state_->rules()[index], right, right == lowest});
  };
  if (state_->library()) add(*state_->library());
  for (const std::uint32_t index : indices) add(index);
  return said;
}

}  // namespace lensfs
