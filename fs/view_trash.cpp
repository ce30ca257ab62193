#include "fs/view_trash.h"

#include <map>

#include "catalog/base/text.h"
#include "catalog/model/purge.h"
#include "catalog/model/trash.h"

namespace lensfs {
namespace {

// The oldest keeps the bare name, as in all folders that flatten the library.
struct Shown {
  std::string name;
  AssetId asset{};
};

Result<std::vector<Shown>> shown_names(Database& db, AccessGate& access) {
  LENSFS_TRY(std::vector<Trashed> all, all_trashed(db));
  LENSFS_TRY(const AccessBook::View view, access.view(db));
  if (view != nullptr) {
    std::erase_if(
        all, [&](const Trashed& trashed) { return view->of_asset(trashed.asset) == Right::none; });
  }
  std::map<AssetId, std::string> names;  // the last deletion's, where there were several
  for (const Trashed& trashed : all) names[trashed.asset] = trashed.name;
  std::map<std::string, int> taken;
  std::vector<Shown> shown;
  for (const auto& [asset, name] : names) {
    const bool bare = taken[fold_name(name)]++ == 0;
    shown.push_back({bare ? name : suffixed_name(name, number(asset)), asset});
  }
  return shown;
}

}  // namespace

Result<Found> TrashView::child(Database& db, NodeId, std::string_view name) {
  LENSFS_TRY(const std::vector<Shown> shown, shown_names(db, context_.access));
  for (const Shown& entry : shown) {
    if (entry.name != name) continue;
    LENSFS_TRY(const Asset asset, find_asset(db, entry.asset));
    return found_file(asset, Keep::no);
  }
  return fail(Errc::not_found);
}

Result<Listing> TrashView::list(Database& db, NodeId) {
  LENSFS_TRY(const std::vector<Shown> shown, shown_names(db, context_.access));
  Listing listing;
  for (const Shown& entry : shown) {
    LENSFS_TRY(const Asset asset, find_asset(db, entry.asset));
    listing.add(entry.name, file_cookie(number(entry.asset)), node_of(asset.file),
                attributes_of_file(asset), Keep::no);
  }
  return listing;
}

Result<Attributes> TrashView::attributes(Database& db, NodeId node) {
  LENSFS_TRY(const Nanoseconds changed, trash_changed(db));
  return folder_attributes(node, changed);
}

Result<Asset> TrashView::remove(Editing& editing, NodeId folder, std::string_view name, Writing) {
  Database& db = editing.txn.db();
  LENSFS_TRY(const Found found, child(db, folder, name));
  LENSFS_TRY(const Asset asset, find_asset(db, file_of(found.node)));
  if (!context_.access.is_owner(editing.actor.uid) || context_.access.has_audience()) {
    LENSFS_TRY(const AccessBook::View view, context_.access.view(db));
    const bool may_purge = view != nullptr && view->of_asset(asset.id) == Right::manage;
    if (!may_purge) return fail(Errc::denied);
  }
  LENSFS_TRY(editing.freed, objects_only_of(db, asset.id));
  LENSFS_CHECK(condemn(editing.txn, editing.actor, asset));
  return find_asset(db, asset.id);
}

}  // namespace lensfs
