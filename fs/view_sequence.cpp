#include "fs/view_sequence.h"

#include "catalog/model/file.h"
#include "catalog/model/sequence.h"

namespace lensfs {
namespace {

// What a node of a sequence shows.
struct Shown {
  Asset asset;
  Version version;
  enum class Hidden { left_out, shown } hidden = Hidden::shown;
};

template <typename T>
Result<T> stale_if_missing(Result<T> result) {
  if (is_missing(result)) return fail(Errc::stale);
  return result;
}

Result<Shown> shown_at(Database& db, NodeId folder) {
  Shown shown;
  if (class_of(folder) == NodeClass::past_sequence) {
    LENSFS_TRY(shown.version, stale_if_missing(find_version(db, version_of(folder))));
    LENSFS_TRY(shown.asset, find_asset(db, shown.version.asset));
    return shown;
  }
  shown.hidden = Shown::Hidden::left_out;
  auto asset = find_asset(db, file_of(folder));
  if (asset) {
    shown.asset = *std::move(asset);
    LENSFS_TRY(shown.version, find_version(db, shown.asset.version));
    return shown;
  }
  if (!is_missing(asset)) return fail(asset.error());
  // Another version came while somebody is in it.
  LENSFS_TRY(const LostFile lost, stale_if_missing(find_lost_file(db, file_of(folder))));
  LENSFS_TRY(shown.asset, find_asset(db, lost.asset));
  LENSFS_TRY(shown.version,
             stale_if_missing(find_version(db, lost.version.value_or(VersionId{0}))));
  return shown;
}

Attributes attributes_of(const Asset& asset, const Version& version, const Frame& frame) {
  constexpr mode_t kReadOnly = 0444;
  Attributes attributes = attributes_of(asset, version);
  attributes.ino = node_of(version.id, frame.number);
  attributes.mode = S_IFREG | (attributes.mode & kReadOnly);
  attributes.links = 1;
  attributes.size = frame.size;
  attributes.mtime = frame.mtime;
  return attributes;
}

bool is_left_out(const Shown& shown, const Frame& frame) {
  return frame.hidden && shown.hidden == Shown::Hidden::left_out;
}

}  // namespace

Result<Found> SequenceView::child(Database& db, NodeId folder, std::string_view name) {
  if (!is_sequence(folder)) return fail(Errc::not_directory);
  LENSFS_TRY(const Shown shown, shown_at(db, folder));
  LENSFS_TRY(const Frame frame, find_frame(db, shown.version.id, name));
  if (is_left_out(shown, frame)) return fail(Errc::not_found);
  const Attributes attributes = attributes_of(shown.asset, shown.version, frame);
  return Found{attributes.ino, attributes};
}

Result<Listing> SequenceView::list(Database& db, NodeId folder) {
  if (!is_sequence(folder)) return fail(Errc::not_directory);
  LENSFS_TRY(const Shown shown, shown_at(db, folder));
  LENSFS_TRY(const std::vector<Frame> frames, frames_of(db, shown.version.id));
  Listing listing;
  for (const Frame& frame : frames) {
    if (is_left_out(shown, frame)) continue;
    const Attributes attributes = attributes_of(shown.asset, shown.version, frame);
    listing.add(frame.name, file_cookie(number(frame.number)), attributes.ino, attributes);
  }
  return listing;
}

Result<Attributes> SequenceView::attributes(Database& db, NodeId node) {
  if (class_of(node) == NodeClass::frame) {
    LENSFS_TRY(const Version version, stale_if_missing(find_version(db, version_of(node))));
    LENSFS_TRY(const Frame frame, stale_if_missing(find_frame(db, version.id, frame_of(node))));
    LENSFS_TRY(const Asset asset, find_asset(db, version.asset));
    return attributes_of(asset, version, frame);
  }
  LENSFS_TRY(const Shown shown, shown_at(db, node));
  const bool is_past = class_of(node) == NodeClass::past_sequence;
  Attributes attributes =
      is_past ? lensfs::attributes_of(shown.asset, shown.version) : attributes_of_file(shown.asset);
  attributes.ino = node;
  attributes.moving = !is_past;
  return attributes;
}

Result<Asset> SequenceView::remove(Editing& editing, NodeId folder, std::string_view name,
                                   Writing) {
  if (class_of(folder) != NodeClass::sequence) return refuse();
  if ((payload_of(folder) & kSequenceMayGo) == 0) return fail(Errc::not_permitted);
  Database& db = editing.txn.db();
  LENSFS_TRY(const Shown shown, shown_at(db, folder));
  const std::int64_t uid = editing.actor.uid;
  const bool owns_library = uid == 0 || uid == context_.uid;
  if (shown.asset.state == AssetState::trashed && !owns_library) return fail(Errc::denied);
  LENSFS_TRY(const Frame frame, find_frame(db, shown.version.id, name));
  LENSFS_CHECK(hide_frame(editing.txn, editing.actor, shown.asset, frame.number));
  return find_asset(db, shown.asset.id);
}

void show_sequence(NodeId folder, NodeId& node, Attributes& attributes) {
  const NodeClass of = class_of(node);
  if (!S_ISDIR(attributes.mode) || (of != NodeClass::file && of != NodeClass::version)) return;
  attributes.moving = of == NodeClass::file;  // nobody tells the kernel of each folder it shows in
  node = sequence_in(folder, node);
  attributes.ino = node;
}

Result<Found> frame_beside(Database& db, NodeId folder, std::string_view name) {
  if (class_of(folder) != NodeClass::folder) return fail(Errc::not_found);
  const auto parts = frame_name(name);
  if (!parts) return fail(Errc::not_found);
  LENSFS_TRY(const PlacedAsset placed, find_sequence(db, folder_of(folder), *parts));
  LENSFS_TRY(const Frame frame, find_frame(db, placed.asset.version, name));
  if (frame.hidden) return fail(Errc::not_found);
  LENSFS_TRY(const Version version, find_version(db, placed.asset.version));
  const Attributes attributes = attributes_of(placed.asset, version, frame);
  return Found{attributes.ino, attributes, Keep::no};
}

}  // namespace lensfs
