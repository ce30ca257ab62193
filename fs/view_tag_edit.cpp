// What writing means in /Tags: files get and lose terms, folders are terms.
#include "catalog/base/text.h"
#include "catalog/model/taxonomy.h"
#include "fs/view_result.h"

namespace lensfs {
namespace {

Result<std::string> term_at(Database& db, NodeId folder) {
  if (folder == NodeId::tags) return std::string();
  LENSFS_TRY(const Tag tag, find_tag(db, tag_of(folder)));
  return tag.path;
}

std::string below(const std::string& term, std::string_view name) {
  return term.empty() ? raw_name(name) : term + "/" + raw_name(name);
}

}  // namespace

Result<Asset> TagView::create(Editing& editing, NodeId folder, const NewFile& file) {
  if (folder == NodeId::tags) return refuse();  // files lie in terms
  LENSFS_TRY(const std::string term, term_at(editing.txn.db(), folder));
  const bool aside = file.type != 0 || context_.scratch.matches(file.name);
  LENSFS_TRY(const Asset asset, create_unplaced(editing.txn, editing.actor, file,
                                                aside ? AssetState::aside : AssetState::live));
  LENSFS_TRY([[maybe_unused]] const bool added, add_tag(editing.txn, editing.actor, asset, term));
  return find_asset(editing.txn.db(), asset.id);
}

Result<Found> TagView::make_folder(Editing& editing, NodeId folder, const NewFolder& as) {
  LENSFS_TRY(const std::string above, term_at(editing.txn.db(), folder));
  const std::string term = below(above, as.name);
  if (find_tag(editing.txn.db(), term)) return fail(Errc::exists);
  LENSFS_TRY(const Tag made, ensure_tag(editing.txn, editing.actor, term));
  return Found{node_of(made.id), folder_attributes(node_of(made.id), made.changed)};
}

Status TagView::link(Editing& editing, NodeId folder, const Asset& asset, const NewPlace&) {
  if (folder == NodeId::tags || asset.state == AssetState::trashed) return refuse();
  LENSFS_TRY(const std::string term, term_at(editing.txn.db(), folder));
  LENSFS_TRY([[maybe_unused]] const bool added, add_tag(editing.txn, editing.actor, asset, term));
  return {};
}

// Whether all terms of an asset go with this one, and one of them has a rule.
Result<bool> TagView::is_bound_by(Database& db, const Asset& asset, const std::string& term) {
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(db, asset.id));
  bool is_bound = false;
  for (const Tag& tag : tags) {
    if (!is_within(tag.path, term)) return false;
    LENSFS_TRY(const bool binds, context_.access.binds(db, tag.id));
    is_bound = is_bound || binds;
  }
  return is_bound;
}

// A term shows the assets of its sub-terms as well: taking one away takes all of them off. What
// lies nowhere else would be bound by nothing then, and a search would show it to everybody: where
// the term has a rule it goes to the trash and keeps its terms. So who may only write can throw
// away what they made.
Result<Asset> TagView::remove(Editing& editing, NodeId folder, std::string_view name, Writing) {
  Database& db = editing.txn.db();
  LENSFS_TRY(const Found found, child(db, folder, name));
  if (class_of(found.node) != NodeClass::file) return fail(Errc::is_directory);
  LENSFS_TRY(const Asset asset, find_asset(db, file_of(found.node)));
  LENSFS_TRY(const std::string term, term_at(db, folder));
  if (asset.places == 0 && asset.state == AssetState::live) {
    LENSFS_TRY(const bool is_bound, is_bound_by(db, asset, term));
    if (is_bound) return remove_unplaced(editing.txn, editing.actor, asset, term);
  }
  LENSFS_CHECK(take_terms(editing.txn, editing.actor, asset, term));
  return find_asset(db, asset.id);
}

Status TagView::remove_folder(Editing& editing, NodeId folder, std::string_view name) {
  LENSFS_TRY(const std::string above, term_at(editing.txn.db(), folder));
  const std::string term = below(above, name);
  const auto tag = find_tag(editing.txn.db(), term);
  if (tag) {
    LENSFS_CHECK(context_.access.allow_removing_term(editing.txn.db(), tag->id));
    return remove_term(editing.txn, editing.actor, term);
  }
  if (tag.error().code() != Errc::not_found) return fail(tag.error());
  LENSFS_CHECK(child(editing.txn.db(), folder, name));
  return fail(Errc::not_directory);
}

}  // namespace lensfs
