// What the rules of terms say to edits that would take a term, and so its rule, off something.
#include <algorithm>

#include "catalog/model/tag.h"
#include "fs/access_gate.h"

namespace lensfs {
namespace {

bool has_rule_of_its_own(const AccessState& state, TagId tag) {
  const AccessScope scope{AccessScope::Kind::tag, number(tag)};
  return std::any_of(state.rules().begin(), state.rules().end(),
                     [&](const ScopeRule& rule) { return rule.scope == scope; });
}

}  // namespace

Result<bool> AccessGate::binds(Database& db, TagId tag) {
  LENSFS_TRY(const AccessBook::State state, this->state(db));
  return state != nullptr && !state->of_tag(tag).empty();
}

Status AccessGate::allow_untag(Database& db, TagId tag) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  if (view == nullptr || view->state().of_tag(tag).empty()) return {};
  return view->of_tag(tag) == Right::manage ? Status() : fail(Errc::denied);
}

Status AccessGate::allow_untagged(Transaction& txn) {
  const std::int64_t first = txn.logged().first;
  if (!is_active() || asker() == nullptr || first == 0) return {};
  LENSFS_TRY(const std::vector<TagId> terms,
             terms_taken_off(txn.db(), static_cast<ChangeId>(first - 1)));
  for (const TagId term : terms) LENSFS_CHECK(allow_untag(txn.db(), term));
  return {};
}

Status AccessGate::allow_removing_term(Database& db, TagId tag) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  if (view == nullptr) return {};
  LENSFS_TRY(const bool is_carried, is_on_anything(db, tag));
  const bool frees = is_carried || has_rule_of_its_own(view->state(), tag);
  return frees ? allow_untag(db, tag) : Status();
}

Status AccessGate::allow_moving_term(Database& db, const TermMove& move) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  if (view == nullptr) return {};
  if (move.merged) {
    LENSFS_TRY(const std::vector<TagId> family, family_of(db, move.term));
    for (const TagId term : family) LENSFS_CHECK(allow_untag(db, term));
    return {};
  }
  if (!move.from || move.from == move.to) return {};
  const AccessState::Indices& left = view->state().of_tag(*move.from);
  const AccessState::Indices none;
  const AccessState::Indices& kept = move.to ? view->state().of_tag(*move.to) : none;
  const bool keeps_all = std::all_of(left.begin(), left.end(), [&](std::uint32_t rule) {
    return std::find(kept.begin(), kept.end(), rule) != kept.end();
  });
  return keeps_all ? Status() : allow_untag(db, *move.from);
}

}  // namespace lensfs
