#include "fs/view_root.h"

#include <array>

#include "catalog/model/file.h"
#include "catalog/model/project.h"
#include "fs/view_project.h"

namespace lensfs {
namespace {

struct Top {
  std::string_view name;
  NodeId node;
};
constexpr std::array<Top, 6> kTop = {{
    {"Projects", NodeId::projects},
    {"Tags", NodeId::tags},
    {"Search", NodeId::search},
    {"Trash", NodeId::trash},
    {"Versions", NodeId::versions},
    {"Resolutions", NodeId::resolutions},
}};

Result<Nanoseconds> library_created(Database& db) {
  return db.one<Nanoseconds>("SELECT created_ns FROM library");
}

// The inbox is a project folder that has its place here.
Result<Found> find_inbox(Database& db) {
  LENSFS_TRY(const Project inbox, find_project(db, kInboxName));
  return project_folder(db, inbox.folder);
}

}  // namespace

Result<Found> RootView::child(Database& db, NodeId, std::string_view name) {
  LENSFS_TRY(const Nanoseconds created, library_created(db));
  for (const Top& top : kTop) {
    if (top.name == name) return Found{top.node, folder_attributes(top.node, created)};
  }
  if (name == kInboxName) return find_inbox(db);
  return fail(Errc::not_found);
}

Result<Listing> RootView::list(Database& db, NodeId) {
  LENSFS_TRY(const Nanoseconds created, library_created(db));
  Listing listing;
  for (const Top& top : kTop) {
    listing.add(top.name, folder_cookie(static_cast<std::int64_t>(top.node)), top.node,
                folder_attributes(top.node, created));
  }
  const auto inbox = find_inbox(db);
  if (inbox) {
    listing.add(kInboxName, folder_cookie(static_cast<std::int64_t>(inbox->node)), inbox->node,
                inbox->attributes);
  }
  return listing;
}

Result<Attributes> RootView::attributes(Database& db, NodeId node) {
  LENSFS_TRY(const Nanoseconds created, library_created(db));
  Attributes attributes = folder_attributes(node, created);
  attributes.links = 3 + kTop.size();
  return attributes;
}

Result<Found> FileView::child(Database&, NodeId, std::string_view) {
  return fail(Errc::not_directory);
}

Result<Listing> FileView::list(Database&, NodeId) {
  return fail(Errc::not_directory);
}

Result<Attributes> FileView::attributes(Database& db, NodeId node) {
  if (class_of(node) == NodeClass::version) return version_attributes(db, node);
  auto asset = find_asset(db, file_of(node));
  if (asset) {
    Attributes attributes = attributes_of_file(*asset);
    if (asset->state != AssetState::aside || asset->places > 0) return attributes;
    LENSFS_TRY(const bool nameless, is_nameless(db, *asset));
    attributes.links = nameless ? 0 : 1;  // made in a term
    return attributes;
  }
  if (asset.error().code() != Errc::not_found) return fail(asset.error());
  auto lost = find_lost_file(db, file_of(node));
  if (!lost && lost.error().code() == Errc::not_found) return fail(Errc::stale);
  if (!lost) return fail(lost.error());
  // As the asset that it was of: without a name.
  Asset as_it_was;
  as_it_was.state = AssetState::aside;
  as_it_was.mode = lost->mode;
  as_it_was.uid = lost->uid;
  as_it_was.gid = lost->gid;
  as_it_was.size = lost->size;
  as_it_was.mtime = lost->mtime;
  as_it_was.changed = lost->changed;
  as_it_was.file = lost->file;
  as_it_was.draft = lost->draft;
  return attributes_of_file(as_it_was);
}

Result<Attributes> FileView::version_attributes(Database& db, NodeId node) {
  const auto version = find_version(db, version_of(node));
  if (!version) {
    return fail(version.error().code() == Errc::not_found ? Error(Errc::stale) : version.error());
  }
  LENSFS_TRY(const Asset asset, find_asset(db, version->asset));
  return attributes_of(asset, *version);
}

Result<std::string> FileView::link_target(NodeId node) {
  LENSFS_TRY(const auto db, context_.catalog.read());
  LENSFS_TRY(const Asset asset, find_asset(*db, file_of(node)));
  return lensfs::link_target(*db, asset.id);
}

}  // namespace lensfs
