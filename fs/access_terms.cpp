// What the rules of terms say to edits that put a term on something, or take it and so its rule
// off; and who ends the rule of a folder with the folder.
#include <algorithm>

#include "catalog/model/tag.h"
#include "fs/access_gate.h"
#include "fs/view.h"

namespace lensfs {
namespace {

bool has_rule_of_its_own(const AccessState& state, const AccessScope& scope) {
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

Status AccessGate::allow_tag(Database& db, TagId tag) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  if (view == nullptr) return {};
  LENSFS_TRY(const std::vector<TagId> line, ancestors_of(db, tag));
  for (const TagId term : line) {
    if (view->state().of_tag(term).empty()) continue;
    return view->of_tag(term) >= Right::write ? Status() : fail(Errc::denied);
  }
  return {};
}

Status AccessGate::allow_term_changes(Transaction& txn) {
  const std::int64_t first = txn.logged().first;
  if (!is_active() || asker() == nullptr || first == 0) return {};
  const auto before = static_cast<ChangeId>(first - 1);
  LENSFS_TRY(const std::vector<TagId> gone, terms_taken_off(txn.db(), before));
  for (const TagId term : gone) LENSFS_CHECK(allow_untag(txn.db(), term));
  LENSFS_TRY(const std::vector<TagId> put_on, terms_put_on(txn.db(), before));
  for (const TagId term : put_on) LENSFS_CHECK(allow_tag(txn.db(), term));
  return {};
}

Status AccessGate::allow_removing_term(Database& db, TagId tag) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  if (view == nullptr) return {};
  LENSFS_TRY(const bool is_carried, is_on_anything(db, tag));
  const AccessScope scope{AccessScope::Kind::tag, number(tag)};
  const bool frees = is_carried || has_rule_of_its_own(view->state(), scope);
  return frees ? allow_untag(db, tag) : Status();
}

Status AccessGate::allow_removing_folder(Database& db, lensfs::View& in, NodeId parent,
                                         std::string_view name) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  if (view == nullptr) return {};
  const auto entry = in.child(db, parent, name);
  if (!entry || class_of(entry->node) != NodeClass::folder) return {};
  const FolderId folder = folder_of(entry->node);
  const AccessScope scope{AccessScope::Kind::folder, number(folder)};
  const bool frees = has_rule_of_its_own(view->state(), scope);
  return !frees || view->of_folder(folder) == Right::manage ? Status() : fail(Errc::denied);
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
