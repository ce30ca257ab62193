// Nodes known by what was typed: searches, narrowed folders, "+", facets and their links.
#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/search.h"
#include "fs/result_entries.h"
#include "fs/view_result.h"

namespace lensfs {

namespace {

bool is_of_subclips(const PathNode& at) {
  if (at.facet != kSubclips || at.folder.base != ResultFolder::Base::search) return false;
  const auto query = parse_query(at.folder.text);
  return query && !marker_phrases_of(*query).empty();
}

}  // namespace

Result<bool> PathView::has_subclips(Database& db, const PathNode& at) {
  LENSFS_TRY(const std::vector<std::string> names, subclips_in(db, context_.sets, at.folder));
  return !names.empty();
}

Status PathView::add_link(Database& db, const PathNode& at, const std::string& value,
                          std::string_view name, Listing& into) {
  PathNode link = at;
  link.tail = PathNode::Tail::link;
  link.value = value;
  LENSFS_TRY(const Found found, ResultEntries(context_).path_folder(db, link));
  const auto position = static_cast<std::int64_t>(into.entries().size()) + 1;
  into.add(name, file_cookie(position), found.node, found.attributes, Keep::no);
  return {};
}

Result<Listing> PathView::list_subclips(Database& db, const PathNode& at) {
  LENSFS_TRY(const std::vector<std::string> names, subclips_in(db, context_.sets, at.folder));
  Listing listing;
  for (const std::string& name : names) LENSFS_CHECK(add_link(db, at, name, name, listing));
  return listing;
}

Result<Found> PathView::child_of_facet(Database& db, const PathNode& at, std::string_view name) {
  PathNode link = at;
  link.tail = PathNode::Tail::link;
  link.value = text_from_segment(name);
  if (is_of_subclips(at)) {
    LENSFS_TRY(const std::vector<std::string> names, subclips_in(db, context_.sets, at.folder));
    const bool is_one = std::binary_search(names.begin(), names.end(), name);
    if (!is_one) return fail(Errc::not_found);
    link.value = name;
  } else {
    LENSFS_CHECK(check_facet_value(db, context_, {at.facet, link.value}));
  }
  LENSFS_TRY(Found found, ResultEntries(context_).path_folder(db, link));
  found.keep = Keep::no;
  return found;
}

Result<Found> PathView::child(Database& db, NodeId folder, std::string_view name) {
  LENSFS_TRY(const PathNodes::Known at, context_.nodes.find(folder));
  ResultEntries entries(context_);
  switch (at->tail) {
    case PathNode::Tail::folder:
      if (name == kPlus) return entries.plus(db, at->folder);
      return entries.member_or_narrowed(db, at->folder, {std::string(kPlus)}, name);
    case PathNode::Tail::plus: {
      PathNode facet = *at;
      facet.tail = PathNode::Tail::facet;
      facet.facet = text_from_segment(name);
      if (is_of_subclips(facet)) return entries.path_folder(db, facet);
      LENSFS_TRY(const SharedSet members, members_of(db, context_.sets, at->folder));
      LENSFS_CHECK(check_facet(db, context_, *members, facet.facet));
      return entries.path_folder(db, facet);
    }
    case PathNode::Tail::facet:
      return child_of_facet(db, *at, name);
    case PathNode::Tail::link:
      break;
  }
  return fail(Errc::not_directory);
}

Result<Listing> PathView::list_facets(Database& db, const PathNode& at) {
  LENSFS_TRY(const SharedSet members, members_of(db, context_.sets, at.folder));
  LENSFS_TRY(const std::vector<std::string> facets, facets_of(db, context_.sets, *members));
  Listing listing;
  std::int64_t position = 0;
  for (const std::string& name : facets) {
    PathNode facet = at;
    facet.tail = PathNode::Tail::facet;
    facet.facet = name;
    LENSFS_TRY(const Found found, ResultEntries(context_).path_folder(db, facet));
    listing.add(segment_from_text(name), folder_cookie(++position), found.node, found.attributes);
  }
  PathNode subclips = at;
  subclips.tail = PathNode::Tail::facet;
  subclips.facet = kSubclips;
  LENSFS_TRY(const bool any, has_subclips(db, at));
  if (!any) return listing;
  LENSFS_TRY(const Found found, ResultEntries(context_).path_folder(db, subclips));
  listing.add(kSubclips, folder_cookie(++position), found.node, found.attributes);
  return listing;
}

Result<Listing> PathView::list_values(Database& db, const PathNode& at) {
  LENSFS_TRY(const SharedSet members, members_of(db, context_.sets, at.folder));
  LENSFS_TRY(const std::vector<FacetValue> values,
             facet_values(db, context_.sets, *members, at.facet));
  Listing listing;
  for (const FacetValue& value : values) {
    const std::string name = segment_from_text(value.value);
    if (name.empty() || name.size() > kNameLimit) continue;  // cannot be a folder's name
    LENSFS_CHECK(add_link(db, at, value.value, name, listing));
  }
  return listing;
}

Result<Listing> PathView::list(Database& db, NodeId folder) {
  LENSFS_TRY(const PathNodes::Known at, context_.nodes.find(folder));
  switch (at->tail) {
    case PathNode::Tail::folder: {
      Listing listing;
      LENSFS_CHECK(ResultEntries(context_).list(db, at->folder, {std::string(kPlus)}, listing));
      return listing;
    }
    case PathNode::Tail::plus:
    case PathNode::Tail::facet: {
      LENSFS_TRY(Listing listing, at->tail == PathNode::Tail::plus ? list_facets(db, *at)
                                  : is_of_subclips(*at)            ? list_subclips(db, *at)
                                                                   : list_values(db, *at));
      if (shows_for_once(context_, at->folder)) listing.keep_nothing();
      return listing;
    }
    case PathNode::Tail::link:
      break;
  }
  return fail(Errc::not_directory);
}

Result<Attributes> PathView::attributes(Database& db, NodeId node) {
  LENSFS_TRY(const PathNodes::Known at, context_.nodes.find(node));
  return ResultEntries(context_).attributes(db, *at);
}

Result<std::string> PathView::link_target(NodeId node) {
  LENSFS_TRY(const PathNodes::Known at, context_.nodes.find(node));
  if (at->tail != PathNode::Tail::link) return fail(Errc::invalid);
  return link_target_of(*at);
}

}  // namespace lensfs
