#include "fs/view_root.h"

#include <array>

namespace lensfs {
namespace {

struct Top {
  std::string_view name;
  NodeId node;
};
constexpr std::array<Top, 3> kTop = {{
    {"Projects", NodeId::projects},
    {"Tags", NodeId::tags},
    {"Search", NodeId::search},
}};

Result<Nanoseconds> library_created(Database& db) {
  return db.one<Nanoseconds>("SELECT created_ns FROM library");
}

}  // namespace

Result<Found> RootView::child(Database& db, NodeId, std::string_view name) {
  LENSFS_TRY(const Nanoseconds created, library_created(db));
  for (const Top& top : kTop) {
    if (top.name == name) return Found{top.node, folder_attributes(top.node, created)};
  }
  return fail(Errc::not_found);
}

Result<Listing> RootView::list(Database& db, NodeId) {
  LENSFS_TRY(const Nanoseconds created, library_created(db));
  Listing listing;
  for (const Top& top : kTop) {
    listing.add(top.name, folder_cookie(static_cast<std::int64_t>(top.node)), top.node,
                folder_attributes(top.node, created));
  }
  return listing;
}

Result<Attributes> RootView::attributes(Database& db, NodeId node) {
  LENSFS_TRY(const Nanoseconds created, library_created(db));
  Attributes attributes = folder_attributes(node, created);
  attributes.links = 2 + kTop.size();
  return attributes;
}

Result<Found> FileView::child(Database&, NodeId, std::string_view) {
  return fail(Errc::not_directory);
}

Result<Listing> FileView::list(Database&, NodeId) {
  return fail(Errc::not_directory);
}

Result<Attributes> FileView::attributes(Database& db, NodeId node) {
  const auto version = find_version(db, version_of(node));
  if (!version) {
    return fail(version.error().code() == Errc::not_found ? Error(Errc::stale) : version.error());
  }
  LENSFS_TRY(const Asset asset, find_asset(db, version->asset));
  Attributes attributes = attributes_of(asset);
  attributes.ino = node;
  attributes.size = version->size;
  attributes.mtime = version->mtime;
  return attributes;
}

}  // namespace lensfs
