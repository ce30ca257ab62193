// /Search: any query as a folder name.
#include "catalog/base/text.h"
#include "catalog/model/saved_search.h"
#include "catalog/model/search.h"
#include "fs/result_entries.h"
#include "fs/view_result.h"

namespace lensfs {

Result<Found> SearchView::child(Database& db, NodeId, std::string_view name) {
  PathNode node;
  node.folder.base = ResultFolder::Base::search;
  node.folder.text = text_from_segment(name);
  if (const auto query = parse_query(node.folder.text); !query) {
    context_.refused->note(node.folder.text, query.error());
    return fail(Errc::not_found);
  }
  return ResultEntries(context_).path_folder(db, node);
}

Result<Listing> SearchView::list(Database& db, NodeId folder) {
  Listing listing;
  LENSFS_TRY(const std::vector<SavedSearch> saved, saved_searches(db));
  for (const SavedSearch& search : saved) {
    const std::string name = segment_from_text(search.query);
    if (name.empty() || name.size() > kNameLimit) continue;
    LENSFS_TRY(const Found found, child(db, folder, name));
    listing.add(name, folder_cookie(search.id), found.node, found.attributes);
  }
  return listing;
}

Result<Found> SearchView::make_folder(Editing& editing, NodeId folder, const NewFolder& as) {
  const Status saved = save_search(editing.txn, editing.actor, text_from_segment(as.name));
  if (!saved) return fail(saved.error());
  return child(editing.txn.db(), folder, as.name);
}

Status SearchView::remove_folder(Editing& editing, NodeId, std::string_view name) {
  const Status gone = forget_search(editing.txn, editing.actor, text_from_segment(name));
  // One that was only typed is gone as soon as nobody looks at it.
  if (!gone && gone.error().code() == Errc::not_found) return refuse();
  return gone;
}

Result<Attributes> SearchView::attributes(Database&, NodeId node) {
  return folder_attributes(node, 0);
}

}  // namespace lensfs
