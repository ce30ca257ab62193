// The ways to a lens, and one rendition by name; what is stale behind lenses.
#include <algorithm>
#include <map>

#include "catalog/base/text.h"
#include "catalog/model/project.h"
#include "catalog/model/sequence.h"
#include "fs/stale.h"
#include "fs/view_lens.h"
#include "transcode/client/made_check.h"

namespace lensfs {
namespace {

bool is_folder(NodeId node) {
  switch (class_of(node)) {
    case NodeClass::file:
    case NodeClass::version:
    case NodeClass::rendition:
    case NodeClass::outline:
    case NodeClass::brought:
    case NodeClass::sidecar:
    case NodeClass::frame:
    case NodeClass::sequence:
    case NodeClass::past_sequence:
      return false;
    case NodeClass::fixed:
      return node == NodeId::root || node == NodeId::projects || node == NodeId::tags ||
             node == NodeId::search || node == NodeId::versions;
    case NodeClass::folder:
    case NodeClass::tag:
    case NodeClass::path:
    case NodeClass::time:
    case NodeClass::lens:
      break;
  }
  return true;
}

}  // namespace

Result<Found> LensView::lens(Database& db, NodeId folder, std::string_view name) {
  if (name.starts_with('@')) {
    LensNode node{.profile = std::string(name.substr(1)), .folder = folder};
    const Profile* const profile = settings_.profiles.find(node.profile);
    if (profile == nullptr || !is_folder(folder)) return fail(Errc::not_found);
    if (class_of(folder) == NodeClass::lens) {
      LENSFS_TRY(const LensNodes::Known at, nodes_.find(folder));
      node.folder = at->folder;
    }
    LENSFS_TRY(const Attributes attributes, plain_.attributes(db, node.folder));
    return found_folder(node, {node.folder, attributes});
  }
  LENSFS_TRY(const Shown shown, show_selected(db, folder, name));
  if (shown.as != Shown::As::rendition) return fail(Errc::not_found);
  return shown.found;
}

Result<LensView::Named> LensView::with_stem(Database& db, NodeId folder, std::string_view stem) {
  Named named;
  if (class_of(folder) == NodeClass::folder) {
    LENSFS_TRY(const std::vector<std::string> names, names_with_stem(db, folder_of(folder), stem));
    for (const std::string& name : names) {
      const auto found = plain_.find(db, folder, name);
      if (found) named.emplace_back(name, *found);
    }
    return named;
  }
  LENSFS_TRY(const Listing listing, plain_.list(db, folder));
  for (const Listing::Entry& entry : listing.entries()) {
    const std::string_view name = listing.name(entry);
    if (!is_file_of_asset(entry.node, entry.attributes) || rendered_stem(name) != stem) continue;
    named.emplace_back(name, Found{entry.node, entry.attributes, entry.keep});
  }
  return named;
}

Result<LensView::Shown> LensView::show_selected(Database& db, NodeId folder,
                                                std::string_view name) {
  const auto selected = selected_rendition(name);
  if (!selected || !is_folder(folder)) return Shown{};
  NodeId plain = folder;
  if (class_of(folder) == NodeClass::lens) {
    LENSFS_TRY(const LensNodes::Known at, nodes_.find(folder));
    plain = at->folder;
  }
  LENSFS_TRY(const Named named, with_stem(db, plain, selected->stem));
  OriginalLookup known(db);
  for (const auto& [name_of_it, found] : named) {
    LENSFS_TRY(const std::optional<Original> original, known.original(found.node));
    if (!original || original->asset.kind == "other") continue;
    LENSFS_TRY(Shown shown, show_rendition(known, *original, selected->recipe));
    shown.found.keep = Keep::no;
    return shown;
  }
  return Shown{};
}

Result<std::optional<NewJob>> LensView::missing(Database& db, NodeId folder,
                                                std::string_view name) {
  // Nobody has made for them what they may not open.
  LENSFS_TRY(const AccessBook::View view, context_.access.view(db));
  const auto is_asked_for = [&](const Shown& shown) {
    return shown.job && (view == nullptr || view->of_asset(shown.asset) >= Right::proxy);
  };
  LENSFS_TRY(Shown selected, show_selected(db, folder, name));
  if (is_asked_for(selected)) return std::move(selected.job);
  if (class_of(folder) != NodeClass::lens) return std::optional<NewJob>();
  LENSFS_TRY(const LensNodes::Known at, nodes_.find(folder));
  const Profile* const profile = settings_.profiles.find(at->profile);
  if (profile == nullptr) return std::optional<NewJob>();
  OriginalLookup known(db);
  const auto exact = plain_.find(db, at->folder, name);
  if (exact && is_file_of_asset(exact->node, exact->attributes)) {
    LENSFS_TRY(Shown shown, show(known, *profile, *exact, name));
    if (is_asked_for(shown)) return std::move(shown.job);
  }
  // Somebody who knows how renditions are called: the first original that could have this name.
  LENSFS_TRY(const Named named, with_stem(db, at->folder, split_name(name).stem));
  for (const auto& [original, found] : named) {
    const std::vector<std::string> names = possible_names(original);
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    LENSFS_TRY(Shown shown, show(known, *profile, found, original));
    if (is_asked_for(shown)) return std::move(shown.job);
  }
  return std::optional<NewJob>();
}

Result<LensView::Named> LensView::originals_of(Database& db, NodeId folder, std::string_view name) {
  Named named;
  const auto exact = plain_.find(db, folder, name);
  if (exact && is_file_of_asset(exact->node, exact->attributes)) named.emplace_back(name, *exact);
  LENSFS_TRY(Named others, with_stem(db, folder, split_name(name).stem));
  for (auto& other : others) {
    if (other.first != name) named.push_back(std::move(other));
  }
  return named;
}

// A rendition is of the bytes: whoever has a copy of them has its renditions in common with others.
Result<bool> LensView::may_write_all(Database& db, ObjectId object) {
  LENSFS_TRY(const AccessBook::View view, context_.access.view(db));
  if (view == nullptr) return true;
  bool may = true;
  LENSFS_CHECK(each_asset_of_object(
      db, object, [&](AssetId asset) { may = may && view->of_asset(asset) >= Right::write; }));
  return may;
}

Result<std::optional<BroughtAs>> LensView::brought_as(Database& db, NodeId folder,
                                                      std::string_view name,
                                                      std::optional<NodeId> shown) {
  std::optional<BroughtAs> as;
  if (class_of(folder) != NodeClass::lens) return as;
  LENSFS_TRY(const LensNodes::Known at, nodes_.find(folder));
  const Profile* const profile = settings_.profiles.find(at->profile);
  if (profile == nullptr || class_of(at->folder) == NodeClass::time) return as;
  const auto is_for = [&](const Original& original, std::string_view named) -> Result<bool> {
    LENSFS_TRY(const auto recipe, recipe_for(db, *profile, original.asset, named));
    const auto extension = recipe ? extension_at(*recipe, named, name) : std::nullopt;
    if (!extension) return false;
    LENSFS_TRY(const bool may, may_write_all(db, original.version.object));
    if (!may) return false;
    as = BroughtAs{.to = {original.version.object, *recipe, original.asset.name},
                   .extension = *extension,
                   .profile = profile->name};
    return true;
  };
  OriginalLookup known(db);
  if (shown && is_version(*shown)) {
    LENSFS_TRY(const auto original, known.original(node_of(version_of(*shown))));
    // A name that several share has a suffix, and says the format all the same.
    if (original) LENSFS_CHECK(is_for(*original, name));
    return as;
  }
  LENSFS_TRY(const Named candidates, originals_of(db, at->folder, name));
  for (const auto& [named, found] : candidates) {
    if (class_of(found.node) != NodeClass::file) continue;
    LENSFS_TRY(const std::optional<Original> original, known.original(found.node));
    if (!original) continue;
    LENSFS_TRY(const bool found_it, is_for(*original, named));
    if (found_it) break;
  }
  return as;
}

void LensView::note_refusal(ObjectId source, const Recipe& recipe, std::optional<std::string> why) {
  constexpr std::size_t kMostRefusals = 1000;
  const std::scoped_lock lock(mutex_);
  const std::pair key(source, recipe.text());
  if (!why) {
    refusals_.erase(key);
    return;
  }
  if (refusals_.size() >= kMostRefusals) refusals_.erase(refusals_.begin());
  refusals_[key] = *std::move(why);
}

std::optional<std::string> LensView::why_refused(ObjectId source, const Recipe& recipe) const {
  const std::scoped_lock lock(mutex_);
  const auto known = refusals_.find({source, recipe.text()});
  return known == refusals_.end() ? std::nullopt : std::optional(known->second);
}

void LensView::expand(Stale& stale) const {
  if (nodes_.count() == 0) return;
  std::multimap<NodeId, NodeId> behind;
  for (const auto& [id, known] : nodes_.all()) behind.emplace(known->folder, id);
  const auto each_lens = [&](NodeId folder, const auto& visit) {
    const auto [first, last] = behind.equal_range(folder);
    for (auto at = first; at != last; ++at) visit(at->second);
  };
  std::vector<StaleName> names, heard;
  std::vector<NodeId> folders;
  const auto add_name = [&](const StaleName& name, std::vector<StaleName>& to) {
    each_lens(name.folder, [&](NodeId lens) {
      for (std::string& shown : possible_names(name.name)) {
        to.push_back({lens, std::move(shown), name.is});
      }
      folders.push_back(lens);
    });
  };
  for (const StaleName& name : stale.names) add_name(name, names);
  for (const StaleName& name : stale.rendered) add_name(name, names);
  for (const StaleName& name : stale.heard) add_name(name, heard);
  for (const auto* const listed : {&stale.folders, &stale.rendered_folders}) {
    for (const NodeId folder : *listed) {
      each_lens(folder, [&](NodeId lens) { folders.push_back(lens); });
    }
  }
  if (stale.all_results || stale.all_moments) {
    for (const auto& [folder, id] : behind) folders.push_back(id);
  }
  stale.names.insert(stale.names.end(), names.begin(), names.end());
  stale.heard = std::move(heard);
  stale.folders.insert(stale.folders.end(), folders.begin(), folders.end());
}

}  // namespace lensfs
