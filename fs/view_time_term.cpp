// Terms through a lens of time.
#include "catalog/base/text.h"
#include "catalog/model/label.h"
#include "fs/members.h"
#include "fs/result_entries.h"
#include "fs/view_time.h"

namespace lensfs {
namespace {

using Kind = TimeNode::Kind;

constexpr std::size_t kMostComposed = 16;

std::optional<TagId> term_in(const TimeNode& node) {
  if (node.kind == Kind::term) return static_cast<TagId>(node.row);
  return std::nullopt;
}

TimeNode term_node(const Tag& tag, const When& when) {
  return {.kind = Kind::term, .row = number(tag.id), .when = when};
}

Result<SharedSet> members_of_term(Database& db, const CachedSets& sets, TagId tag,
                                  const When& when) {
  LENSFS_TRY(AssetSet members, members_at(db, tag, moment_of(when)));
  if (when.is_label()) {
    LENSFS_TRY(const AssetSet labelled, labelled_assets(db, when.label));
    members &= labelled;
  }
  return sets.seen(db, std::make_shared<const AssetSet>(std::move(members)));
}

struct Member {
  Asset asset;
  Version version;
  std::string name;
};

// not_found for a member that the lens does not show.
Result<Member> shown_member(Database& db, const When& when, AssetId id) {
  LENSFS_TRY(Version version, shown_version(db, when, id));
  LENSFS_TRY(Asset asset, find_asset(db, id));
  if (when.is_label()) return Member{asset, std::move(version), asset.name};
  LENSFS_TRY(const bool deleted, was_deleted_at(db, id, when.at));
  if (deleted) return fail(Errc::not_found);
  LENSFS_TRY(std::string name, flat_name_at(db, asset, when.at));
  return Member{std::move(asset), std::move(version), std::move(name)};
}

}  // namespace

Result<Found> TimeView::child_of_term(Database& db, const TimeNode& at, std::string_view name) {
  const std::string term = raw_name(name);
  if (term.find('/') == std::string::npos && legal_name(term) == name) {
    const auto sub = find_subterm_at(db, term_in(at), term, moment_of(at.when));
    if (sub) return found(db, term_node(*sub, at.when), keep_of(at.when));
    if (sub.error().code() != Errc::not_found) return fail(sub.error());
  }
  LENSFS_TRY(const SharedComposed made, composed(db, at));
  const auto entry = made->index.find(name);
  if (entry == made->index.end()) return fail(Errc::not_found);
  const Listing::Entry& member = made->listing.entries()[entry->second];
  return Found{member.node, member.attributes, member.keep};
}

// The oldest keeps the bare name, as in all folders that flatten the library.
Status TimeView::list_members(Database& db, const TimeNode& at, const AssetSet& members,
                              Listing& into) {
  TakenNames taken = {std::string(kPlus)};
  for (const Listing::Entry& entry : into.entries()) taken.insert(fold_name(into.name(entry)));
  Status status;
  members.each([&](AssetId id) {
    const auto member = shown_member(db, at.when, id);
    if (!member) {
      if (member.error().code() == Errc::not_found) return true;
      status = fail(member.error());
      return false;
    }
    const bool bare = taken.insert(fold_name(member->name)).second;
    into.add(bare ? member->name : suffixed_name(member->name, number(id)), file_cookie(number(id)),
             node_of(member->version.id), lensfs::attributes_of(member->asset, member->version),
             keep_of(at.when));
    return true;
  });
  return status;
}

Result<Listing> TimeView::list_term(Database& db, const TimeNode& at) {
  Listing listing;
  LENSFS_TRY(const std::vector<Tag> subterms, subterms_at(db, term_in(at), moment_of(at.when)));
  for (const Tag& sub : subterms) {
    LENSFS_TRY(const Found entry, found(db, term_node(sub, at.when), keep_of(at.when)));
    listing.add(legal_name(sub.name), folder_cookie(number(sub.id)), entry.node, entry.attributes,
                entry.keep);
  }
  const std::optional<TagId> term = term_in(at);
  if (!term) return listing;
  LENSFS_TRY(const SharedSet members, members_of_term(db, context_.sets, *term, at.when));
  LENSFS_CHECK(list_members(db, at, *members, listing));
  return listing;
}

Result<TimeView::SharedComposed> TimeView::composed(Database& db, const TimeNode& at) {
  const NodeId node = at.id();
  LENSFS_TRY(const std::uint64_t viewer, context_.access.viewer(db));
  ChangeId as_of{0};
  if (at.when.is_label()) {
    LENSFS_TRY(as_of, context_.sets.moment(db));
  }
  {
    const std::scoped_lock lock(mutex_);
    for (auto kept = composed_.begin(); kept != composed_.end(); ++kept) {
      if ((*kept)->node != node || (*kept)->as_of != as_of) continue;
      if ((*kept)->viewer != viewer) continue;
      composed_.splice(composed_.begin(), composed_, kept);
      return composed_.front();
    }
  }
  auto made = std::make_shared<Composed>();
  made->node = node;
  made->as_of = as_of;
  made->viewer = viewer;
  LENSFS_TRY(made->listing, list_term(db, at));
  const auto& entries = made->listing.entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    made->index.emplace(made->listing.name(entries[i]), i);
  }
  const std::scoped_lock lock(mutex_);
  composed_.remove_if(
      [&](const SharedComposed& kept) { return kept->node == node && kept->viewer == viewer; });
  composed_.push_front(made);
  if (composed_.size() > kMostComposed) composed_.pop_back();
  return SharedComposed(std::move(made));
}

}  // namespace lensfs
