#include "fs/path_nodes.h"

#include "catalog/base/hasher.h"

namespace lensfs {

NodeId hashed_node(NodeClass node_class, std::string_view spec, unsigned salt) {
  std::string text(spec);
  text.append(salt, '#');
  Hasher hasher;
  hasher.update(std::as_bytes(std::span(text)));
  const ContentId digest = hasher.digest();
  std::uint64_t payload = 0;
  for (int byte = 0; byte < 7; ++byte) {
    payload = (payload << 8) | digest.bytes[static_cast<std::size_t>(byte)];
  }
  return make_node(node_class, payload);
}

template <typename Node>
TypedNodes<Node>::TypedNodes(PathLog& log) : log_(log) {
  log_.each([this](std::string_view spec) {
    if (const auto node = Node::from_spec(spec)) static_cast<void>(place(*node));
  });
}

template <typename Node>
std::pair<NodeId, bool> TypedNodes<Node>::place(const Node& node) {
  for (unsigned salt = 0;; ++salt) {
    const NodeId id = node.id(salt);
    const auto [at, fresh] = nodes_.try_emplace(id, nullptr);
    if (fresh) at->second = std::make_shared<const Node>(node);
    if (fresh || *at->second == node) return {id, fresh};
  }
}

template <typename Node>
Result<NodeId> TypedNodes<Node>::remember(const Node& node) {
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

template <typename Node>
auto TypedNodes<Node>::find(NodeId id) const -> Result<Known> {
  const std::shared_lock lock(mutex_);
  const auto at = nodes_.find(id);
  if (at == nodes_.end()) return fail(Errc::stale);
  return at->second;
}

template <typename Node>
auto TypedNodes<Node>::all() const -> std::vector<std::pair<NodeId, Known>> {
  const std::shared_lock lock(mutex_);
  return {nodes_.begin(), nodes_.end()};
}

template <typename Node>
std::size_t TypedNodes<Node>::count() const {
  const std::shared_lock lock(mutex_);
  return nodes_.size();
}

template class TypedNodes<PathNode>;
template class TypedNodes<TimeNode>;
template class TypedNodes<LensNode>;

}  // namespace lensfs
