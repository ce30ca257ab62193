#include "fs/awaited_renditions.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace lensfs {
namespace {

// Between looks for what somebody waits for. The notifier, which hears of it at once, may itself
// wait for a folder that one of these look-ups holds.
constexpr auto kLookPause = std::chrono::milliseconds(20);
constexpr auto kPatienceAfterMiss = std::chrono::seconds(10);

// Takes out of `from` what `is_due` says.
template <typename List, typename IsDue>
List taken(List& from, const IsDue& is_due) {
  const auto due = std::stable_partition(from.begin(), from.end(),
                                         [&](const auto& one) { return !is_due(one); });
  List out(std::make_move_iterator(due), std::make_move_iterator(from.end()));
  from.erase(due, from.end());
  return out;
}

}  // namespace

void AwaitedRenditions::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void AwaitedRenditions::finish() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  std::vector<Waiting> all;
  {
    const std::scoped_lock lock(mutex_);
    all.swap(waiting_);
  }
  for (const Waiting& one : all) one.then();
}

Status AwaitedRenditions::enter(const NewJob& job) {
  return catalog_.write_soon([&](Transaction& txn) -> Status {
    LENSFS_TRY(const std::int64_t asked, jobs_of_user(txn.db(), job.uid));
    if (asked >= settings_.most_asked) {
      return fail(Errc::busy, "this user has asked for as many renditions as one may at a time");
    }
    return ask_for(txn, job);
  });
}

Result<bool> AwaitedRenditions::is_settled(ObjectId source, const Recipe& recipe) {
  LENSFS_TRY(const auto db, catalog_.read());
  LENSFS_TRY(const Standing standing, standing_of(*db, source, recipe));
  return standing.ready || standing.outline || standing.has_failed();
}

// Since the last look; whoever began to wait after it has looked himself.
bool AwaitedRenditions::anything_new() {
  const auto db = catalog_.read();
  const auto last = db ? last_change(**db) : Result<ChangeId>(fail(db.error()));
  if (last && *last == seen_) return false;
  if (last) seen_ = *last;
  return true;
}

void AwaitedRenditions::look() {
  if (!anything_new()) return;
  std::set<std::pair<ObjectId, std::string>> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const Waiting& one : waiting_) all.emplace(one.source, one.recipe);
  }
  for (const auto& [source, text] : all) {
    const auto recipe = Recipe::from_text(text);
    const Result<bool> settled =
        recipe ? is_settled(source, *recipe) : Result<bool>(fail(recipe.error()));
    if (!settled || *settled) settle(source, text);
  }
}

Status AwaitedRenditions::ask(const NewJob& job, std::function<void()> then) {
  LENSFS_CHECK(enter(job));
  const std::string recipe = job.recipe.text();
  if (was_missed(job.source, recipe)) {
    then();
    return {};
  }
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back({.source = job.source,
                        .recipe = recipe,
                        .until = Clock::now() + std::chrono::nanoseconds(settings_.wait),
                        .then = std::move(then)});
  }
  wake_.notify_one();
  // It may be there, or have failed, already.
  const auto settled = is_settled(job.source, job.recipe);
  if (!settled || *settled) settle(job.source, recipe);
  return {};
}

bool AwaitedRenditions::was_missed(ObjectId source, std::string_view recipe) {
  const auto since = Clock::now() - kPatienceAfterMiss;
  const std::scoped_lock lock(mutex_);
  while (!missed_.empty() && missed_.front().at < since) missed_.pop_front();
  return std::any_of(missed_.begin(), missed_.end(), [&](const Missed& one) {
    return one.source == source && one.recipe == recipe;
  });
}

void AwaitedRenditions::settle(ObjectId source, std::string_view recipe) {
  std::vector<Waiting> due;
  {
    const std::scoped_lock lock(mutex_);
    due = taken(waiting_,
                [&](const Waiting& one) { return one.source == source && one.recipe == recipe; });
  }
  for (const Waiting& one : due) one.then();
}

std::vector<AwaitedRenditions::Waiting> AwaitedRenditions::take_overdue(Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  auto overdue = taken(waiting_, [&](const Waiting& one) { return one.until <= now; });
  for (const Waiting& one : overdue) missed_.push_back({one.source, one.recipe, now});
  return overdue;
}

void AwaitedRenditions::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      auto next = Clock::time_point::max();
      for (const Waiting& one : waiting_) {
        next = std::min({next, one.until, Clock::now() + kLookPause});
      }
      const auto is_earlier = [&] {
        return std::any_of(waiting_.begin(), waiting_.end(),
                           [&](const Waiting& one) { return one.until < next; });
      };
      if (next == Clock::time_point::max()) {
        wake_.wait(lock, stop, is_earlier);
      } else {
        wake_.wait_until(lock, stop, next, is_earlier);
      }
    }
    for (const Waiting& one : take_overdue(Clock::now())) one.then();
    look();
  }
}

}  // namespace lensfs
