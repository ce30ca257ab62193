#include "catalog/model/access_book.h"

#include <algorithm>
#include <utility>

namespace lensfs {
namespace {

// More changes than this at once are not followed one by one.
constexpr std::int64_t kMostChanges = 20'000;
constexpr std::size_t kMostViews = 256;
constexpr std::size_t kMostMoved = 4096;
constexpr std::size_t kMostMoves = 100'000;

}  // namespace

Status AccessBook::begin(Database& db) {
  LENSFS_TRY(const bool any, has_access_rules(db));
  active_.store(any, std::memory_order_release);
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
      LENSFS_TRY(auto step, access_state_after(db, *state_, changes));
      if (step && step->anew) exact_after_ = last;
      if (step) go_on(*std::move(step));
      as_of_ = last;
      return {};
    }
  }
  LENSFS_TRY(AccessState anew, load_access_state(db));
  go_on({.state = std::move(anew), .anew = true});
  as_of_ = last;
  exact_after_ = last;
  return {};
}

void AccessBook::go_on(AccessStep step) {
  state_ = std::make_shared<const AccessState>(std::move(step.state));
  if (step.anew) return;  // views of other rules are made anew
  steps_ += step.moved.size();
  moved_.insert(moved_.end(), step.moved.begin(), step.moved.end());
  while (moved_.size() > kMostMoved) moved_.pop_front();
  if (!keeps_moves_) return;
  if (moves_.other.size() > kMostMoves) {  // nobody takes them
    moves_ = {};
    exact_after_ = as_of_;
  }
  moves_.other.insert(moves_.other.end(), step.moved.begin(), step.moved.end());
  moves_.old.insert(moves_.old.end(), step.old.begin(), step.old.end());
  moves_.hidden.insert(moves_.hidden.end(), step.hidden.begin(), step.hidden.end());
}

AccessBook::Moves AccessBook::take_moves() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(moves_, {});
}

ChangeId AccessBook::exact_after() {
  const std::scoped_lock lock(mutex_);
  return exact_after_;
}

std::optional<std::vector<AssetId>> AccessBook::moved_since(std::uint64_t step) const {
  const std::uint64_t count = steps_ - step;
  if (count > moved_.size()) return std::nullopt;
  return std::vector<AssetId>(moved_.end() - static_cast<std::ptrdiff_t>(count), moved_.end());
}

Result<AccessBook::State> AccessBook::state(Database& db, Follow follow) {
  if (!is_active()) return State();
  const std::scoped_lock lock(mutex_);
  return current(db, follow);
}

Result<AccessBook::State> AccessBook::current(Database& db, Follow follow) {
  if (state_ == nullptr || follow == Follow::yes) LENSFS_CHECK(catch_up(db));
  if (!state_->rules().empty() || as_of_ < told_of_) return state_;
  // The last rule was taken away, and none was set since.
  active_.store(false, std::memory_order_release);
  state_ = nullptr;
  views_.clear();
  return State();
}

Result<AccessBook::View> AccessBook::view(Database& db, const AccessCaller& caller, Nanoseconds now,
                                          Follow follow) {
  if (!is_active()) return View();
  const std::scoped_lock lock(mutex_);
  LENSFS_TRY(const State state, current(db, follow));
  if (state == nullptr) return View();
  const auto known = views_.find(caller);
  if (known != views_.end() && known->second.view->holds(state, now)) return known->second.view;
  View made;
  if (known != views_.end() && known->second.view->leads_to(*state, now)) {
    if (const auto moved = moved_since(known->second.step)) {
      made = std::make_shared<const AccessView>(*known->second.view, state, *moved, ++last_id_);
    }
  }
  if (made == nullptr) made = std::make_shared<const AccessView>(state, caller, now, ++last_id_);
  if (views_.size() >= kMostViews) views_.clear();
  views_[caller] = {made, steps_};
  return made;
}

}  // namespace lensfs
