// Where the rules of access meet the tree: everything that views say leaves through here.
#include "catalog/base/log.h"
#include "catalog/model/ingest.h"
#include "catalog/model/tag.h"
#include "fs/tree.h"

namespace lensfs {
namespace {

// Whether somebody else finds something where the asker finds nothing.
bool is_found_by_others(Tree& tree, NodeId folder, std::string_view name) {
  if (current_asker() == nullptr) return false;
  const ActingFor everybody(nullptr);
  const auto found = tree.lookup(folder, name);
  return found || !is_missing(found);
}

}  // namespace

void Tree::begin_access() {
  access_.set_owner(context_.uid);
  sets_.see_by([this](Database& db, SharedSet set) { return access_.seen(db, std::move(set)); });
  sets_.veil_by([this](Database& db) { return access_.veil(db); });
  const auto begin = [&]() -> Status {
    LENSFS_TRY(const auto db, context_.catalog.read());
    return access_.book().begin(*db);
  };
  if (const Status begun = begin(); !begun) {
    log::error("the rules of access cannot be read: {}", begun.error().message());
    access_.book().accept({.kind = ChangeKind::access_changed});  // asked for again, not left out
  }
}

Result<Found> Tree::child_in_view(Database& db, NodeId folder, std::string_view name) {
  LENSFS_TRY(View* const view, view_of(folder));
  auto found = view->child(db, folder, name);
  if (!found || !access_.is_active()) return found;
  LENSFS_CHECK(access_.show(db, folder, *found));
  return found;
}

Result<Listing> Tree::list_in_view(Database& db, NodeId folder) {
  LENSFS_TRY(View* const view, view_of(folder));
  auto listing = view->list(db, folder);
  if (!listing || !access_.is_active()) return listing;
  return access_.shown(db, folder, *std::move(listing));
}

Status Tree::allow(NodeId node, Right wanted) {
  if (!access_.is_active()) return {};
  LENSFS_TRY(const auto db, context_.catalog.read());
  return access_.allow(*db, node, wanted);
}

Result<std::optional<NodeId>> Tree::real_entry(NodeId folder, std::string_view name) {
  LENSFS_TRY(View* const view, view_of(folder));
  LENSFS_TRY(const auto db, context_.catalog.read());
  const auto entry = view->child(*db, folder, spelled(name).name);
  if (entry) return std::optional(entry->node);
  return is_missing(entry) ? Result<std::optional<NodeId>>(std::nullopt) : fail(entry.error());
}

Status Tree::allow(NodeId folder, std::string_view name, Right wanted) {
  if (!access_.is_active()) return {};
  if (class_of(folder) == NodeClass::folder || folder == NodeId::projects) {
    LENSFS_TRY(const std::optional<NodeId> entry, real_entry(folder, name));
    if (entry) return allow(*entry, wanted);
  }
  const auto found = lookup(folder, name);
  if (!found && is_missing(found)) {
    return is_found_by_others(*this, folder, name) ? fail(found.error()) : Status();
  }
  if (!found) return fail(found.error());
  return allow(found->node, wanted);
}

Status Tree::allow_removal(NodeId folder, std::string_view name) {
  if (!access_.is_active()) return {};
  LENSFS_CHECK(allow(folder, Right::write));
  return allow(folder, name, Right::write);
}

Found Tree::shown(NodeId folder, Found found) {
  if (!access_.is_active()) return found;
  const auto db = context_.catalog.read();
  // Whoever made it may see it, whatever they may see afterwards.
  const ActingFor everybody(nullptr);
  if (!db || !access_.show(**db, folder, found)) found.keep = Keep::no;
  return found;
}

bool Tree::is_hidden(NodeId folder, std::string_view name) {
  if (!access_.is_active()) return false;
  {
    const auto db = context_.catalog.read();
    if (!db) return true;
    const auto mixed = access_.is_mixed(**db, folder);
    if (!mixed || *mixed) return true;
    if (access_.has_audience()) return access_.has_dates(**db);
  }
  return is_found_by_others(*this, folder, name);
}

}  // namespace lensfs
