// PathNodes, TimeNodes and LensNodes: the folders and links that the kernel knows by something
// typed rather than by a catalog row. Each is kept while the mount lives, in memory and in a log
// that a later server of the same mount reads, so that a node number never loses its meaning while
// the kernel holds it. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fs/lens_node.h"
#include "fs/result_folder.h"
#include "fs/time_node.h"

namespace lensfs {

// PathLog: where specs are remembered beyond this process. The default forgets.
class PathLog {
 public:
  virtual ~PathLog() = default;
  // no_space when the log is full.
  [[nodiscard]] virtual Status append(std::string_view) { return {}; }
  virtual void each(const std::function<void(std::string_view)>&) {}
};

// Node has spec(), from_spec() (invalid for the specs of other kinds), id() and ==.
template <typename Node>
class TypedNodes {
 public:
  using Known = std::shared_ptr<const Node>;

  explicit TypedNodes(PathLog& log);  // reads what the log holds; the log outlives this

  // The number of a node, remembered from now on.
  [[nodiscard]] Result<NodeId> remember(const Node& node);
  // stale for a number that was never given out.
  [[nodiscard]] Result<Known> find(NodeId id) const;
  // All that are known; a snapshot.
  [[nodiscard]] std::vector<std::pair<NodeId, Known>> all() const;
  [[nodiscard]] std::size_t count() const;

 private:
  // Under mutex_: the number for `node`, and whether it is new.
  [[nodiscard]] std::pair<NodeId, bool> place(const Node& node);

  PathLog& log_;
  mutable std::shared_mutex mutex_;  // guards nodes_; rank: leaf
  std::unordered_map<NodeId, Known> nodes_;
};

using PathNodes = TypedNodes<PathNode>;
using TimeNodes = TypedNodes<TimeNode>;
using LensNodes = TypedNodes<LensNode>;

}  // namespace lensfs
