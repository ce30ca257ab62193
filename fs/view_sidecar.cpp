#include "fs/view_sidecar.h"

#include "catalog/model/marker.h"

namespace lensfs {
namespace {

constexpr std::string_view kMarkers = ".markers.csv";

// What has frames.
bool takes_markers(const Asset& asset) {
  return asset.kind == "video" || asset.kind == "audio" || asset.kind == "sequence";
}

}  // namespace

bool may_be_sidecar(std::string_view name) {
  return name.size() > kMarkers.size() && name.ends_with(kMarkers);
}

Result<Found> SidecarView::find(Database& db, std::string_view name, const Find& beside) {
  if (!may_be_sidecar(name)) return fail(Errc::not_found);
  LENSFS_TRY(const Found found, beside(name.substr(0, name.size() - kMarkers.size())));
  if (class_of(found.node) != NodeClass::file) return fail(Errc::not_found);
  LENSFS_TRY(const Asset asset, find_asset(db, file_of(found.node)));
  if (!takes_markers(asset)) return fail(Errc::not_found);
  const NodeId node = sidecar_node(asset.file, SidecarKind::markers);
  LENSFS_TRY(const Attributes shown, attributes(db, node));
  return Found{node, shown, Keep::no};
}

Result<Found> SidecarView::child(Database&, NodeId, std::string_view) {
  return fail(Errc::not_directory);
}

Result<Listing> SidecarView::list(Database&, NodeId) {
  return fail(Errc::not_directory);
}

Result<Attributes> SidecarView::attributes(Database& db, NodeId node) {
  const auto asset = find_asset(db, file_of_sidecar(node));
  if (!asset) return fail(is_missing(asset) ? Error(Errc::stale) : asset.error());
  LENSFS_TRY(const std::string text, text_of(db, node));
  Attributes shown = attributes_of(*asset, nullptr);
  shown.ino = node;
  shown.mode = S_IFREG | (asset->mode & 0666);
  shown.links = 1;
  shown.size = static_cast<std::int64_t>(text.size());
  shown.mtime = asset->changed;
  shown.ctime = asset->changed;
  return shown;
}

Result<std::string> SidecarView::text_of(Database& db, NodeId node) {
  LENSFS_TRY(const Asset asset, find_asset(db, file_of_sidecar(node)));
  LENSFS_TRY(const FrameClock clock, clock_of(db, asset.id));
  LENSFS_TRY(const std::vector<Marker> markers, markers_of(db, asset.id));
  return markers_csv(clock, markers);
}

Status SidecarView::take(Editing& editing, NodeId node, std::string_view text) {
  Database& db = editing.txn.db();
  LENSFS_TRY(const Asset asset, find_asset(db, file_of_sidecar(node)));
  LENSFS_TRY(const FrameClock clock, clock_of(db, asset.id));
  // An empty file is no marker at all, not a file without its first line.
  if (text.empty()) return replace_markers(editing.txn, editing.actor, asset, {});
  LENSFS_TRY(const std::vector<Marker> markers, markers_from_csv(clock, text));
  return replace_markers(editing.txn, editing.actor, asset, markers);
}

}  // namespace lensfs
