#include "fs/view_lens.h"

#include <algorithm>
#include <type_traits>

#include "catalog/base/text.h"
#include "catalog/model/project.h"
#include "catalog/model/sequence.h"
#include "fs/stale.h"

namespace lensfs {
namespace {

constexpr std::size_t kKeptListings = 16;
constexpr mode_t kWrite = 0222;

// What makes no sense behind a lens.
bool is_left_out(NodeId node) {
  return node == NodeId::trash || node == NodeId::resolutions;
}

Attributes original_attributes(const Asset& asset, const Version& version) {
  Attributes attributes = attributes_of(asset, version);
  attributes.mode &= ~kWrite;
  return attributes;
}

// Of a rendition or an outline.
template <typename Shown>
Attributes made_attributes(const Asset& asset, const Version& version, const Shown& shown) {
  const mode_t kept = is_sequence(asset) ? 0444 : 0555;  // who may enter a folder runs no file
  Attributes attributes = original_attributes(asset, version);
  attributes.ino = node_of(version.id, shown.id);
  attributes.mode = S_IFREG | (attributes.mode & kept);
  attributes.links = 1;
  attributes.size = shown.size;
  attributes.ctime = std::max(version.created, shown.made);
  // Who may write the original may bring another rendition.
  if (std::is_same_v<Shown, Rendition>) {
    attributes.mode |= static_cast<mode_t>(asset.mode) & kWrite;
  }
  return attributes;
}

}  // namespace

bool is_behind_lens(NodeId node) {
  return class_of(node) == NodeClass::lens || is_rendition(node) || node == NodeId::resolutions;
}

bool is_file_of_asset(NodeId node, const Attributes& attributes) {
  if (!S_ISDIR(attributes.mode)) return true;
  return class_of(node) == NodeClass::file || class_of(node) == NodeClass::version;
}

Result<Making> LensView::making_of(Database& db, AssetId asset, std::string_view profile) const {
  LENSFS_TRY(const std::vector<std::string> projects, projects_of(db, asset));
  return settings_.making.making_in(projects, profile);
}

// Ready, to be made, or not to be had (hidden).
Result<LensView::Shown> LensView::show_rendition(OriginalLookup& known, const Original& original,
                                                 const Recipe& recipe) {
  const auto& [asset, version] = original;
  Shown shown;
  shown.asset = asset.id;
  LENSFS_TRY(const Standing standing, known.standing(version.object, recipe));
  const auto show_made = [&](const auto& made) {
    shown.as = Shown::As::rendition;
    shown.found = {node_of(version.id, made.id), made_attributes(asset, version, made)};
    shown.name = made.extension;
    return shown;
  };
  if (standing.ready) return show_made(*standing.ready);
  if (standing.outline) return show_made(*standing.outline);
  if (standing.has_failed()) return shown;
  shown.as = Shown::As::pending;
  shown.job = NewJob{.source = version.object,
                     .recipe = recipe,
                     .kind = asset.kind,
                     .name = asset.name,
                     .priority = Priority::waited};
  return shown;
}

Result<LensView::Shown> LensView::show(OriginalLookup& known, const Profile& profile,
                                       const Found& entry, std::string_view name) const {
  if (S_ISLNK(entry.attributes.mode) || class_of(entry.node) == NodeClass::frame) {
    return Shown{.as = Shown::As::original, .found = entry, .name = std::string(name)};
  }
  LENSFS_TRY(const std::optional<Original> original, known.original(entry.node));
  if (!original) return Shown{};
  const auto& [asset, version] = *original;
  LENSFS_TRY(const auto recipe, recipe_for(known.db(), profile, asset, name));
  if (recipe) {
    LENSFS_TRY(Shown shown, show_rendition(known, *original, *recipe));
    if (shown.as == Shown::As::rendition) {
      shown.name = rendered_name(name, shown.name);
      shown.found.keep = entry.keep;
      return shown;
    }
    if (shown.as == Shown::As::pending) {
      LENSFS_TRY(const Making making, making_of(known.db(), asset.id, profile.name));
      if (making != Making::off) return shown;
    }
  }
  if (profile.fallback == Profile::Fallback::none) return Shown{};
  return Shown{.as = Shown::As::original,
               .found = {node_of(version.id), original_attributes(asset, version), entry.keep},
               .name = std::string(name),
               .asset = asset.id};
}

Result<Found> LensView::found_folder(const LensNode& node, const Found& folder) {
  LENSFS_TRY(const NodeId id, nodes_.remember(node));
  Found found = folder;
  found.node = id;
  found.attributes.ino = id;
  return found;
}

Result<Found> LensView::child(Database& db, NodeId folder, std::string_view name) {
  if (folder == NodeId::resolutions) {
    if (settings_.profiles.find(name) == nullptr) return fail(Errc::not_found);
    LENSFS_TRY(const Attributes root, plain_.attributes(db, NodeId::root));
    return found_folder({.profile = std::string(name), .folder = NodeId::root},
                        {NodeId::root, root});
  }
  LENSFS_TRY(const LensNodes::Known at, nodes_.find(folder));
  return child_of(db, folder, *at, name);
}

Result<Found> LensView::child_of(Database& db, NodeId id, const LensNode& at,
                                 std::string_view name) {
  const Profile* const profile = settings_.profiles.find(at.profile);
  if (profile == nullptr) return fail(Errc::stale);
  auto plain = plain_.find(db, at.folder, name);
  if (plain && is_left_out(plain->node)) return fail(Errc::not_found);
  if (plain && !is_file_of_asset(plain->node, plain->attributes)) {
    return found_folder({.profile = at.profile, .folder = plain->node}, *plain);
  }
  if (!plain && plain.error().code() != Errc::not_found) return plain;
  if (plain) {
    OriginalLookup known(db);
    LENSFS_TRY(const Shown shown, show(known, *profile, *plain, name));
    if (shown.as != Shown::As::pending && shown.as != Shown::As::hidden && shown.name == name) {
      return shown.found;
    }
  }
  // Under the name of the rendition, which may be that of several originals.
  LENSFS_TRY(const SharedComposed all, composed(db, id, at));
  const auto entry = all->index.find(std::string(name));
  if (entry == all->index.end()) return fail(Errc::not_found);
  const Listing::Entry& found = all->listing.entries()[entry->second];
  return Found{found.node, found.attributes, found.keep};
}

Result<Listing> LensView::compose(Database& db, const LensNode& at) {
  const Profile* const profile = settings_.profiles.find(at.profile);
  if (profile == nullptr) return fail(Errc::stale);
  LENSFS_TRY(const Listing plain, plain_.list(db, at.folder));
  OriginalLookup known(db);
  LENSFS_CHECK(known.foresee(plain));
  Listing listing;
  listing.is_momentary = plain.is_momentary;
  std::set<std::string, std::less<>> taken;
  std::vector<std::pair<Shown, std::uint64_t>> renamed;
  for (const Listing::Entry& entry : plain.entries()) {
    const std::string_view name = plain.name(entry);
    if (is_left_out(entry.node)) continue;
    const Found found{entry.node, entry.attributes, entry.keep};
    if (!is_file_of_asset(entry.node, entry.attributes)) {
      LENSFS_TRY(const Found folder,
                 found_folder({.profile = at.profile, .folder = entry.node}, found));
      listing.add(name, entry.cookie, folder.node, folder.attributes, folder.keep);
      taken.emplace(name);
      continue;
    }
    auto shown = show(known, *profile, found, name);
    if (is_missing(shown)) continue;  // it went meanwhile
    if (!shown) return fail(shown.error());
    if (shown->as == Shown::As::pending || shown->as == Shown::As::hidden) continue;
    if (shown->name != name) {
      renamed.emplace_back(*std::move(shown), entry.cookie);
      continue;
    }
    listing.add(name, entry.cookie, shown->found.node, shown->found.attributes, shown->found.keep);
    taken.emplace(name);
  }
  // Whose name is its own keeps it; of the others the first one gets it.
  for (auto& [shown, cookie] : renamed) {
    if (taken.contains(shown.name)) shown.name = suffixed_name(shown.name, number(shown.asset));
    taken.insert(shown.name);
    listing.add(shown.name, cookie, shown.found.node, shown.found.attributes, shown.found.keep);
  }
  listing.sort();
  return listing;
}

Result<LensView::SharedComposed> LensView::composed(Database& db, NodeId id, const LensNode& at) {
  LENSFS_TRY(const ChangeId as_of, context_.sets.moment(db));
  LENSFS_TRY(const std::uint64_t viewer, context_.access.viewer(db));
  {
    const std::scoped_lock lock(mutex_);
    for (auto kept = composed_.begin(); kept != composed_.end(); ++kept) {
      if ((*kept)->node != id || (*kept)->as_of != as_of || (*kept)->viewer != viewer) continue;
      if ((*kept)->listing.is_momentary && (*kept)->is_over()) continue;
      composed_.splice(composed_.begin(), composed_, kept);
      return composed_.front();
    }
  }
  auto made = std::make_shared<Composed>();
  made->node = id;
  made->as_of = as_of;
  made->viewer = viewer;
  LENSFS_TRY(made->listing, compose(db, at));
  for (std::size_t entry = 0; entry < made->listing.entries().size(); ++entry) {
    made->index.emplace(made->listing.name(made->listing.entries()[entry]), entry);
  }
  const std::scoped_lock lock(mutex_);
  composed_.remove_if(
      [&](const SharedComposed& kept) { return kept->node == id && kept->viewer == viewer; });
  composed_.push_front(made);
  if (composed_.size() > kKeptListings) composed_.pop_back();
  return SharedComposed(std::move(made));
}

Result<Listing> LensView::list(Database& db, NodeId folder) {
  if (folder == NodeId::resolutions) return list_profiles(db);
  LENSFS_TRY(const LensNodes::Known at, nodes_.find(folder));
  LENSFS_TRY(const SharedComposed all, composed(db, folder, *at));
  return all->listing;
}

Result<Listing> LensView::list_profiles(Database& db) {
  Listing listing;
  std::int64_t position = 0;
  for (const Profile& profile : settings_.profiles.all()) {
    LENSFS_TRY(const Found entry, child(db, NodeId::resolutions, profile.name));
    listing.add(profile.name, folder_cookie(++position), entry.node, entry.attributes);
  }
  return listing;
}

Result<Attributes> LensView::file_attributes(Database& db, NodeId node) {
  LENSFS_TRY(const Version version, find_version(db, version_of(node)));
  LENSFS_TRY(const Asset asset, find_asset(db, version.asset));
  if (class_of(node) == NodeClass::outline) {
    LENSFS_TRY(const Outline outline, find_outline(db, outline_of(node)));
    return made_attributes(asset, version, outline);
  }
  LENSFS_TRY(const Rendition rendition, find_rendition(db, rendition_of(node)));
  return made_attributes(asset, version, rendition);
}

Result<Attributes> LensView::attributes(Database& db, NodeId node) {
  if (is_rendition(node)) {
    auto attributes = file_attributes(db, node);
    if (!is_missing(attributes)) return attributes;
    const std::scoped_lock lock(mutex_);
    const auto known = open_.find(node);
    if (known == open_.end()) return fail(Errc::stale);
    return known->second;
  }
  NodeId folder = NodeId::root;
  if (node != NodeId::resolutions) {
    LENSFS_TRY(const LensNodes::Known at, nodes_.find(node));
    folder = at->folder;
  }
  LENSFS_TRY(Attributes attributes, plain_.attributes(db, folder));
  attributes.ino = node;
  return attributes;
}

void LensView::opened(NodeId rendition) {
  {
    const std::scoped_lock lock(mutex_);
    if (open_.contains(rendition)) return;
  }
  const auto db = context_.catalog.read();
  if (!db) return;
  const auto now = attributes(**db, rendition);
  if (!now) return;
  const std::scoped_lock lock(mutex_);
  open_.emplace(rendition, *now);
}

void LensView::closed(NodeId rendition) {
  const std::scoped_lock lock(mutex_);
  open_.erase(rendition);
}

Result<NodeId> LensView::rooted_at(std::string_view profile) {
  if (settings_.profiles.find(profile) == nullptr) return fail(Errc::not_found);
  return nodes_.remember({.profile = std::string(profile), .folder = NodeId::root});
}

}  // namespace lensfs
