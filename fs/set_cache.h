// CachedSets: the sets of assets that folders are made of, kept in memory between changes.
//
// A set is as good as the number of the last change that was in the database when it was read. The
// follower of the change log says what each change makes stale (Staleness) before it tells the
// kernel, so that whoever asks after the kernel was told gets the new set. Whoever reads meanwhile
// may still get an old one, but keeps nothing that was made of it as if it were new: before a set
// or a listing is made, moment() looks at what the reader sees and nobody was told of yet.
// Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "catalog/model/asset_set.h"
#include "catalog/model/feed.h"

namespace lensfs {

// Staleness: for each term the last change that moved its members, and the last change of all.
class Staleness {
 public:
  void note(const Change& change);
  // Notes all changes up to `last`, the last that `db` sees, that were not noted in their order.
  [[nodiscard]] Status follow(Database& db, ChangeId last);
  // Whether something read when `as_of` was the last change still holds.
  [[nodiscard]] bool tag_holds(TagId tag, ChangeId as_of) const;
  [[nodiscard]] bool sets_hold(ChangeId as_of) const;         // any membership anywhere
  [[nodiscard]] bool everything_holds(ChangeId as_of) const;  // names, sizes and times as well

 private:
  // With mutex_ held.
  void note_locked(const Change& change);
  void begin_at(ChangeId last);  // nothing that is older holds

  mutable std::mutex mutex_;  // guards all below; rank: leaf
  std::unordered_map<TagId, ChangeId> tags_;
  ChangeId hidden_{0};  // something went to the trash or came back, whatever its tags
  ChangeId sets_{0};
  ChangeId any_{0};
  std::optional<ChangeId> followed_;  // all up to this one are noted; nothing: nobody asked yet
};

class CachedSets final : public SetSource {
 public:
  explicit CachedSets(Staleness& staleness) : staleness_(staleness) {}
  // Leaves out of a set what the one who asks may not see; the sets that are kept are whole.
  using See = std::function<Result<SharedSet>(Database&, SharedSet)>;
  void see_by(See see) { see_ = std::move(see); }
  [[nodiscard]] Result<SharedSet> seen(Database& db, SharedSet set) const {
    return see_ ? see_(db, std::move(set)) : Result<SharedSet>(std::move(set));
  }
  // What of documents the one who asks may not find.
  using VeilOf = std::function<Result<Veil>(Database&)>;
  void veil_by(VeilOf veil) { veil_of_ = std::move(veil); }
  [[nodiscard]] Result<Veil> veil(Database& db) override {
    return veil_of_ ? veil_of_(db) : Result<Veil>(Veil());
  }
  // The last change that `db` sees. What is made of sets from now on is as new as that.
  [[nodiscard]] Result<ChangeId> moment(Database& db);

  [[nodiscard]] Result<SharedSet> all(Database& db) override;
  [[nodiscard]] Result<SharedSet> tagged(Database& db, TagId tag) override;
  [[nodiscard]] Result<SharedSet> in_project(Database& db, ProjectId project) override;
  [[nodiscard]] Result<SharedSet> of_kind(Database& db, std::string_view kind) override;
  [[nodiscard]] Result<SharedSet> with_field(Database& db, std::string_view key,
                                             std::string_view value) override;
  [[nodiscard]] Result<SharedSet> matching(Database& db, const Query& term) override;
  [[nodiscard]] Result<SharedSet> named(Database& db, std::string_view glob) override;
  // Any other set, by a key of the caller's: kept until a membership changes.
  [[nodiscard]] Result<SharedSet> composed(Database& db, const std::string& key,
                                           const std::function<Result<SharedSet>()>& make);

 private:
  struct Kept {
    SharedSet set;
    ChangeId as_of{};
  };
  using Holds = std::function<bool(ChangeId)>;
  using Make = std::function<Result<SharedSet>()>;
  Result<SharedSet> kept(Database& db, const std::string& key, const Holds& holds,
                         const Make& make);

  Staleness& staleness_;
  See see_;
  VeilOf veil_of_;
  SqlSets sql_;
  std::mutex mutex_;  // guards kept_; rank: leaf
  std::unordered_map<std::string, Kept> kept_;
};

}  // namespace lensfs
