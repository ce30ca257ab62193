// View: one kind of folder of the drive. A view answers for every folder of its kind; it keeps
// nothing between calls but what the context caches. All methods may be called by many threads.
//
// A new kind of folder is one more file view_<kind>.cpp and one line in tree.cpp.
#pragma once

#include <string>
#include <string_view>

#include "catalog/model/catalog.h"
#include "catalog/model/edit.h"
#include "fs/access_gate.h"
#include "fs/listing.h"
#include "fs/path_nodes.h"
#include "fs/refused_queries.h"
#include "fs/set_cache.h"

namespace lensfs {

// Found: what a name in a folder stands for.
struct Found {
  NodeId node{};
  Attributes attributes;
  Keep keep = Keep::until_told;
};

// Who asks for a change, and the transaction in which it is made.
struct Editing {
  Transaction& txn;
  const Actor& actor;
  std::vector<ObjectKey> freed{};  // objects that nothing names any more once this is committed
};

// What all views work with.
struct ViewContext {
  Catalog& catalog;
  CachedSets& sets;
  PathNodes& nodes;
  uid_t uid = 0;  // owner of the folders that have no owner of their own: the library's
  gid_t gid = 0;
  ScratchNames scratch;
  const Drafts* drafts = nullptr;  // null where nothing can be written
  RefusedQueries* refused = nullptr;
  AccessGate& access;
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

  // --- changes; a folder that cannot be changed so refuses. Names are in their legal spelling.
  // A new file without bytes. exists.
  [[nodiscard]] virtual Result<Asset> create(Editing&, NodeId, const NewFile&) { return refuse(); }
  [[nodiscard]] virtual Result<Found> make_folder(Editing&, NodeId, const NewFolder&) {
    return refuse();
  }
  // The asset shows in this folder, too.
  [[nodiscard]] virtual Status link(Editing&, NodeId, const Asset&, const NewPlace&) {
    return refuse();
  }
  // The asset that the name led to, as it is now.
  [[nodiscard]] virtual Result<Asset> remove(Editing&, NodeId, std::string_view, Writing) {
    return refuse();
  }
  [[nodiscard]] virtual Status remove_folder(Editing&, NodeId, std::string_view) {
    return refuse();
  }

  // Why this folder takes no changes: read_only unless the view says otherwise.
  [[nodiscard]] virtual Errc refusal() const { return Errc::read_only; }

 protected:
  [[nodiscard]] tl::unexpected<Error> refuse() const { return fail(refusal()); }
  [[nodiscard]] Attributes attributes_of_file(const Asset& asset) const {
    return attributes_of(asset, context_.drafts);
  }
  [[nodiscard]] Found found_file(const Asset& asset, Keep keep = Keep::until_told) const {
    return {node_of(asset.file), attributes_of_file(asset), keep};
  }

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
