#include "fs/time_stale.h"

#include "catalog/model/project.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

using Kind = TimeNode::Kind;

// An asset with more versions than this has its modes told for the newest of them.
constexpr std::size_t kMostVersions = 256;

bool adds_version(ChangeKind kind) {
  return kind == ChangeKind::version_added || kind == ChangeKind::saved ||
         kind == ChangeKind::asset_added || kind == ChangeKind::removed ||
         kind == ChangeKind::version_purged;
}

void add_purge(const Change& change, Stale& stale) {
  stale.all_moments = true;
  if (change.version) stale.gone.push_back(node_of(*change.version));
  if (change.file) stale.gone.push_back(node_of(*change.file));
}

// Only what the kernel may have asked for is told of.
void add_if_known(const Tree& tree, const TimeNode& node, Stale& stale) {
  const NodeId id = node.id();
  if (tree.time().nodes().find(id)) stale.folders.push_back(id);
}

void add_versions_of(const Tree& tree, NodeId folder, Stale& stale) {
  add_if_known(tree, {.kind = Kind::versions, .row = static_cast<std::int64_t>(folder)}, stale);
}

Status add_history(const Tree& tree, Database& db, AssetId asset, Stale& stale) {
  if (tree.time().nodes().count() == 0) return {};
  add_if_known(tree, {.kind = Kind::history, .row = number(asset)}, stale);
  add_versions_of(tree, NodeId::root, stale);
  add_versions_of(tree, NodeId::projects, stale);
  add_versions_of(tree, NodeId::tags, stale);
  LENSFS_TRY(const std::vector<Place> places, places_of(db, asset));
  for (const Place& place : places) add_versions_of(tree, node_of(place.folder), stale);
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(db, asset));
  for (const Tag& tag : tags) {
    LENSFS_TRY(const std::vector<TagId> line, ancestors_of(db, tag.id));
    for (const TagId term : line) add_versions_of(tree, node_of(term), stale);
  }
  return {};
}

}  // namespace

Status add_versions_stale(Database& db, AssetId asset, Stale& stale) {
  LENSFS_TRY(const std::vector<Version> versions, versions_of(db, asset));
  std::size_t told = 0;
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    stale.files.push_back(node_of(version->id));
    if (++told == kMostVersions) break;
  }
  return {};
}

Status add_time_stale(Tree& tree, Database& db, const Change& change, Stale& stale) {
  const std::vector<NodeId> labels = tree.time().label_folders();
  stale.folders.insert(stale.folders.end(), labels.begin(), labels.end());
  if (change.kind == ChangeKind::label_changed) stale.folders.push_back(NodeId::versions);
  if (change.is_purge()) add_purge(change, stale);
  if (!change.asset) return {};
  if (change.kind == ChangeKind::attributes_changed) {
    return add_versions_stale(db, *change.asset, stale);
  }
  if (adds_version(change.kind)) return add_history(tree, db, *change.asset, stale);
  return {};
}

}  // namespace lensfs
