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

  [[nodiscard]] Right of_library() const { return of(AccessState::Indices()); }
  [[nodiscard]] Right of_asset(AssetId asset) const;
  [[nodiscard]] Right of_folder(FolderId folder) const { return of(state_->of_folder(folder)); }
  [[nodiscard]] Right of_tag(TagId tag) const { return of(state_->of_tag(tag)); }
  // Assets of which not even the name is shown. All of them where the library is closed.
  [[nodiscard]] bool hides_all() const { return of_library() == Right::none; }
  [[nodiscard]] const AssetSet& hidden() const { return below_[0]; }

  [[nodiscard]] const AccessState& state() const { return *state_; }
  [[nodiscard]] std::uint64_t id() const { return id_; }
  // Whether it still says what the rules say: of this state, and before the next date in it.
  [[nodiscard]] bool holds(const std::shared_ptr<const AccessState>& state, Nanoseconds now) const {
    return state_ == state && now >= since_ && now < until_;
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
  std::shared_ptr<const AccessState> state_;
  std::vector<std::optional<Right>> says_;  // by rule
  std::array<AssetSet, 5> below_;           // [r]: assets whose right is r or less by rule
  AssetSet managed_;                        // a rule says manage
  Nanoseconds since_, until_;
  std::uint64_t id_;
};

}  // namespace lensfs
