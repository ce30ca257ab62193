#include "fs/moving.h"

#include "catalog/base/text.h"
#include "catalog/model/identity.h"
#include "catalog/model/ingest.h"
#include "catalog/model/tag.h"
#include "catalog/model/taxonomy.h"
#include "catalog/model/trash.h"

namespace lensfs {
namespace {

enum class Kind { project, term, trash, other };

Kind kind_of_folder(NodeId folder) {
  if (class_of(folder) == NodeClass::folder || folder == NodeId::projects) return Kind::project;
  if (class_of(folder) == NodeClass::tag || folder == NodeId::tags) return Kind::term;
  return folder == NodeId::trash ? Kind::trash : Kind::other;
}

FolderSpot spot_of(NodeId folder) {
  if (folder == NodeId::projects) return std::nullopt;
  return folder_of(folder);
}

Result<std::string> path_of_term(Database& db, NodeId folder) {
  if (folder == NodeId::tags) return std::string();
  LENSFS_TRY(const Tag tag, find_tag(db, tag_of(folder)));
  return tag.path;
}

std::string below(const std::string& term, std::string_view name) {
  return term.empty() ? raw_name(name) : term + "/" + raw_name(name);
}

// --- within projects

Result<std::optional<DraftId>> move_in_projects(Mount& mount, Editing& editing,
                                                const Renaming& renaming, Removal& removal) {
  Database& db = editing.txn.db();
  const std::string from = shown_spelling(renaming.name);
  const Spelling to = spelled(renaming.to_name);
  const Spot source{.folder = spot_of(renaming.from), .name = from};
  const Spot target{.folder = spot_of(renaming.to), .name = to.name};
  if (renaming.how == Renaming::How::exchange) {
    LENSFS_CHECK(exchange_entries(editing.txn, editing.actor, source, target));
    return std::optional<DraftId>();
  }
  LENSFS_TRY(const Writing writing, removal.look_at(editing, renaming.to, renaming.to_name));
  std::optional<Asset> over;
  if (target.folder) {
    const auto placed = find_placed(db, *target.folder, target.name);
    if (placed) over = placed->asset;
  }
  LENSFS_TRY(View* const into, mount.tree.view_of(renaming.to));
  LENSFS_CHECK(mount.tree.access().allow_removing_folder(db, *into, renaming.to, to.name));
  const Move move{
      .from = source,
      .to = target,
      .raw_name = to.raw,
      .over = renaming.how == Renaming::How::refuse ? Move::Over::refuse : Move::Over::replace,
      .writing = writing,
      .may_change = mount.tree.access().may_change()};
  LENSFS_CHECK(move_entry(editing.txn, editing.actor, move, mount.tree.context().scratch));
  if (over) {
    const auto left = find_asset(db, over->id);
    if (left) LENSFS_CHECK(removal.removed(editing, *left));
  }
  if (!target.folder) return std::optional<DraftId>();
  const auto moved = find_placed(db, *target.folder, target.name);
  if (!moved || moved->asset.state != AssetState::live) return std::optional<DraftId>();
  return moved->asset.draft;
}

// --- terms

Result<Asset> member_at(Mount& mount, Editing& editing, NodeId folder, std::string_view name) {
  LENSFS_TRY(View* const view, mount.tree.view_of(folder));
  LENSFS_TRY(const Found found, view->child(editing.txn.db(), folder, shown_spelling(name)));
  if (class_of(found.node) != NodeClass::file) return fail(Errc::is_directory);
  return find_asset(editing.txn.db(), file_of(found.node));
}

Status rename_asset(Editing& editing, const Asset& asset, std::string_view name) {
  const Spelling spelling = spelled(name);
  if (asset.name == spelling.name) return {};
  return set_flat_name(editing.txn, editing.actor, asset, spelling.name);
}

std::optional<TagId> tag_at(NodeId folder) {
  return folder == NodeId::tags ? std::nullopt : std::optional(tag_of(folder));
}

Status move_term(Mount& mount, Editing& editing, const Renaming& renaming, const Tag& term,
                 const std::string& to) {
  Database& db = editing.txn.db();
  const auto there = find_tag(db, to);
  const bool merged = there && there->id != term.id;
  LENSFS_CHECK(mount.tree.access().allow_moving_term(db, {.term = term.id,
                                                          .from = tag_at(renaming.from),
                                                          .to = tag_at(renaming.to),
                                                          .merged = merged}));
  return rename_term(editing.txn, editing.actor, term.path, to);
}

// The terms that a temporary file got by where it was made are not those of what it replaces. Moved
// elsewhere, its bytes leave the rules of these terms.
Status take_terms_of_passing(Mount& mount, Editing& editing, const Asset& asset,
                             const std::string& from, const std::string& to) {
  if (from != to) {
    LENSFS_TRY(const std::vector<Tag> tags, tags_of(editing.txn.db(), asset.id));
    for (const Tag& tag : tags) {
      LENSFS_CHECK(mount.tree.access().allow_untag(editing.txn.db(), tag.id));
    }
  }
  return take_terms(editing.txn, editing.actor, asset, from);
}

Result<std::optional<DraftId>> move_between_terms(Mount& mount, Editing& editing,
                                                  const Renaming& renaming, Removal& removal) {
  Database& db = editing.txn.db();
  LENSFS_TRY(const std::string from, path_of_term(db, renaming.from));
  LENSFS_TRY(const std::string to, path_of_term(db, renaming.to));
  const auto term = find_tag(db, below(from, renaming.name));
  if (term) {
    LENSFS_CHECK(move_term(mount, editing, renaming, *term, below(to, renaming.to_name)));
    return std::optional<DraftId>();
  }
  if (to.empty()) return fail(Errc::not_permitted, "files lie in terms");
  LENSFS_TRY(const Asset asset, member_at(mount, editing, renaming.from, renaming.name));
  const auto over = member_at(mount, editing, renaming.to, renaming.to_name);
  if (over && over->id != asset.id) {
    if (renaming.how != Renaming::How::replace) return fail(Errc::exists);
    if (over->state != AssetState::aside) {
      LENSFS_TRY(const bool passing, is_passing(editing.txn, asset));
      if (!passing) return fail(Errc::exists, "another asset shows under this name");
      LENSFS_CHECK(take_terms_of_passing(mount, editing, asset, from, to));
      LENSFS_CHECK(merge_asset(editing.txn, editing.actor, asset, *over));
      LENSFS_TRY(const Asset merged, find_asset(db, over->id));
      return merged.draft;
    }
    LENSFS_CHECK(take_terms(editing.txn, editing.actor, *over, to));
    LENSFS_CHECK(removal.removed(editing, *over));
  }
  if (from != to) {
    LENSFS_CHECK(take_terms(editing.txn, editing.actor, asset, from));
    LENSFS_TRY([[maybe_unused]] const bool added, add_tag(editing.txn, editing.actor, asset, to));
  }
  if (renaming.name != renaming.to_name) {
    LENSFS_CHECK(rename_asset(editing, asset, renaming.to_name));
  }
  if (asset.places == 0) {
    const bool scratch = mount.tree.context().scratch.matches(spelled(renaming.to_name).name);
    LENSFS_TRY(const Asset renamed, find_asset(db, asset.id));
    LENSFS_CHECK(follow_state(editing.txn, editing.actor, renamed, scratch));
  }
  return asset.draft;
}

Result<std::optional<DraftId>> move_into_term(Mount& mount, Editing& editing,
                                              const Renaming& renaming) {
  if (renaming.to == NodeId::tags) return fail(Errc::not_permitted, "files lie in terms");
  LENSFS_TRY(const Asset asset, member_at(mount, editing, renaming.from, renaming.name));
  LENSFS_TRY(View* const view, mount.tree.view_of(renaming.to));
  const Spelling name = spelled(renaming.to_name);
  LENSFS_CHECK(view->link(editing, renaming.to, asset, {.name = name.name, .raw_name = name.raw}));
  return asset.draft;
}

Result<std::optional<DraftId>> move_out_of_term(Mount& mount, Editing& editing,
                                                const Renaming& renaming) {
  LENSFS_TRY(const Asset asset, member_at(mount, editing, renaming.from, renaming.name));
  LENSFS_TRY(View* const view, mount.tree.view_of(renaming.to));
  const Spelling name = spelled(renaming.to_name);
  LENSFS_CHECK(view->link(editing, renaming.to, asset, {.name = name.name, .raw_name = name.raw}));
  return asset.draft;
}

// --- trash

Result<std::optional<DraftId>> restore(Mount& mount, Editing& editing, const Renaming& renaming) {
  if (class_of(renaming.to) != NodeClass::folder) return fail(Errc::not_permitted);
  LENSFS_TRY(const Asset asset, member_at(mount, editing, renaming.from, renaming.name));
  const Spelling name = spelled(renaming.to_name);
  LENSFS_CHECK(restore_to(editing.txn, editing.actor, asset, folder_of(renaming.to),
                          {.name = name.name, .raw_name = name.raw}));
  return asset.draft;
}

Result<std::optional<DraftId>> delete_to_trash(Mount& mount, Editing& editing,
                                               const Renaming& renaming, Removal& removal) {
  if (class_of(renaming.from) != NodeClass::folder) return fail(Errc::not_permitted);
  LENSFS_TRY(View* const view, mount.tree.view_of(renaming.from));
  LENSFS_TRY(const Asset asset,
             view->remove(editing, renaming.from, shown_spelling(renaming.name), Writing::no));
  LENSFS_CHECK(removal.removed(editing, asset));
  return std::optional<DraftId>();
}

}  // namespace

Result<std::optional<DraftId>> move_between(Mount& mount, Editing& editing,
                                            const Renaming& renaming, Removal& removal) {
  const Kind from = kind_of_folder(renaming.from);
  const Kind to = kind_of_folder(renaming.to);
  if (from == Kind::project && to == Kind::project) {
    return move_in_projects(mount, editing, renaming, removal);
  }
  if (renaming.how == Renaming::How::exchange) return fail(Errc::invalid);
  if (from == Kind::term && to == Kind::term) {
    return move_between_terms(mount, editing, renaming, removal);
  }
  if (from == Kind::project && to == Kind::term) return move_into_term(mount, editing, renaming);
  if (from == Kind::term && to == Kind::project) return move_out_of_term(mount, editing, renaming);
  if (from == Kind::trash) return restore(mount, editing, renaming);
  if (to == Kind::trash) return delete_to_trash(mount, editing, renaming, removal);
  LENSFS_TRY(View* const view,
             mount.tree.view_of(from == Kind::other ? renaming.from : renaming.to));
  return fail(view->refusal());
}

}  // namespace lensfs
