#include "catalog/model/access_book.h"

#include <algorithm>

namespace lensfs {
namespace {

// More changes than this at once are not followed one by one.
constexpr std::int64_t kMostChanges = 20'000;
constexpr std::size_t kMostViews = 256;

}  // namespace

Status AccessBook::begin(Database& db) {
  LENSFS_TRY(const auto any, db.maybe<std::int64_t>("SELECT 1 FROM access_rules LIMIT 1"
                                                    " /* SCAN: one row */"));
  active_.store(any.has_value(), std::memory_order_release);
  return {};
}

void AccessBook::accept(const Change& change) {
  if (change.kind != ChangeKind::access_changed) return;
  const std::scoped_lock lock(mutex_);
  told_of_ = std::max(told_of_, change.id);
  active_.store(true, std::memory_order_release);
}

Status AccessBook::catch_up(Database& db) {
  LENSFS_TRY(const ChangeId last, last_change(db));
  if (state_ != nullptr && last <= as_of_) return {};
  if (state_ != nullptr) {
    LENSFS_TRY(const std::vector<Change> changes, changes_after(db, as_of_, kMostChanges));
    if (static_cast<std::int64_t>(changes.size()) < kMostChanges) {
      LENSFS_TRY(auto after, access_state_after(db, *state_, changes));
      if (after) state_ = std::make_shared<const AccessState>(*std::move(after));
      as_of_ = last;
      return {};
    }
  }
  LENSFS_TRY(AccessState anew, load_access_state(db));
  state_ = std::make_shared<const AccessState>(std::move(anew));
  as_of_ = last;
  return {};
}

Result<AccessBook::State> AccessBook::state(Database& db, Follow follow) {
  if (!is_active()) return State();
  const std::scoped_lock lock(mutex_);
  if (state_ == nullptr || follow == Follow::yes) LENSFS_CHECK(catch_up(db));
  if (!state_->rules.empty() || as_of_ < told_of_) return state_;
  // The last rule was taken away, and none was set since.
  active_.store(false, std::memory_order_release);
  state_ = nullptr;
  views_.clear();
  return State();
}

Result<AccessBook::View> AccessBook::view(Database& db, const AccessCaller& caller, Nanoseconds now,
                                          Follow follow) {
  LENSFS_TRY(const State state, this->state(db, follow));
  if (state == nullptr) return View();
  const std::scoped_lock lock(mutex_);
  const auto known = views_.find(caller);
  if (known != views_.end() && known->second->holds(state, now)) return known->second;
  if (views_.size() >= kMostViews) views_.clear();
  View made = std::make_shared<const AccessView>(state, caller, now, ++last_id_);
  views_[caller] = made;
  return made;
}

}  // namespace lensfs
