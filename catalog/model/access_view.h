// AccessView: what all rules together say to one caller: the lowest right of all that bind a thing,
// whichever way leads to it. Immutable.
#pragma once

#include "catalog/model/access_state.h"

namespace lensfs {

class AccessView {
 public:
  // `id`: unlike that of any other view.
  AccessView(std::shared_ptr<const AccessState> state, AccessCaller caller, Nanoseconds now,
             std::uint64_t id);
  // What `before` is after some assets got other rules; the rules themselves are the same.
  AccessView(const AccessView& before, std::shared_ptr<const AccessState> state,
             const std::vector<AssetId>& moved, std::uint64_t id);

  [[nodiscard]] Right of_library() const { return of(AccessState::Indices()); }
  [[nodiscard]] Right of_asset(AssetId asset) const;
  [[nodiscard]] Right of_folder(FolderId folder) const { return of(state_->of_folder(folder)); }
  [[nodiscard]] Right of_tag(TagId tag) const { return of(state_->of_tag(tag)); }
  // Assets of which not even the name is shown. All of them where the library is closed.
  [[nodiscard]] bool hides_all() const { return of_library() == Right::none; }
  [[nodiscard]] const AssetSet& hidden() const { return below_[0]; }
  // Whether it reads all there is.
  [[nodiscard]] bool reads_all() const {
    return of_library() >= Right::read && below_[static_cast<int>(Right::proxy)].empty();
  }

  [[nodiscard]] const AccessState& state() const { return *state_; }
  [[nodiscard]] std::uint64_t id() const { return id_; }
  // Whether it still says what the rules say: of this state, and before the next date in it.
  [[nodiscard]] bool holds(const std::shared_ptr<const AccessState>& state, Nanoseconds now) const {
    return state_ == state && is_now(now);
  }
  // Whether it can be carried on to this state.
  [[nodiscard]] bool leads_to(const AccessState& state, Nanoseconds now) const {
    return state_->known == state.known && is_now(now);
  }

  // What each rule that binds the thing says, and which of them decides (several may).
  struct Said {
    const ScopeRule* rule = nullptr;
    std::optional<Right> right;
    bool decides = false;
  };
  [[nodiscard]] std::vector<Said> explain(const AccessState::Indices& indices) const;
  // The lowest of these rules and the library's. Where none says anything: write, for what people
  // may do is then up to mode bits.
  [[nodiscard]] Right of(const AccessState::Indices& indices) const;

 private:
  using Says = std::vector<std::optional<Right>>;  // by rule
  [[nodiscard]] bool is_now(Nanoseconds now) const { return now >= since_ && now < until_; }
  [[nodiscard]] const std::optional<Right>& says(std::uint32_t rule) const {
    return (*says_)[rule];
  }
  void add(AssetId asset, Right right);

  std::shared_ptr<const AccessState> state_;
  std::shared_ptr<const Says> says_;
  std::array<AssetSet, 5> below_;  // [r]: assets whose right is r or less by rule
  AssetSet managed_;               // a rule says manage
  Nanoseconds since_, until_;
  std::uint64_t id_;
};

// What of documents the caller may not find: of those that they may not read.
[[nodiscard]] inline Veil veil_of(std::shared_ptr<const AccessView> view) {
  if (view->reads_all()) return {};
  const std::uint64_t id = view->id();
  return {.id = id, .covers = [view = std::move(view)](AssetId asset) {
            return view->of_asset(asset) < Right::read;
          }};
}

}  // namespace lensfs
