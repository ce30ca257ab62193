// How one gets at a lens of time: /Versions, ".versions", "@<when>", "clip@v3.mov"; and the history
// of one file.
#include "catalog/base/text.h"
#include "catalog/model/label.h"
#include "fs/view_time.h"

namespace lensfs {
namespace {

using Kind = TimeNode::Kind;

// Clients of Samba read all tokens before they show any.
constexpr std::int64_t kMostMoments = 512;

bool is_folder_in_time(Kind kind) {
  return kind != Kind::versions && kind != Kind::history;
}

// The folder of today that a folder in time is a view of.
NodeId folder_today(const TimeNode& node) {
  switch (node.kind) {
    case Kind::projects:
      return NodeId::projects;
    case Kind::folder:
      return node_of(static_cast<FolderId>(node.row));
    case Kind::tags:
      return NodeId::tags;
    case Kind::term:
      return node_of(static_cast<TagId>(node.row));
    case Kind::library:
    case Kind::versions:
    case Kind::history:
      break;
  }
  return NodeId::root;
}

Result<AssetId> asset_of(Database& db, NodeId file) {
  if (class_of(file) == NodeClass::file) {
    LENSFS_TRY(const Asset asset, find_asset(db, file_of(file)));
    return asset.id;
  }
  if (class_of(file) != NodeClass::version) return fail(Errc::not_found);
  LENSFS_TRY(const Version version, find_version(db, version_of(file)));
  return version.asset;
}

std::string_view extension_of(const Asset& asset) {
  return split_name(asset.name).extension;
}

}  // namespace

bool TimeView::may_be_lens(std::string_view name) {
  return name == kVersionsName || name.starts_with('@') || selected_version(name).has_value();
}

// --- the ways in

Result<TimeNode> TimeView::through(Database& db, NodeId folder, const When& when) {
  switch (class_of(folder)) {
    case NodeClass::folder: {
      LENSFS_CHECK(folder_at(db, folder_of(folder), moment_of(when)));
      return TimeNode{.kind = Kind::folder, .row = number(folder_of(folder)), .when = when};
    }
    case NodeClass::tag: {
      LENSFS_CHECK(tag_at(db, tag_of(folder), moment_of(when)));
      return TimeNode{.kind = Kind::term, .row = number(tag_of(folder)), .when = when};
    }
    case NodeClass::time: {
      LENSFS_TRY(const TimeNodes::Known known, nodes_.find(folder));
      if (!is_folder_in_time(known->kind)) return fail(Errc::not_found);
      return through(db, folder_today(*known), when);
    }
    case NodeClass::fixed:
      break;
    case NodeClass::file:
    case NodeClass::version:
    case NodeClass::path:
    case NodeClass::lens:
    case NodeClass::rendition:
    case NodeClass::outline:
    case NodeClass::brought:
    case NodeClass::sidecar:
    case NodeClass::frame:
    case NodeClass::sequence:
    case NodeClass::past_sequence:
      return fail(Errc::not_found);
  }
  if (folder == NodeId::root) return TimeNode{.kind = Kind::library, .when = when};
  if (folder == NodeId::projects) return TimeNode{.kind = Kind::projects, .when = when};
  if (folder == NodeId::tags) return TimeNode{.kind = Kind::tags, .when = when};
  return fail(Errc::not_found);
}

Result<Found> TimeView::lens(Database& db, NodeId folder, std::string_view name) {
  if (name == kVersionsName) {
    NodeId of = folder;
    if (class_of(folder) == NodeClass::time) {
      LENSFS_TRY(const TimeNodes::Known known, nodes_.find(folder));
      if (!is_folder_in_time(known->kind)) return fail(Errc::not_found);
      of = folder_today(*known);
    }
    if (of == NodeId::search || of == NodeId::versions || of == NodeId::trash) {
      return fail(Errc::not_found);
    }
    return found(db, {.kind = Kind::versions, .row = static_cast<std::int64_t>(of)},
                 Keep::until_told);
  }
  if (name.starts_with('@')) {
    LENSFS_TRY(const TypedWhen typed, typed_when(db, name.substr(1)));
    LENSFS_TRY(const TimeNode node, through(db, folder, typed.when));
    return found(db, node, typed.keep);
  }
  const auto selected = selected_version(name);
  if (!selected) return fail(Errc::not_found);
  LENSFS_TRY(const AssetId id, asset_named(db, folder, selected->name));
  LENSFS_TRY(const Version version, find_version(db, id, selected->number));
  LENSFS_TRY(const Asset asset, find_asset(db, id));
  return found_file(asset, version, Keep::no);
}

Result<AssetId> TimeView::asset_named(Database& db, NodeId folder, std::string_view name) {
  LENSFS_TRY(const Found file, find_(db, folder, name));
  return asset_of(db, file.node);
}

// --- /Versions

Result<Found> TimeView::labelled_library(Database& db, std::string_view name) {
  if (name.starts_with('@')) name.remove_prefix(1);
  LENSFS_TRY(const TypedWhen typed, typed_when(db, name));
  return found(db, {.kind = Kind::library, .when = typed.when}, typed.keep);
}

Result<Listing> TimeView::list_labels(Database& db) {
  Listing listing;
  LENSFS_TRY(const std::vector<std::string> labels, all_labels(db));
  std::int64_t position = 0;
  for (const std::string& label : labels) {
    LENSFS_TRY(const AssetSet labelled, labelled_assets(db, label));
    LENSFS_TRY(const SharedSet seen,
               context_.sets.seen(db, std::make_shared<const AssetSet>(labelled)));
    if (seen->empty() && !labelled.empty()) continue;
    LENSFS_TRY(const Found entry,
               found(db, {.kind = Kind::library, .when = {.at = 0, .label = label}}, Keep::no));
    listing.add(label, folder_cookie(++position), entry.node, entry.attributes, entry.keep);
  }
  return listing;
}

// --- .versions

Result<Found> TimeView::child_of_versions(Database& db, const TimeNode& at, std::string_view name) {
  const auto folder = static_cast<NodeId>(at.row);
  if (name.starts_with('@')) {
    LENSFS_TRY(const TypedWhen typed, typed_when(db, name.substr(1)));
    LENSFS_TRY(const TimeNode node, through(db, folder, typed.when));
    return found(db, node, typed.keep);
  }
  auto id = asset_named(db, folder, name);
  if (!id && id.error().code() == Errc::not_found && class_of(folder) == NodeClass::folder) {
    id = last_asset_at(db, folder_of(folder), name);  // of a file that was deleted, too
  }
  if (!id) return fail(id.error());
  return found(db, {.kind = Kind::history, .row = number(*id)}, Keep::no);
}

Result<Listing> TimeView::list_moments(Database& db, const TimeNode& at) {
  const auto folder = static_cast<NodeId>(at.row);
  std::vector<std::int64_t> seconds;
  LENSFS_TRY(const AccessBook::View view, context_.access.view(db));
  const AssetSet* const hidden = view == nullptr ? nullptr : &view->hidden();
  if (class_of(folder) == NodeClass::folder) {
    LENSFS_TRY(seconds, moments_of(db, folder_of(folder), kMostMoments, hidden));
  } else if (class_of(folder) == NodeClass::tag) {
    LENSFS_TRY(SharedSet members, tagged_below(db, context_.sets, tag_of(folder)));
    LENSFS_TRY(members, context_.sets.seen(db, std::move(members)));
    LENSFS_TRY(seconds, moments_of(db, *members, kMostMoments));
  } else if (class_of(folder) == NodeClass::fixed) {
    LENSFS_TRY(seconds, moments_of_all(db, kMostMoments, hidden));
  }
  Listing listing;
  std::int64_t position = 0;
  for (const std::int64_t second : seconds) {
    const std::string token = gmt_token(second);
    const auto entry = child_of_versions(db, at, token);
    if (!entry && entry.error().code() == Errc::not_found) continue;  // not there yet
    if (!entry) return fail(entry.error());
    listing.add(token, folder_cookie(++position), entry->node, entry->attributes, entry->keep);
  }
  return listing;
}

// --- .versions/<name>

Result<Found> TimeView::child_of_history(Database& db, const TimeNode& at, std::string_view name) {
  const auto typed = number_in(name);
  if (!typed) return fail(Errc::not_found);
  LENSFS_TRY(const Asset asset, find_asset(db, static_cast<AssetId>(at.row)));
  LENSFS_TRY(const Version version, find_version(db, asset.id, *typed));
  const std::string_view extension = extension_of(asset);
  const std::string_view rest = name.substr(std::min(name.find_first_of(" ."), name.size()));
  if (!rest.empty() && rest != extension && name != name_of(version, extension)) {
    return fail(Errc::not_found);
  }
  return found_file(asset, version, Keep::until_told);
}

Result<Listing> TimeView::list_history(Database& db, const TimeNode& at) {
  auto asset = find_asset(db, static_cast<AssetId>(at.row));
  if (!asset && asset.error().code() == Errc::not_found) return fail(Errc::stale);  // purged
  if (!asset) return fail(asset.error());
  LENSFS_TRY(const std::vector<Version> versions, versions_of(db, asset->id));
  Listing listing;
  for (const Version& version : versions) {
    listing.add(name_of(version, extension_of(*asset)), file_cookie(version.number),
                node_of(version.id), lensfs::attributes_of(*asset, version));
  }
  return listing;
}

}  // namespace lensfs
