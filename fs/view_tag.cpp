// /Tags: a folder per term, holding its sub-terms, the assets of all of them, and "+".
#include <algorithm>

#include "catalog/base/text.h"
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
  return entries.member_or_narrowed(db, shown, taken_by(subterms), name);
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
  const ResultFolder shown{.base = ResultFolder::Base::tag, .text = tag.path, .filters = {}};
  LENSFS_CHECK(ResultEntries(context_).list(db, shown, taken_by(subterms), listing));
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
