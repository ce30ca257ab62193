#include "fs/result_entries.h"

#include "catalog/base/text.h"
#include "catalog/model/search.h"

namespace lensfs {
namespace {

constexpr std::uint64_t kPlusCookie = 3;

// When the library last changed: the mtime of folders that depend on all of it.
Result<Nanoseconds> last_change_time(Database& db) {
  LENSFS_TRY(const auto at,
             db.maybe<Nanoseconds>("SELECT at_ns FROM changes ORDER BY id DESC LIMIT 1"));
  return at.value_or(0);
}

// The path from the "+/<facet>" folder at `depth` segments below the root to `path`.
std::string relative_path(std::size_t depth, const std::string& path) {
  std::string up;
  for (std::size_t i = 0; i < depth; ++i) up += "../";
  return up + path;
}

}  // namespace

std::string link_target_of(const PathNode& link) {
  if (link.facet == kSubclips) return "../../" + link.value;
  ResultFolder target = link.folder;
  target.filters.push_back({link.facet, link.value});
  return relative_path(link.folder.depth() + 2, target.canonical().path());
}

Result<NodeId> canonical_node(Database& db, const ResultFolder& folder) {
  PathNode node;
  node.folder = folder.canonical();
  if (node.folder.base != ResultFolder::Base::tag || !node.folder.filters.empty()) return node.id();
  LENSFS_TRY(const Tag tag, find_tag(db, node.folder.text));
  return node_of(tag.id);
}

Result<Attributes> ResultEntries::attributes(Database& db, const PathNode& node) {
  LENSFS_TRY(const Nanoseconds changed, last_change_time(db));
  Attributes attributes{.ino = node.id(),
                        .mode = S_IFDIR | 0755,
                        .links = 2,
                        .uid = context_.uid,
                        .gid = context_.gid,
                        .size = 4096,
                        .mtime = changed,
                        .ctime = changed};
  if (node.tail == PathNode::Tail::folder) {
    LENSFS_TRY(attributes.ino, canonical_node(db, node.folder));
  }
  if (node.tail == PathNode::Tail::link) {
    attributes.mode = S_IFLNK | 0777;
    attributes.links = 1;
    attributes.size = static_cast<std::int64_t>(link_target_of(node).size());
  }
  return attributes;
}

Result<Found> ResultEntries::path_folder(Database& db, const PathNode& node) {
  LENSFS_TRY(const Attributes shown, attributes(db, node));
  LENSFS_TRY(const NodeId id, context_.nodes.remember(node));
  return Found{id, shown};
}

Result<Found> ResultEntries::plus(Database& db, const ResultFolder& folder) {
  PathNode node;
  node.folder = folder;
  node.tail = PathNode::Tail::plus;
  return path_folder(db, node);
}

Result<Found> ResultEntries::narrowed(Database& db, const ResultFolder& folder,
                                      std::string_view name) {
  const std::string text = text_from_segment(name);
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return fail(Errc::not_found);
  PathNode node;
  node.folder = folder;
  node.folder.filters.push_back({text.substr(0, equals), text.substr(equals + 1)});
  const auto& filter = node.folder.filters.back();
  LENSFS_CHECK(check_facet_value(db, context_, filter));
  return path_folder(db, node);
}

Result<Found> ResultEntries::member_or_narrowed(Database& db, const ResultFolder& folder,
                                                const TakenNames& taken, std::string_view name) {
  LENSFS_TRY(const SharedSet members, members_of(db, context_.sets, folder));
  const auto asset = find_member(db, *members, taken, name);
  if (asset) {
    const Keep keep = shows_for_once(context_, folder) ? Keep::no : Keep::until_told;
    return Found{node_of(asset->file), attributes_of(*asset, context_.drafts), keep};
  }
  if (asset.error().code() != Errc::not_found) return fail(asset.error());
  return narrowed(db, folder, name);
}

Status ResultEntries::list(Database& db, const ResultFolder& folder, TakenNames taken,
                           Listing& into) {
  LENSFS_TRY(const Found at, plus(db, folder));
  into.add(kPlus, kPlusCookie, at.node, at.attributes);
  LENSFS_TRY(const SharedSet members, members_of(db, context_.sets, folder));
  LENSFS_CHECK(list_members(db, *members, context_.drafts, std::move(taken), into));
  into.sort();
  if (shows_for_once(context_, folder)) into.keep_nothing();
  return {};
}

}  // namespace lensfs
