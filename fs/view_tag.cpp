// /Tags: a folder per term, holding its sub-terms, the assets of all of them, and "+".
#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/file.h"
#include "fs/result_entries.h"
#include "fs/view_result.h"

namespace lensfs {
namespace {

std::optional<TagId> parent_of(NodeId folder) {
  if (folder == NodeId::tags) return std::nullopt;
  return tag_of(folder);
}

TakenNames taken_by(const std::vector<Tag>& subterms) {
  TakenNames taken = {std::string(kPlus)};
  for (const Tag& tag : subterms) taken.insert(fold_name(tag.name));
  return taken;
}

Result<Tag> tag_at(Database& db, NodeId node) {
  auto tag = find_tag(db, tag_of(node));
  if (!tag && tag.error().code() == Errc::not_found) return fail(Errc::stale);
  return tag;
}

}  // namespace

Result<Found> TagView::child(Database& db, NodeId folder, std::string_view name) {
  std::string above;
  if (folder != NodeId::tags) {
    LENSFS_TRY(const Tag tag, tag_at(db, folder));
    above = tag.path;
  }
  const std::string term = raw_name(name);
  const auto sub = find_tag(db, above.empty() ? term : above + "/" + term);
  if (sub && term.find('/') == std::string::npos) {
    return Found{node_of(sub->id), folder_attributes(node_of(sub->id), sub->changed)};
  }
  if (!sub && sub.error().code() != Errc::not_found) return fail(sub.error());
  if (folder == NodeId::tags) return fail(Errc::not_found);
  const ResultFolder shown{.base = ResultFolder::Base::tag, .text = above, .filters = {}};
  ResultEntries entries(context_);
  if (name == kPlus) return entries.plus(db, shown);
  LENSFS_TRY(const std::vector<Tag> subterms, subterms_of(db, parent_of(folder)));
  auto member = entries.member_or_narrowed(db, shown, taken_by(subterms), name);
  return is_missing(member) ? find_aside(db, tag_of(folder), name) : member;
}

Attributes TagView::attributes_of_aside(const Asset& asset) const {
  Attributes attributes = attributes_of(asset, context_.drafts);
  attributes.links = 1;
  return attributes;
}

Result<Found> TagView::find_aside(Database& db, TagId term, std::string_view name) {
  LENSFS_TRY(const std::vector<Asset> aside, aside_in_term(db, term));
  const auto found = std::find_if(aside.begin(), aside.end(),
                                  [&](const Asset& asset) { return asset.name == name; });
  if (found == aside.end()) return fail(Errc::not_found);
  return Found{node_of(found->file), attributes_of_aside(*found), Keep::no};
}

Result<Listing> TagView::list(Database& db, NodeId folder) {
  Listing listing;
  LENSFS_TRY(const std::vector<Tag> subterms, subterms_of(db, parent_of(folder)));
  for (const Tag& tag : subterms) {
    listing.add(legal_name(tag.name), folder_cookie(number(tag.id)), node_of(tag.id),
                folder_attributes(node_of(tag.id), tag.changed));
  }
  if (folder == NodeId::tags) {
    listing.sort();
    return listing;
  }
  LENSFS_TRY(const Tag tag, tag_at(db, folder));
  TakenNames taken = taken_by(subterms);
  LENSFS_TRY(const std::vector<Asset> aside, aside_in_term(db, tag.id));
  for (const Asset& asset : aside) {
    if (!taken.insert(asset.name_key).second) continue;
    listing.add(asset.name, file_cookie(number(asset.id)), node_of(asset.file),
                attributes_of_aside(asset), Keep::no);
  }
  const ResultFolder shown{.base = ResultFolder::Base::tag, .text = tag.path, .filters = {}};
  LENSFS_CHECK(ResultEntries(context_).list(db, shown, std::move(taken), listing));
  listing.is_momentary = listing.is_momentary || !aside.empty();
  return listing;
}

Result<Attributes> TagView::attributes(Database& db, NodeId node) {
  if (node != NodeId::tags) {
    LENSFS_TRY(const Tag tag, tag_at(db, node));
    return folder_attributes(node, tag.changed);
  }
  LENSFS_TRY(const std::vector<Tag> terms, subterms_of(db, std::nullopt));
  Nanoseconds newest = 0;
  for (const Tag& tag : terms) newest = std::max(newest, tag.created);
  return folder_attributes(node, newest);
}

}  // namespace lensfs
