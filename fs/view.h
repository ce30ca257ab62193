// View: one kind of folder of the drive. A view answers for every folder of its kind; it keeps
// nothing between calls but what the context caches. All methods may be called by many threads.
//
// A new kind of folder is one more file view_<kind>.cpp and one line in tree.cpp.
#pragma once

#include <string>
#include <string_view>

#include "catalog/model/catalog.h"
#include "fs/listing.h"
#include "fs/path_nodes.h"
#include "fs/set_cache.h"

namespace lensfs {

// Found: what a name in a folder stands for.
struct Found {
  NodeId node{};
  Attributes attributes;
  Keep keep = Keep::until_told;
};

// What all views work with.
struct ViewContext {
  Catalog& catalog;
  CachedSets& sets;
  PathNodes& nodes;
  uid_t uid = 0;  // owner of the folders that have no owner of their own: the library's
  gid_t gid = 0;
};

class View {
 public:
  explicit View(ViewContext& context) : context_(context) {}
  virtual ~View() = default;
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  // not_found if the folder has no such entry.
  [[nodiscard]] virtual Result<Found> child(Database& db, NodeId folder, std::string_view name) = 0;
  // Everything that listing the folder shows, "." and ".." excepted.
  [[nodiscard]] virtual Result<Listing> list(Database& db, NodeId folder) = 0;
  [[nodiscard]] virtual Result<Attributes> attributes(Database& db, NodeId node) = 0;
  // Where a link leads, for views that have links.
  [[nodiscard]] virtual Result<std::string> link_target(NodeId) { return fail(Errc::invalid); }

 protected:
  // A folder that belongs to the library as such.
  [[nodiscard]] Attributes folder_attributes(NodeId node, Nanoseconds changed) const {
    return {.ino = node,
            .mode = S_IFDIR | 0755,
            .links = 2,
            .uid = context_.uid,
            .gid = context_.gid,
            .size = 4096,
            .mtime = changed,
            .ctime = changed};
  }

  ViewContext& context_;
};

}  // namespace lensfs
