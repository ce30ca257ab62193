#include "fs/attributes.h"

#include <algorithm>
#include <optional>

#include "catalog/base/text.h"
#include "catalog/model/field.h"
#include "catalog/model/file.h"
#include "catalog/model/history.h"
#include "catalog/model/project.h"
#include "catalog/model/search.h"
#include "catalog/model/sequence.h"
#include "catalog/model/tag.h"
#include "catalog/model/xattr.h"
#include "fs/attribute_name.h"
#include "fs/finder_tags.h"
#include "transcode/client/rendered_file.h"

namespace lensfs {
namespace {

using Meaning = AttributeName::Meaning;

// Subject: what a node's attributes belong to.
struct Subject {
  Owner owner;
  std::optional<Asset> asset;      // a file
  std::optional<Version> version;  // the one the node shows
  // A version that another followed has the tags that the asset had then; nothing: those of today.
  std::optional<Nanoseconds> tags_as_of{};
  AccessBook::View view{};               // what the asker may see; null: everything
  std::optional<Rendition> rendition{};  // the one of the version that the node shows
  std::optional<Outline> outline{};      // the same, of one that is rendered when it is read
  std::optional<Frame> frame{};          // the one of it that the node shows
};

// A file that lost its name still belongs to the asset that it was of.
Result<Asset> asset_of_file(Database& db, FileId file) {
  auto asset = find_asset(db, file);
  if (asset || asset.error().code() != Errc::not_found) return asset;
  LENSFS_TRY(const LostFile lost, find_lost_file(db, file));
  return find_asset(db, lost.asset);
}

Result<Subject> subject_of(Database& db, NodeId node) {
  const auto id = static_cast<std::int64_t>(payload_of(node));
  switch (class_of(node)) {
    case NodeClass::folder:
      return Subject{{OwnerKind::folder, id}, {}, {}};
    case NodeClass::tag:
      return Subject{{OwnerKind::tag, id}, {}, {}};
    case NodeClass::fixed:
      return Subject{{OwnerKind::fixed, id}, {}, {}};
    case NodeClass::path:
    case NodeClass::time:
    case NodeClass::lens:
      return Subject{{OwnerKind::fixed, static_cast<std::int64_t>(node)}, {}, {}};
    case NodeClass::brought:
    case NodeClass::sidecar:
      return fail(Errc::not_supported);
    case NodeClass::file:
    case NodeClass::version:
    case NodeClass::rendition:
    case NodeClass::outline:
    case NodeClass::frame:
    case NodeClass::sequence:
    case NodeClass::past_sequence:
      break;
  }
  if (is_version(node)) {
    LENSFS_TRY(Version version, find_version(db, version_of(node)));
    LENSFS_TRY(Asset asset, find_asset(db, version.asset));
    LENSFS_TRY(const std::optional<Nanoseconds> end, end_of(db, version));
    Subject subject{
        {OwnerKind::asset, number(asset.id)}, std::move(asset), std::move(version), end};
    if (class_of(node) == NodeClass::rendition) {
      LENSFS_TRY(subject.rendition, find_rendition(db, rendition_of(node)));
    }
    if (class_of(node) == NodeClass::outline) {
      LENSFS_TRY(subject.outline, find_outline(db, outline_of(node)));
    }
    if (class_of(node) == NodeClass::frame) {
      LENSFS_TRY(subject.frame, find_frame(db, subject.version->id, frame_of(node)));
    }
    return subject;
  }
  LENSFS_TRY(Asset asset, asset_of_file(db, file_of(node)));
  const Owner owner{OwnerKind::asset, number(asset.id)};
  if (number(asset.version) == 0) return Subject{owner, std::move(asset), {}};
  LENSFS_TRY(Version version, find_version(db, asset.version));
  return Subject{owner, std::move(asset), std::move(version)};
}

// Whose raw attributes a node has. Samba asks for one of each file that it lists.
Result<Owner> owner_of(Database& db, NodeId node) {
  if (class_of(node) == NodeClass::file && !is_version(node)) {
    LENSFS_TRY(const Asset asset, asset_of_file(db, file_of(node)));
    return Owner{OwnerKind::asset, number(asset.id)};
  }
  LENSFS_TRY(const Subject subject, subject_of(db, node));
  return subject.owner;
}

Result<std::vector<Tag>> tags_of(Database& db, const Subject& subject) {
  if (!subject.tags_as_of) return tags_of(db, subject.asset->id);
  LENSFS_TRY(std::vector<Tag> tags, tags_at(db, subject.asset->id, *subject.tags_as_of));
  // Of a term that hides it the asset may have been relieved since; the term is as hidden as
  // before.
  std::erase_if(tags, [&](const Tag& tag) {
    return subject.view != nullptr && subject.view->of_tag(tag.id) == Right::none;
  });
  return tags;
}

Result<std::string> joined_tags(Database& db, const Subject& subject) {
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(db, subject));
  if (tags.empty()) return fail(Errc::no_attribute);
  std::string text;
  for (const Tag& tag : tags) {
    if (!text.empty()) text += ',';
    text += tag.path;
  }
  return text;
}

// Samba makes a stream empty and then reads it to write into it. So one that says of no tags is
// kept as it is, for as long as there are none.
constexpr std::string_view kEmptyStream{"\0", 1};

bool is_empty_stream(const AttributeName& name, std::string_view value) {
  return name.meaning == Meaning::finder_stream && (value.empty() || value == kEmptyStream);
}

Status forget_empty_stream(Transaction& txn, const Actor& actor, const Owner& owner) {
  const auto kept = find_xattr(txn.db(), owner, kFinderTagsStream);
  if (kept) return remove_xattr(txn, actor, owner, kFinderTagsStream);
  return kept.error().code() == Errc::no_attribute ? Status() : Status(fail(kept.error()));
}

Result<std::string> finder_tags_of(Database& db, const Subject& subject, Meaning as) {
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(db, subject));
  if (tags.empty() && as == Meaning::finder_stream) {
    return find_xattr(db, subject.owner, kFinderTagsStream);
  }
  if (tags.empty()) return fail(Errc::no_attribute);
  LENSFS_TRY(const std::vector<FinderTag> shown, with_colours(db, tags));
  std::string bytes = write_finder_tags(shown);
  if (as == Meaning::finder_stream) bytes += '\0';
  return bytes;
}

// Five stars are ten halves; one that was rejected has none.
std::string half_stars_of(std::string_view stars) {
  const double rating = number_from<double>(stars).value_or(0);
  return std::to_string(static_cast<int>(std::max(0.0, rating) * 2));
}

Result<std::string> stars_of(std::string_view half_stars) {
  const auto halves = number_from<int>(half_stars);
  if (!halves || *halves < 0 || *halves > 10) {
    return fail(Errc::invalid, "a rating here is 0 to 10 half stars");
  }
  return std::to_string(*halves / 2) + (*halves % 2 == 0 ? "" : ".5");
}

std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> terms;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view term = text.substr(0, comma);
    const std::size_t from = term.find_first_not_of(" \t\n");
    if (from != std::string_view::npos) terms.emplace_back(term.substr(from));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return terms;
}

// "state.720p": how far a rendition of the version is.
constexpr std::string_view kStatePrefix = "state.";

Result<std::string> rendition_state(Tree& tree, Database& db, const Subject& subject,
                                    std::string_view name) {
  const Profile* const profile = tree.lens().settings().profiles.find(name);
  if (profile == nullptr) return fail(Errc::no_attribute);
  LENSFS_TRY(const auto recipe, recipe_for(db, *profile, *subject.asset, subject.asset->name));
  if (!recipe) return std::string("none");
  LENSFS_TRY(const Standing standing, standing_of(db, subject.version->object, *recipe));
  std::string state = "pending";
  if (standing.ready) state = "ready";
  if (standing.has_failed()) state = "failed: " + standing.job->error.value_or("");
  if (standing.outline) state = "virtual";
  const auto refusal = tree.lens().why_refused(subject.version->object, *recipe);
  return refusal ? state + "; what was brought was refused: " + *refusal : state;
}

// "why.<query>": what is wrong with a query, for who typed it as a folder.
constexpr std::string_view kWhyPrefix = "why.";

Result<std::string> why_refused(std::string_view query) {
  const auto parsed = parse_query(query);
  if (parsed) return fail(Errc::no_attribute);
  return parsed.error().message();
}

Result<std::string> computed(Tree& tree, Database& db, const Subject& subject,
                             std::string_view key) {
  if (key == "library") return tree.catalog().path().string();
  if (key == "colour" && subject.owner.kind == OwnerKind::tag) {
    return find_xattr(db, subject.owner, "user.lensfs.colour");
  }
  if (key.starts_with(kWhyPrefix)) return why_refused(key.substr(kWhyPrefix.size()));
  if (!subject.asset) return fail(Errc::no_attribute);
  if (key == "id") return base32_id(number(subject.asset->id));
  if (key == "kind") return subject.asset->kind;
  if (key == "name") return subject.asset->name;
  if (key == "state") return std::string(subject.asset->draft ? "writing" : "ready");
  if (!subject.version) return fail(Errc::no_attribute);  // nothing was saved yet
  if (key == "version") return std::to_string(subject.version->number);
  if (key == "author") return subject.version->author;
  if (key == "hash") {
    LENSFS_TRY(const ObjectKey object, subject.rendition ? object_of(db, *subject.rendition)
                                       : subject.frame   ? object_of(db, *subject.frame)
                                                         : object_of(db, subject.version->id));
    return to_hex(object.id);
  }
  if (key == "recipe" && subject.rendition) {
    return recipe_text(db, subject.rendition->recipe);
  }
  if (key == "recipe" && subject.outline) return recipe_text(db, subject.outline->recipe);
  if (key == "damaged" && subject.outline) {
    LENSFS_TRY(std::string slots, damage_in(tree.catalog().path(), number(subject.outline->id)));
    return slots.empty() ? Result<std::string>(fail(Errc::no_attribute)) : slots;
  }
  if (key.starts_with(kStatePrefix)) {
    return rendition_state(tree, db, subject, key.substr(kStatePrefix.size()));
  }
  return fail(Errc::no_attribute);
}

bool is_computed(std::string_view key) {
  constexpr std::string_view kKnown[] = {"library", "id",   "version", "kind",    "name",  "author",
                                         "state",   "hash", "recipe",  "damaged", "colour"};
  if (key.starts_with(kWhyPrefix)) return true;
  if (key.starts_with(kStatePrefix)) return true;
  return std::find(std::begin(kKnown), std::end(kKnown), key) != std::end(kKnown);
}

// Whether the attribute is there now: for create and replace, and for remove.
Result<bool> is_set(Database& db, const Subject& subject, const AttributeName& name) {
  if (name.meaning == Meaning::raw) {
    const auto value = find_xattr(db, subject.owner, name.key);
    if (value) return true;
    if (value.error().code() == Errc::no_attribute) return false;
    return fail(value.error());
  }
  if (!subject.asset) return false;
  if (name.meaning == Meaning::field || name.meaning == Meaning::half_stars) {
    const auto field = find_field(db, subject.asset->id, name.key);
    return field.has_value();
  }
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(db, subject));
  if (name.meaning != Meaning::tag) return !tags.empty();
  const auto wanted = find_tag(db, name.key);  // by a synonym, too
  if (!wanted) return is_missing(wanted) ? Result<bool>(false) : fail(wanted.error());
  return std::any_of(tags.begin(), tags.end(),
                     [&](const Tag& tag) { return tag.id == wanted->id; });
}

Status check_mode(Database& db, const Subject& subject, const AttributeName& name, SetMode mode) {
  if (mode == SetMode::any) return {};
  LENSFS_TRY(const bool set, is_set(db, subject, name));
  if (set && mode == SetMode::create) return fail(Errc::exists);
  if (!set && mode == SetMode::replace) return fail(Errc::no_attribute);
  return {};
}

// The assets that a tag or field set on a folder is for.
Result<std::vector<Asset>> assets_below(Database& db, FolderId folder) {
  std::vector<Asset> assets;
  std::vector<FolderId> open = {folder};
  while (!open.empty()) {
    const FolderId at = open.back();
    open.pop_back();
    LENSFS_CHECK(
        each_place(db, at, [&](PlacedAsset placed) { assets.push_back(std::move(placed.asset)); }));
    LENSFS_TRY(const std::vector<Folder> below, subfolders_of(db, at));
    for (const Folder& sub : below) open.push_back(sub.id);
  }
  return assets;
}

Result<std::vector<Asset>> assets_tagged(Database& db, TagId tag) {
  SqlSets sets;
  LENSFS_TRY(const SharedSet members, tagged_below(db, sets, tag));
  std::vector<Asset> assets;
  Status status;
  members->each([&](AssetId id) {
    auto asset = find_asset(db, id);
    if (asset)
      assets.push_back(*std::move(asset));
    else
      status = fail(asset.error());
    return status.has_value();
  });
  if (!status) return fail(status.error());
  return assets;
}

Result<std::vector<Asset>> meant_assets(Database& db, const Subject& subject) {
  if (subject.asset) return std::vector<Asset>{*subject.asset};
  if (subject.owner.kind == OwnerKind::folder) {
    return assets_below(db, static_cast<FolderId>(subject.owner.id));
  }
  if (subject.owner.kind == OwnerKind::tag) {
    return assets_tagged(db, static_cast<TagId>(subject.owner.id));
  }
  return fail(Errc::not_supported);
}

// Who changes a folder's or term's members changes those that they see, if they may change all of
// these.
Status allow_changes(Tree& tree, Database& db, std::vector<Asset>& assets) {
  LENSFS_TRY(const AccessBook::View view, tree.access().view(db));
  if (view == nullptr) return {};
  std::erase_if(assets,
                [&](const Asset& asset) { return view->of_asset(asset.id) == Right::none; });
  const bool all = std::all_of(assets.begin(), assets.end(), [&](const Asset& asset) {
    return view->of_asset(asset.id) >= Right::write;
  });
  return all ? Status() : fail(Errc::denied);
}

Status set_on_asset(Transaction& txn, const Actor& actor, const Asset& asset,
                    const AttributeName& name, std::string_view value) {
  switch (name.meaning) {
    case Meaning::tags:
      return replace_tags(txn, actor, asset, split_tags(value));
    case Meaning::tag: {
      LENSFS_TRY([[maybe_unused]] const bool added, add_tag(txn, actor, asset, name.key));
      return {};
    }
    case Meaning::finder_tags:
    case Meaning::finder_stream: {
      LENSFS_TRY(const std::vector<FinderTag> tags, read_finder_tags(value));
      return replace_finder_tags(txn, actor, asset, tags);
    }
    case Meaning::half_stars: {
      LENSFS_TRY(const std::string stars, stars_of(value));
      return set_field(txn, actor, asset, name.key, stars);
    }
    case Meaning::field:
      return set_field(txn, actor, asset, name.key, value);
    case Meaning::computed:
    case Meaning::raw:
      break;
  }
  return fail(Errc::invalid);
}

Status remove_from_asset(Transaction& txn, const Actor& actor, const Asset& asset,
                         const AttributeName& name) {
  switch (name.meaning) {
    case Meaning::tags:
    case Meaning::finder_tags:
    case Meaning::finder_stream:
      return replace_tags(txn, actor, asset, {});
    case Meaning::tag: {
      LENSFS_TRY([[maybe_unused]] const bool removed, remove_tag(txn, actor, asset, name.key));
      return {};
    }
    case Meaning::half_stars:
    case Meaning::field: {
      const Status removed = remove_field(txn, actor, asset, name.key);
      if (!removed && removed.error().code() == Errc::no_attribute) return {};
      return removed;
    }
    case Meaning::computed:
    case Meaning::raw:
      break;
  }
  return fail(Errc::invalid);
}

Status check_writable(NodeId node, const AttributeName& name) {
  if (is_through_lens(node)) return fail(Errc::read_only);
  if (name.meaning != Meaning::computed) return {};
  return fail(is_computed(name.key) ? Errc::not_permitted : Errc::invalid);
}

}  // namespace

Result<std::string> get_attribute(Tree& tree, NodeId node, std::string_view name) {
  LENSFS_TRY(const AttributeName parsed, parse_attribute_name(name));
  // The hash tells what the bytes are.
  const bool tells_bytes = parsed.meaning == Meaning::computed && parsed.key == "hash";
  LENSFS_CHECK(tree.allow(node, !tells_bytes         ? Right::list
                                : is_rendition(node) ? Right::proxy
                                                     : Right::read));
  LENSFS_TRY(const auto db, tree.catalog().snapshot());
  if (parsed.meaning == Meaning::raw) {
    LENSFS_TRY(const Owner owner, owner_of(*db, node));
    return find_xattr(*db, owner, parsed.key);
  }
  LENSFS_TRY(Subject subject, subject_of(*db, node));
  LENSFS_TRY(subject.view, tree.access().view(*db));
  if (parsed.meaning == Meaning::computed) return computed(tree, *db, subject, parsed.key);
  if (!subject.asset) return fail(Errc::no_attribute);
  if (parsed.meaning == Meaning::tags) return joined_tags(*db, subject);
  if (parsed.meaning == Meaning::tag) {
    LENSFS_TRY(const bool set, is_set(*db, subject, parsed));
    if (!set) return fail(Errc::no_attribute);
    return std::string("1");
  }
  if (parsed.meaning == Meaning::finder_tags || parsed.meaning == Meaning::finder_stream) {
    return finder_tags_of(*db, subject, parsed.meaning);
  }
  auto field = find_field(*db, subject.asset->id, parsed.key);
  if (!field) {
    const Errc code = field.error().code();
    return fail(code == Errc::not_found ? Errc::no_attribute : code);
  }
  return parsed.meaning == Meaning::half_stars ? half_stars_of(field->value)
                                               : std::move(field->value);
}

Result<std::vector<std::string>> list_attributes(Tree& tree, NodeId node) {
  LENSFS_CHECK(tree.allow(node, Right::list));
  LENSFS_TRY(const auto db, tree.catalog().snapshot());
  LENSFS_TRY(Subject subject, subject_of(*db, node));
  LENSFS_TRY(subject.view, tree.access().view(*db));
  LENSFS_TRY(std::vector<std::string> names, xattr_names(*db, subject.owner));
  if (!subject.asset) return names;
  LENSFS_TRY(const std::vector<Tag> tags, tags_of(*db, subject));
  if (!tags.empty()) {
    names.erase(std::remove(names.begin(), names.end(), kFinderTagsStream), names.end());
    names.emplace_back(kTagsAttribute);
    names.emplace_back(kFinderTagsStream);
  }
  LENSFS_TRY(const std::vector<Field> fields, fields_of(*db, subject.asset->id));
  for (const Field& field : fields) {
    // Each name costs a network client a request: what a file says of itself is answered only.
    if (field.source != name_of(FieldSource::file)) names.push_back(attribute_of_field(field.key));
  }
  return names;
}

Status set_attribute(Tree& tree, const Asking& asking, NodeId node, std::string_view name,
                     std::string_view value, SetMode mode) {
  LENSFS_TRY(const AttributeName parsed, parse_attribute_name(name));
  LENSFS_CHECK(tree.allow(node, Right::write));
  LENSFS_CHECK(check_writable(node, parsed));
  if (value.size() > kXattrValueLimit) return fail(Errc::too_big);
  return tree.edit(asking, [&](Editing& editing) -> Status {
    Transaction& txn = editing.txn;
    LENSFS_TRY(const Subject subject, subject_of(txn.db(), node));
    LENSFS_CHECK(check_mode(txn.db(), subject, parsed, mode));
    if (parsed.meaning == Meaning::raw) {
      if (class_of(node) == NodeClass::path) return fail(Errc::not_supported);
      return set_xattr(txn, asking.actor, subject.owner, parsed.key, value);
    }
    LENSFS_TRY(std::vector<Asset> assets, meant_assets(txn.db(), subject));
    LENSFS_CHECK(allow_changes(tree, txn.db(), assets));
    for (const Asset& asset : assets) {
      LENSFS_CHECK(set_on_asset(txn, asking.actor, asset, parsed, value));
    }
    if (!subject.asset || parsed.meaning != Meaning::finder_stream) return {};
    LENSFS_CHECK(forget_empty_stream(txn, asking.actor, subject.owner));
    if (!is_empty_stream(parsed, value)) return {};
    return set_xattr(txn, asking.actor, subject.owner, kFinderTagsStream, kEmptyStream);
  });
}

Status remove_attribute(Tree& tree, const Asking& asking, NodeId node, std::string_view name) {
  LENSFS_TRY(const AttributeName parsed, parse_attribute_name(name));
  LENSFS_CHECK(tree.allow(node, Right::write));
  LENSFS_CHECK(check_writable(node, parsed));
  return tree.edit(asking, [&](Editing& editing) -> Status {
    Transaction& txn = editing.txn;
    LENSFS_TRY(const Subject subject, subject_of(txn.db(), node));
    if (parsed.meaning == Meaning::raw) {
      return remove_xattr(txn, asking.actor, subject.owner, parsed.key);
    }
    if (subject.asset) {
      LENSFS_TRY(const bool set, is_set(txn.db(), subject, parsed));
      if (parsed.meaning == Meaning::finder_stream && !set) {
        return remove_xattr(txn, asking.actor, subject.owner, kFinderTagsStream);
      }
      if (!set) return fail(Errc::no_attribute);
    }
    LENSFS_TRY(std::vector<Asset> assets, meant_assets(txn.db(), subject));
    LENSFS_CHECK(allow_changes(tree, txn.db(), assets));
    for (const Asset& asset : assets) {
      LENSFS_CHECK(remove_from_asset(txn, asking.actor, asset, parsed));
    }
    return {};
  });
}

}  // namespace lensfs
