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

// A term shows the assets of its sub-terms as well: taking one away takes all of them off.
Result<Asset> TagView::remove(Editing& editing, NodeId folder, std::string_view name, Writing) {
  LENSFS_TRY(const Found found, child(editing.txn.db(), folder, name));
  if (class_of(found.node) != NodeClass::file) return fail(Errc::is_directory);
  LENSFS_TRY(const Asset asset, find_asset(editing.txn.db(), file_of(found.node)));
  LENSFS_TRY(const std::string term, term_at(editing.txn.db(), folder));
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(editing.txn.db(), asset.id));
  for (const Tag& tag : tags) {
    if (tag.path != term && !tag.path.starts_with(term + "/")) continue;
    LENSFS_TRY([[maybe_unused]] const bool taken,
               remove_tag(editing.txn, editing.actor, asset, tag.path));
  }
  return find_asset(editing.txn.db(), asset.id);
}

Status TagView::remove_folder(Editing& editing, NodeId folder, std::string_view name) {
  LENSFS_TRY(const std::string above, term_at(editing.txn.db(), folder));
  const std::string term = below(above, name);
  const auto tag = find_tag(editing.txn.db(), term);
  if (tag) return remove_term(editing.txn, editing.actor, term);
  if (tag.error().code() != Errc::not_found) return fail(tag.error());
  LENSFS_CHECK(child(editing.txn.db(), folder, name));
  return fail(Errc::not_directory);
}

}  // namespace lensfs
