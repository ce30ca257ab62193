#include "fs/view_sidecar.h"

#include "catalog/model/identity.h"
#include "catalog/model/marker.h"
#include "catalog/model/sidecar.h"

namespace lensfs {
namespace {

constexpr std::string_view kMarkers = ".markers.csv";
constexpr std::string_view kXmp = ".xmp";

bool ends_in(std::string_view name, std::string_view ending) {
  return name.size() > ending.size() && name.ends_with(ending);
}

Result<Asset> asset_found(Database& db, const Result<Found>& found) {
  if (!found) return fail(found.error());
  if (class_of(found->node) != NodeClass::file) return fail(Errc::not_found);
  return find_asset(db, file_of(found->node));
}

Result<std::string> text_for(Database& db, const Asset& asset, SidecarKind kind) {
  if (kind == SidecarKind::xmp) {
    return new_sidecar(db, asset).map([](NewSidecar sidecar) { return std::move(sidecar.text); });
  }
  LENSFS_TRY(const FrameClock clock, clock_of(db, asset.id));
  LENSFS_TRY(const std::vector<Marker> markers, markers_of(db, asset.id));
  return markers_csv(clock, markers);
}

Attributes shown_as(const Asset& asset, NodeId node, std::string_view text) {
  Attributes shown = attributes_of(asset, nullptr);
  shown.ino = node;
  shown.mode = S_IFREG | (asset.mode & 0666);
  shown.links = 1;
  shown.size = static_cast<std::int64_t>(text.size());
  shown.mtime = asset.changed;
  shown.ctime = asset.changed;
  return shown;
}

Found found_as(const Asset& asset, SidecarKind kind, std::string_view text) {
  const NodeId node = sidecar_node(asset.file, kind);
  return {node, shown_as(asset, node, text), Keep::no};
}

}  // namespace

bool may_be_sidecar(std::string_view name) {
  return ends_in(name, kMarkers) || ends_in(name, kXmp);
}

// What IMG.CR2.xmp or IMG.xmp is about, where no real sidecar is.
Result<Asset> SidecarView::find_described(Database& db, NodeId folder, std::string_view stem,
                                          const Find& beside) {
  auto described = asset_found(db, beside(stem));
  const bool in_project = class_of(folder) == NodeClass::folder;
  std::string name(stem);
  if (is_missing(described) && in_project) {
    LENSFS_TRY(const auto names, names_with_stem(db, folder_of(folder), stem));
    for (const std::string& next : names) {
      if (is_sidecar_name(next)) continue;
      described = asset_found(db, beside(next));
      name = next;
      if (!is_missing(described)) break;
    }
  }
  if (!described || !in_project) return described;
  const auto real = find_sidecar(db, {.id = {}, .folder = folder_of(folder), .name = name});
  if (real) return fail(Errc::not_found);
  if (!is_missing(real)) return fail(real.error());
  return described;
}

Result<Found> SidecarView::find(Database& db, NodeId folder, std::string_view name,
                                const Find& beside) {
  if (ends_in(name, kMarkers)) {
    LENSFS_TRY(const Asset asset,
               asset_found(db, beside(name.substr(0, name.size() - kMarkers.size()))));
    if (!has_frames(asset)) return fail(Errc::not_found);
    LENSFS_TRY(const std::string text, text_for(db, asset, SidecarKind::markers));
    return found_as(asset, SidecarKind::markers, text);
  }
  if (!ends_in(name, kXmp)) return fail(Errc::not_found);
  LENSFS_TRY(const Asset asset,
             find_described(db, folder, name.substr(0, name.size() - kXmp.size()), beside));
  const bool has_bytes = asset.type == 0 && asset.state == AssetState::live;
  if (!has_bytes || is_sidecar_name(asset.name)) return fail(Errc::not_found);
  LENSFS_TRY(const NewSidecar sidecar, new_sidecar(db, asset));
  if (!sidecar.has_words) return fail(Errc::not_found);
  if (class_of(folder) == NodeClass::folder) {
    // Who removes it and makes it anew must not find it in between.
    LENSFS_TRY(const bool was_here, was_vacated(db, folder_of(folder), name, Clock().now()));
    if (was_here) return fail(Errc::not_found);
  }
  return found_as(asset, SidecarKind::xmp, sidecar.text);
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
  LENSFS_TRY(const std::string text, text_for(db, *asset, kind_of_sidecar(node)));
  return shown_as(*asset, node, text);
}

Result<std::string> SidecarView::text_of(Database& db, NodeId node) {
  LENSFS_TRY(const Asset asset, find_asset(db, file_of_sidecar(node)));
  return text_for(db, asset, kind_of_sidecar(node));
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
