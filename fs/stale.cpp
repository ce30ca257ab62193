#include "fs/stale.h"

#include "catalog/base/text.h"
#include "catalog/model/project.h"
#include "catalog/model/tag.h"
#include "fs/members.h"
#include "fs/time_stale.h"

namespace lensfs {
namespace {

// More namesakes than this are not told of one by one.
constexpr std::size_t kMostNamesakes = 64;
// More names than this in one round are not told one by one for folders that were typed: those are
// dropped whole.
constexpr std::size_t kMostTypedNames = 20'000;

// Every name under which an asset, or one that shares its name, may show in a flattened folder.
Result<std::vector<std::string>> shown_names(Database& db, const Asset& asset) {
  LENSFS_TRY(const std::vector<Asset> namesakes, assets_by_name_key(db, asset.name_key));
  if (namesakes.size() > kMostNamesakes) return fail(Errc::too_big);
  std::vector<std::string> names = {suffixed_name(asset.name, number(asset.id))};
  for (const Asset& other : namesakes) names.push_back(other.name);
  return names;
}

void add_names(NodeId folder, const std::vector<std::string>& names, Stale& stale,
               StaleName::Is is = StaleName::Is::shown) {
  for (const std::string& name : names) stale.names.push_back({folder, name, is});
  stale.folders.push_back(folder);
}

// The same in folders that were typed; more than the kernel is told of one by one are all of them.
void add_typed_names(const std::vector<NodeId>& folders, const std::vector<std::string>& names,
                     Stale& stale) {
  if (stale.all_results) return;
  for (const NodeId folder : folders) add_names(folder, names, stale);
  stale.typed_names += folders.size() * names.size();
  stale.all_results = stale.typed_names > kMostTypedNames;
}

// The asset's membership in the given terms, and in any search or narrowed folder, may differ.
Status add_membership(Database& db, const Asset& asset, const std::vector<TagId>& tags,
                      Stale& stale) {
  stale.typed_facets = true;
  if (tags.empty() && stale.typed->results.empty()) return {};
  LENSFS_TRY(const std::vector<std::string> names, shown_names(db, asset));
  for (const TagId tag : tags) add_names(node_of(tag), names, stale);
  add_typed_names(stale.typed->results, names, stale);
  return {};
}

// The asset's bytes, its times or what was made of it differ: folders that ask for such things.
Status add_files_searched(Database& db, AssetId id, Stale& stale) {
  const std::vector<NodeId>& folders = stale.typed->by_files;
  if (folders.empty()) return {};
  LENSFS_TRY(const Asset asset, find_asset(db, id));
  LENSFS_TRY(const std::vector<std::string> names, shown_names(db, asset));
  add_typed_names(folders, names, stale);
  return {};
}

// All terms that show an asset: those it carries and all above them.
Result<std::vector<TagId>> showing_terms(Database& db, AssetId asset) {
  std::vector<TagId> terms;
  LENSFS_TRY(const std::vector<Tag> carried, tags_of(db, asset));
  for (const Tag& tag : carried) {
    LENSFS_TRY(const std::vector<TagId> line, shown_in(db, tag.id));
    terms.insert(terms.end(), line.begin(), line.end());
  }
  return terms;
}

Status add_asset_change(Tree& tree, Database& db, const Change& change, Stale& stale) {
  const bool is_new = change.kind == ChangeKind::asset_added;
  const bool own = change.origin && change.origin == tree.origin();
  if (own && is_new && tree.nodes().count() == 0) return {};
  LENSFS_TRY(const Asset asset, find_asset(db, *change.asset));
  // Of what was asked for through this mount, its kernel told whoever watches there; and what a
  // file is that is new, or has its only name from there, it was told in the answer.
  if (!own) stale.changed.push_back(asset.file);
  const bool is_told = is_new || (change.kind == ChangeKind::place_added && asset.places == 1);
  if (!own || !is_told) stale.files.push_back(node_of(asset.file));
  std::vector<TagId> tags;
  if (change.tag) {
    LENSFS_TRY(tags, shown_in(db, *change.tag));
  } else if (change.kind == ChangeKind::version_added) {
    // The name leads to another node now: every folder that shows it must ask again.
    LENSFS_TRY(tags, showing_terms(db, asset.id));
    LENSFS_TRY(const std::vector<Place> places, places_of(db, asset.id));
    for (const Place& place : places)
      add_names(node_of(place.folder), {place.name}, stale, StaleName::Is::written);
  }
  return add_membership(db, asset, tags, stale);
}

// The asset comes, goes or has another name wherever it shows but in projects.
Status add_showing(Database& db, const Change& change, Stale& stale) {
  stale.folders.push_back(NodeId::trash);
  LENSFS_TRY(Asset asset, find_asset(db, *change.asset));
  LENSFS_TRY(const std::vector<TagId> tags, showing_terms(db, asset.id));
  LENSFS_CHECK(add_membership(db, asset, tags, stale));
  if (change.kind != ChangeKind::renamed) return {};
  asset.name = change.name;  // the one before
  asset.name_key = fold_name(change.name);
  return add_membership(db, asset, tags, stale);
}

Status add_tag_change(Database& db, const Change& change, Stale& stale) {
  const std::size_t slash = change.name.rfind('/');
  NodeId parent = NodeId::tags;
  if (slash != std::string::npos) {
    LENSFS_TRY(const Tag above, find_tag(db, change.name.substr(0, slash)));
    parent = node_of(above.id);
  }
  const std::string name = slash == std::string::npos ? change.name : change.name.substr(slash + 1);
  stale.names.push_back({parent, legal_name(name), StaleName::Is::folder});
  stale.folders.push_back(parent);
  stale.typed_facets = true;
  stale.typed_results = true;
  return {};
}

// The term has another path, or took in the members of another: what any result folder shows may
// have moved.
Status add_term_rename(Database& db, const Change& change, Stale& stale) {
  stale.all_results = true;
  LENSFS_CHECK(add_tag_change(db, change, stale));
  LENSFS_TRY(const Tag tag, find_tag(db, *change.tag));
  Change now = change;
  now.name = tag.path;
  LENSFS_CHECK(add_tag_change(db, now, stale));
  LENSFS_TRY(const std::vector<TagId> family, family_of(db, tag.id));
  for (const TagId id : family) stale.folders.push_back(node_of(id));
  return {};
}

StaleName::Is kind_of_entry(ChangeKind kind) {
  const bool is_folder = kind == ChangeKind::folder_added || kind == ChangeKind::folder_removed;
  return is_folder ? StaleName::Is::folder : StaleName::Is::shown;
}

NodeId node_of_asset(Database& db, AssetId id) {
  const auto asset = find_asset(db, id);
  return asset ? node_of(asset->file) : NodeId{0};  // gone: nobody has it
}

Status add_change(Tree& tree, Database& db, const Change& change, Stale& stale) {
  const bool own = change.origin && change.origin == tree.origin();
  switch (change.kind) {
    case ChangeKind::place_added:
    case ChangeKind::place_removed:
    case ChangeKind::folder_added:
    case ChangeKind::folder_removed:
      // What was asked for through this mount its kernel knows of.
      if (!own) {
        stale.names.push_back({node_of(*change.folder), change.name, kind_of_entry(change.kind)});
        stale.folders.push_back(node_of(*change.folder));
      }
      if (!change.asset) return {};
      return add_asset_change(tree, db, change, stale);
    case ChangeKind::project_added:
    case ChangeKind::project_removed:
      if (own) return {};
      stale.names.push_back({NodeId::projects, change.name, StaleName::Is::folder});
      stale.folders.push_back(NodeId::projects);
      return {};
    case ChangeKind::saved:
      LENSFS_CHECK(add_files_searched(db, *change.asset, stale));
      stale.changed.push_back(file_of(node_of_asset(db, *change.asset)));
      if (own) return {};  // the same bytes under the same number
      stale.contents.push_back(node_of_asset(db, *change.asset));
      return {};
    case ChangeKind::access_changed:
    case ChangeKind::role_changed:
    case ChangeKind::version_purged:
    case ChangeKind::rendition_ready:
    case ChangeKind::rendition_failed:
    case ChangeKind::rendition_replaced:
      return {};
    case ChangeKind::trashed:
    case ChangeKind::restored:
    case ChangeKind::removed:
    case ChangeKind::renamed:
      return add_showing(db, change, stale);
    case ChangeKind::search_changed:
      stale.names.push_back(
          {NodeId::search, segment_from_text(change.name), StaleName::Is::folder});
      stale.folders.push_back(NodeId::search);
      return {};
    case ChangeKind::tag_added:
    case ChangeKind::tag_removed:
      return add_tag_change(db, change, stale);
    case ChangeKind::fields_declared:
      stale.all_results = true;
      return {};
    case ChangeKind::term_links_changed:
      // Names of its own lead there, and it shows other members.
      stale.all_results = true;
      return add_tag_change(db, change, stale);
    case ChangeKind::term_renamed:
      return add_term_rename(db, change, stale);
    case ChangeKind::asset_added:
    case ChangeKind::version_added:
    case ChangeKind::tagged:
    case ChangeKind::untagged:
    case ChangeKind::field_changed:
    case ChangeKind::label_changed:
    case ChangeKind::marker_changed:
      return add_asset_change(tree, db, change, stale);
    case ChangeKind::xattr_changed:
    case ChangeKind::attributes_changed:
      if (change.asset) LENSFS_CHECK(add_files_searched(db, *change.asset, stale));
      if (own && change.kind == ChangeKind::attributes_changed) return {};
      if (change.asset) {
        const NodeId file = node_of_asset(db, *change.asset);
        stale.files.push_back(file);
        if (!own) stale.changed.push_back(file_of(file));
      }
      if (change.folder) stale.folders.push_back(node_of(*change.folder));
      return {};
  }
  return {};
}

// What comes to be behind a lens: something where nothing was, which only a listing can be wrong
// about, or something else than before.
enum class Rendered { more, other };

void add_rendered_name(NodeId folder, const std::string& name, Rendered what, Stale& stale) {
  if (what == Rendered::other) {
    stale.rendered.push_back({folder, name});
  } else {
    stale.rendered_folders.push_back(folder);
    stale.heard.push_back({folder, name});
  }
}

// Where a name comes to be, another rendition of the same stem may lose it.
Result<Rendered> rendered_in(Database& db, const Place& place, Rendered what) {
  if (what == Rendered::other) return what;
  LENSFS_TRY(const std::vector<std::string> names,
             names_with_stem(db, place.folder, split_name(place.name).stem));
  return names.size() > 1 ? Rendered::other : what;
}

// Where an asset shows through a profile.
Status add_rendered(Database& db, AssetId id, Rendered what, Stale& stale) {
  const auto asset = find_asset(db, id);
  if (!asset) return is_missing(asset) ? Status() : Status(fail(asset.error()));
  LENSFS_TRY(const std::vector<Place> places, places_of(db, id));
  for (const Place& place : places) {
    LENSFS_TRY(const Rendered here, rendered_in(db, place, what));
    add_rendered_name(node_of(place.folder), place.name, here, stale);
  }
  LENSFS_TRY(const std::vector<TagId> terms, showing_terms(db, id));
  const std::vector<NodeId>& typed = stale.typed->results;
  if (terms.empty() && typed.empty()) return {};
  if (what == Rendered::more) {
    LENSFS_TRY(const bool shares, may_share_stem(db, asset->name));
    if (shares) what = Rendered::other;
  }
  LENSFS_TRY(const std::vector<std::string> names, shown_names(db, *asset));
  for (const std::string& name : names) {
    for (const TagId term : terms) add_rendered_name(node_of(term), name, what, stale);
    for (const NodeId folder : typed) add_rendered_name(folder, name, what, stale);
  }
  return {};
}

Status add_behind_lenses(Tree& tree, Database& db, const Change& change, Stale& stale) {
  if (!tree.lens().is_used()) return {};
  if (change.asset) return add_rendered(db, *change.asset, Rendered::other, stale);
  if (!change.object) return {};
  std::vector<AssetId> assets;
  LENSFS_CHECK(
      each_asset_of_object(db, *change.object, [&](AssetId asset) { assets.push_back(asset); }));
  const bool is_other = change.kind == ChangeKind::rendition_replaced;
  const Rendered what = is_other ? Rendered::other : Rendered::more;
  for (const AssetId asset : assets) LENSFS_CHECK(add_rendered(db, asset, what, stale));
  return {};
}

}  // namespace

void add_typed_listings(Stale& stale) {
  const auto add = [&](const std::vector<NodeId>& folders) {
    stale.folders.insert(stale.folders.end(), folders.begin(), folders.end());
  };
  if (stale.typed_results) add(stale.typed->results);
  if (stale.typed_facets) add(stale.typed->facets);
}

TypedFolders typed_folders(const PathNodes& nodes) {
  TypedFolders typed;
  for (const auto& [node, known] : nodes.all()) {
    if (known->tail == PathNode::Tail::folder) {
      typed.results.push_back(node);
      if (shows_by_files(known->folder)) typed.by_files.push_back(node);
    } else if (known->tail != PathNode::Tail::link) {
      typed.facets.push_back(node);
    }
  }
  return typed;
}

void add_stale(Tree& tree, Database& db, const Change& change, Stale& stale) {
  if (!add_access_stale(tree, db, change, stale)) stale.everything = true;
  const Status timed = add_time_stale(tree, db, change, stale);
  const Status plain = timed ? add_change(tree, db, change, stale) : timed;
  const bool goes_on = plain || is_missing(plain);
  const Status added = goes_on ? add_behind_lenses(tree, db, change, stale) : plain;
  // Rows that went since say nothing more; anything else leaves doubt about result folders.
  if (!added && added.error().code() != Errc::not_found) stale.all_results = true;
}

}  // namespace lensfs
