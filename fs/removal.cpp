#include "fs/removal.h"

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
  if (asset.state != AssetState::aside || asset.places > 0) return {};
  const NodeId file = node_of(asset.file);
  // The kernel opens pipes and sockets without a word to us: the next mount drops them.
  if (asset.type == S_IFIFO || asset.type == S_IFSOCK) return {};
  if (mount_.open_files.left(file).opens > 0) {
    nameless_ = file;
    return {};
  }
  dropped_ = file;
  draft_ = asset.draft;
  return drop_asset(editing.txn, editing.actor, asset);
}

Status Removal::finish() {
  if (nameless_) {
    mount_.files.note_nameless(*nameless_);
    // Its last close may have come before it was noted.
    if (mount_.open_files.left(*nameless_).opens == 0) {
      return mount_.files.drop_if_unused(*nameless_);
    }
  }
  if (!dropped_) return {};
  mount_.open_files.forget(*dropped_);
  if (!draft_) return {};
  LENSFS_TRY(const Drafts* const drafts, mount_.catalog.store().drafts());
  return drafts->remove(number(*draft_));
}

}  // namespace lensfs
