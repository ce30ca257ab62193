// Tree: the drive as folders and files, without the kernel: what `lensfs ls` shows and what the
// mount serves. Thread-safe.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "fs/view.h"

namespace lensfs {

class Tree {
 public:
  // `catalog` and `log` outlive the tree.
  Tree(Catalog& catalog, PathLog& log);
  ~Tree();

  [[nodiscard]] Result<Found> lookup(NodeId folder, std::string_view name);
  [[nodiscard]] Result<Attributes> attributes(NodeId node);
  [[nodiscard]] Result<std::string> link_target(NodeId node);
  // A path from the drive's root, with or without a leading slash; links are followed.
  [[nodiscard]] Result<NodeId> resolve(std::string_view path);

  // What a folder holds. `again` gives what an unfinished listing was begun with, if it is still
  // kept, so that a long listing is made once; its as_of tells whether it still holds.
  enum class Read { fresh, again };
  using Shared = std::shared_ptr<const Listing>;
  [[nodiscard]] Result<Shared> list(NodeId folder, Read read);
  [[nodiscard]] bool holds(const Listing& listing) const {
    return staleness_.everything_holds(listing.as_of);
  }

  // Takes in a change that another process or thread committed; to be called for each, in order,
  // before anybody is told of it.
  void accept(const Change& change) { staleness_.note(change); }

  [[nodiscard]] Catalog& catalog() { return context_.catalog; }
  [[nodiscard]] PathNodes& nodes() { return nodes_; }

 private:
  struct Kept {
    NodeId folder{};
    Shared listing;
  };
  [[nodiscard]] Result<View*> view_of(NodeId node);
  [[nodiscard]] Shared kept_listing(NodeId folder, Read read);
  void keep_listing(NodeId folder, const Shared& listing);

  PathNodes nodes_;
  Staleness staleness_;
  CachedSets sets_;
  ViewContext context_;
  std::unique_ptr<View> root_, projects_, tags_, search_, paths_, files_;
  std::mutex mutex_;      // guards kept_; rank: leaf
  std::list<Kept> kept_;  // newest use first
};

}  // namespace lensfs
