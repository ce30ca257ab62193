#include "fs/path_nodes.h"

namespace lensfs {

PathNodes::PathNodes(PathLog& log) : log_(log) {
  log_.each([this](std::string_view spec) {
    if (const auto node = PathNode::from_spec(spec)) static_cast<void>(place(*node));
  });
}

std::pair<NodeId, bool> PathNodes::place(const PathNode& node) {
  for (unsigned salt = 0;; ++salt) {
    const NodeId id = node.id(salt);
    const auto [at, fresh] = nodes_.try_emplace(id, nullptr);
    if (fresh) at->second = std::make_shared<const PathNode>(node);
    if (fresh || *at->second == node) return {id, fresh};
  }
}

Result<NodeId> PathNodes::remember(const PathNode& node) {
  {
    const std::shared_lock lock(mutex_);
    const auto at = nodes_.find(node.id());
    if (at != nodes_.end() && *at->second == node) return at->first;
  }
  const std::unique_lock lock(mutex_);
  const auto [id, fresh] = place(node);
  if (fresh) {
    if (auto logged = log_.append(node.spec()); !logged) {
      nodes_.erase(id);
      return fail(std::move(logged).error());
    }
  }
  return id;
}

Result<PathNodes::Known> PathNodes::find(NodeId id) const {
  const std::shared_lock lock(mutex_);
  const auto at = nodes_.find(id);
  if (at == nodes_.end()) return fail(Errc::stale);
  return at->second;
}

std::vector<std::pair<NodeId, PathNodes::Known>> PathNodes::all() const {
  const std::shared_lock lock(mutex_);
  return {nodes_.begin(), nodes_.end()};
}

std::size_t PathNodes::count() const {
  const std::shared_lock lock(mutex_);
  return nodes_.size();
}

}  // namespace lensfs
