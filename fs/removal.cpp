#include "fs/removal.h"

#include "catalog/model/file.h"
#include "catalog/model/ingest.h"

namespace lensfs {

std::string shown_spelling(std::string_view name) {
  return spelled(name).name;
}

Result<Writing> Removal::look_at(Editing& editing, NodeId folder, std::string_view name) {
  if (class_of(folder) != NodeClass::folder) return Writing::no;
  const auto placed = find_placed(editing.txn.db(), folder_of(folder), shown_spelling(name));
  if (!placed && placed.error().code() == Errc::not_found) return Writing::no;
  if (!placed) return fail(placed.error());
  const auto left = mount_.open_files.left(node_of(placed->asset.file));
  return left.writers > 0 ? Writing::yes : Writing::no;
}

Status Removal::removed(Editing& editing, const Asset& asset) {
  LENSFS_TRY(const bool nameless, is_nameless(editing.txn.db(), asset));
  if (!nameless) return {};
  // The kernel opens pipes and sockets without a word to us: the next mount drops them.
  if (asset.type == S_IFIFO || asset.type == S_IFSOCK) return {};
  LENSFS_TRY(dropped_, mount_.files.drop_rows(editing, asset));
  return {};
}

Status Removal::finish() {
  return dropped_ ? mount_.files.finish_drop(*dropped_) : Status();
}

}  // namespace lensfs
