// /Search: any query as a folder name.
#include "catalog/base/text.h"
#include "catalog/model/search.h"
#include "fs/result_entries.h"
#include "fs/view_result.h"

namespace lensfs {

Result<Found> SearchView::child(Database& db, NodeId, std::string_view name) {
  PathNode node;
  node.folder.base = ResultFolder::Base::search;
  node.folder.text = text_from_segment(name);
  if (!parse_query(node.folder.text)) return fail(Errc::not_found);
  return ResultEntries(context_).path_folder(db, node);
}

Result<Listing> SearchView::list(Database&, NodeId) {
  return Listing();
}

Result<Attributes> SearchView::attributes(Database&, NodeId node) {
  return folder_attributes(node, 0);
}

}  // namespace lensfs
