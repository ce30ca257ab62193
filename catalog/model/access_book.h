// AccessBook: the rules of a library in memory, kept up with the catalog. Thread-safe.
//
// While a library has no rules nothing is read and nothing is kept. Once there are some, a view is
// as new as what the reader sees: the book follows the change log up to the reader's last change
// before it answers, so that nothing is shown by yesterday's sets.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>

#include "catalog/model/access_view.h"

namespace lensfs {

class AccessBook {
 public:
  using State = std::shared_ptr<const AccessState>;
  using View = std::shared_ptr<const AccessView>;

  // Reads whether there are rules.
  [[nodiscard]] Status begin(Database& db);
  // To be told of each change that is committed, by whomever.
  void accept(const Change& change);
  [[nodiscard]] bool is_active() const { return active_.load(std::memory_order_acquire); }

  // yes: follows the log as far as `db` sees it. no: for readers within a transaction, which see
  // what may never be committed.
  enum class Follow { yes, no };
  // Null while there are no rules.
  [[nodiscard]] Result<State> state(Database& db, Follow follow = Follow::yes);
  [[nodiscard]] Result<View> view(Database& db, const AccessCaller& caller, Nanoseconds now,
                                  Follow follow = Follow::yes);

  // For who tells others of what changed. Up to the change `exact_after` it is not known which
  // assets got other rules; of later ones take_moves() says it, once.
  struct Moves {
    std::vector<AssetId> other;   // other rules bind these
    std::vector<AssetId> old;     // of these, what was there before that
    std::vector<AssetId> hidden;  // of these, what a rule hides now and none did before
  };
  void keep_moves() { keeps_moves_ = true; }  // before any other thread is let in
  [[nodiscard]] Moves take_moves();
  [[nodiscard]] ChangeId exact_after();

 private:
  // These with mutex_ held.
  [[nodiscard]] Result<State> current(Database& db, Follow follow);
  [[nodiscard]] Status catch_up(Database& db);
  void go_on(AccessStep step);
  // The assets that moved since the view was made; nothing if that is not known.
  [[nodiscard]] std::optional<std::vector<AssetId>> moved_since(std::uint64_t step) const;

  std::atomic<bool> active_{false};
  // Guards all below; held over the reads that bring the state up to date, so that only one does
  // it. Nothing is taken while it is held.
  std::mutex mutex_;
  State state_;
  ChangeId as_of_{};
  ChangeId told_of_{};  // the last change of a rule that accept() heard of
  struct Kept {
    View view;
    std::uint64_t step = 0;  // how many assets had moved when it was made
  };
  std::map<AccessCaller, Kept> views_;
  std::uint64_t last_id_ = 0;
  // The last assets that moved; `steps_` of them by now, forgotten ones included.
  std::deque<AssetId> moved_;
  std::uint64_t steps_ = 0;
  bool keeps_moves_ = false;
  Moves moves_;
  ChangeId exact_after_{};
};

}  // namespace lensfs
