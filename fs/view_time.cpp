// Folders of projects, and what is above them, through a lens of time.
#include "fs/view_time.h"

#include <algorithm>
#include <array>
#include <limits>

#include "catalog/model/label.h"

namespace lensfs {
namespace {

using Kind = TimeNode::Kind;

constexpr Nanoseconds kToday = std::numeric_limits<Nanoseconds>::max();

constexpr std::array<std::pair<std::string_view, Kind>, 2> kTop = {
    {{"Projects", Kind::projects}, {"Tags", Kind::tags}}};

std::optional<FolderId> folder_in(const TimeNode& node) {
  if (node.kind == Kind::folder) return static_cast<FolderId>(node.row);
  return std::nullopt;
}

TimeNode folder_node(const Folder& folder, const When& when) {
  return {.kind = Kind::folder, .row = number(folder.id), .when = when};
}

}  // namespace

Nanoseconds moment_of(const When& when) {
  return when.is_label() ? kToday : when.at;
}

Result<Version> shown_version(Database& db, const When& when, AssetId asset) {
  if (when.is_label()) return labelled_version(db, asset, when.label);
  return version_at(db, asset, when.at);
}

TimeView::TimeView(ViewContext& context, TimeNodes& nodes, Find find)
    : View(context), nodes_(nodes), find_(std::move(find)) {
  for (const auto& [id, node] : nodes_.all()) {
    if (node->when.is_label()) label_folders_.insert(id);
  }
}

std::vector<NodeId> TimeView::label_folders() const {
  const std::scoped_lock lock(mutex_);
  return {label_folders_.begin(), label_folders_.end()};
}

void TimeView::forget_moments() {
  const std::scoped_lock lock(mutex_);
  composed_.clear();
}

Result<Found> TimeView::found(Database& db, const TimeNode& node, Keep keep) {
  LENSFS_TRY(const Attributes attributes, attributes_of(db, node));
  LENSFS_TRY(const NodeId id, nodes_.remember(node));
  if (node.when.is_label()) {
    const std::scoped_lock lock(mutex_);
    label_folders_.insert(id);
  }
  return Found{id, attributes, keep};
}

Result<Found> TimeView::found_file(const Asset& asset, const Version& version, Keep keep) const {
  return Found{node_of(version.id), lensfs::attributes_of(asset, version), keep};
}

Result<Attributes> TimeView::attributes_of(Database& db, const TimeNode& node) {
  const Nanoseconds at = moment_of(node.when);
  if (node.kind == Kind::folder) {
    LENSFS_TRY(const Folder folder, folder_at(db, static_cast<FolderId>(node.row), at));
    Attributes attributes = folder_attributes(node.id(), folder.mtime);
    attributes.mode = S_IFDIR | static_cast<mode_t>(folder.mode & 07777);
    attributes.uid = static_cast<uid_t>(folder.uid);
    attributes.gid = static_cast<gid_t>(folder.gid);
    return attributes;
  }
  if (node.kind == Kind::term) {
    LENSFS_TRY(const Tag tag, tag_at(db, static_cast<TagId>(node.row), at));
    return folder_attributes(node.id(), tag.changed);
  }
  if (node.kind == Kind::history) {
    LENSFS_TRY(const Version newest, version_at(db, static_cast<AssetId>(node.row), kToday));
    return folder_attributes(node.id(), newest.created);
  }
  if (node.when.at != 0) return folder_attributes(node.id(), node.when.at);
  LENSFS_TRY(const Nanoseconds began, library_began(db));
  return folder_attributes(node.id(), began);
}

Result<Attributes> TimeView::attributes(Database& db, NodeId node) {
  if (node == NodeId::versions) {
    LENSFS_TRY(const Nanoseconds began, library_began(db));
    return folder_attributes(node, began);
  }
  LENSFS_TRY(const TimeNodes::Known known, nodes_.find(node));
  auto attributes = attributes_of(db, *known);
  if (!attributes && attributes.error().code() == Errc::not_found) return fail(Errc::stale);
  return attributes;
}

Result<Found> TimeView::child(Database& db, NodeId folder, std::string_view name) {
  if (folder == NodeId::versions) return labelled_library(db, name);
  LENSFS_TRY(const TimeNodes::Known at, nodes_.find(folder));
  switch (at->kind) {
    case Kind::library:
      return child_of_library(db, *at, name);
    case Kind::projects:
    case Kind::folder:
      return child_of_folder(db, *at, name);
    case Kind::tags:
    case Kind::term:
      return child_of_term(db, *at, name);
    case Kind::versions:
      return child_of_versions(db, *at, name);
    case Kind::history:
      return child_of_history(db, *at, name);
  }
  return fail(Errc::stale);
}

Result<Listing> TimeView::list(Database& db, NodeId folder) {
  if (folder == NodeId::versions) return list_labels(db);
  LENSFS_TRY(const TimeNodes::Known at, nodes_.find(folder));
  switch (at->kind) {
    case Kind::library:
      return list_library(db, *at);
    case Kind::projects:
    case Kind::folder:
      return list_folder(db, *at);
    case Kind::tags:
    case Kind::term: {
      LENSFS_TRY(const SharedComposed made, composed(db, *at));
      return made->listing;
    }
    case Kind::versions:
      return list_moments(db, *at);
    case Kind::history:
      return list_history(db, *at);
  }
  return fail(Errc::stale);
}

Result<Found> TimeView::child_of_library(Database& db, const TimeNode& at, std::string_view name) {
  for (const auto& [top, kind] : kTop) {
    if (top == name) return found(db, {.kind = kind, .when = at.when}, keep_of(at.when));
  }
  if (name != kInboxName) return fail(Errc::not_found);
  LENSFS_TRY(const Folder inbox, find_folder_at(db, std::nullopt, kInboxName, moment_of(at.when)));
  return found(db, folder_node(inbox, at.when), keep_of(at.when));
}

Result<Listing> TimeView::list_library(Database& db, const TimeNode& at) {
  Listing listing;
  std::int64_t position = 0;
  for (const std::string_view name : {kTop[0].first, kTop[1].first, kInboxName}) {
    const auto entry = child_of_library(db, at, name);
    if (!entry && entry.error().code() == Errc::not_found) continue;
    if (!entry) return fail(entry.error());
    listing.add(name, folder_cookie(++position), entry->node, entry->attributes, entry->keep);
  }
  return listing;
}

Result<Found> TimeView::child_of_folder(Database& db, const TimeNode& at, std::string_view name) {
  const Nanoseconds moment = moment_of(at.when);
  const std::optional<FolderId> in = folder_in(at);
  if (in) {
    const auto place = find_place_at(db, *in, name, moment);
    if (place) {
      LENSFS_TRY(const Version version, shown_version(db, at.when, place->asset));
      LENSFS_TRY(const Asset asset, find_asset(db, place->asset));
      return found_file(asset, version, keep_of(at.when));
    }
    if (place.error().code() != Errc::not_found) return fail(place.error());
  } else if (name == kInboxName) {
    return fail(Errc::not_found);  // it lies beside the projects
  }
  LENSFS_TRY(const Folder folder, find_folder_at(db, in, name, moment));
  return found(db, folder_node(folder, at.when), keep_of(at.when));
}

Status TimeView::list_folders(Database& db, const TimeNode& at, const std::vector<Folder>& folders,
                              Listing& into) {
  for (const Folder& folder : folders) {
    if (at.kind == Kind::projects && folder.name == kInboxName) continue;
    LENSFS_TRY(const Found entry, found(db, folder_node(folder, at.when), keep_of(at.when)));
    into.add(folder.name, folder_cookie(number(folder.id)), entry.node, entry.attributes,
             entry.keep);
  }
  return {};
}

// Rows of the past have no id that could be a cookie: a file's is its position by name. Where that
// moves (a label), so does the listing of a scan that was begun before, which is kept.
Result<Listing> TimeView::list_folder(Database& db, const TimeNode& at) {
  const Nanoseconds moment = moment_of(at.when);
  Listing listing;
  const std::optional<FolderId> in = folder_in(at);
  LENSFS_TRY(const std::vector<Folder> folders,
             in ? subfolders_at(db, *in, moment) : project_folders_at(db, moment));
  LENSFS_CHECK(list_folders(db, at, folders, listing));
  if (!in) return listing;
  LENSFS_TRY(std::vector<PastPlace> places, places_at(db, *in, moment));
  std::sort(places.begin(), places.end(),
            [](const PastPlace& a, const PastPlace& b) { return a.name < b.name; });
  std::int64_t position = 0;
  for (const PastPlace& place : places) {
    const auto version = shown_version(db, at.when, place.asset);
    if (!version && version.error().code() == Errc::not_found) continue;
    if (!version) return fail(version.error());
    LENSFS_TRY(const Asset asset, find_asset(db, place.asset));
    listing.add(place.name, file_cookie(++position), node_of(version->id),
                lensfs::attributes_of(asset, *version), keep_of(at.when));
  }
  return listing;
}

}  // namespace lensfs
