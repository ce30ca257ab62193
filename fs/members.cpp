#include "fs/members.h"

#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/search.h"

namespace lensfs {
namespace {

Result<SharedSet> base_set(Database& db, CachedSets& sets, const ResultFolder& folder) {
  if (folder.base == ResultFolder::Base::tag) {
    LENSFS_TRY(const Tag tag, find_tag(db, folder.text));
    return tagged_below(db, sets, tag.id);
  }
  LENSFS_TRY(const Query query, parse_query(folder.text));
  return evaluate(db, sets, query);
}

Result<SharedSet> narrowed_set(Database& db, CachedSets& sets, const ResultFolder& folder) {
  LENSFS_TRY(SharedSet set, base_set(db, sets, folder));
  for (const auto& filter : folder.filters) {
    LENSFS_TRY(const SharedSet narrow, facet_set(db, sets, filter.facet, filter.value));
    auto both = std::make_shared<AssetSet>(*set);
    *both &= *narrow;
    set = std::move(both);
  }
  return set;
}

bool asks(const ResultFolder& folder, bool (*looks)(const Query&)) {
  if (folder.base != ResultFolder::Base::search) return false;
  const auto query = parse_query(folder.text);
  return query && looks(*query);
}

}  // namespace

bool shows_by_files(const ResultFolder& folder) {
  return asks(folder,
              [](const Query& query) { return looks_at_files(query) || looks_at_uses(query); });
}

bool shows_by_uses(const ResultFolder& folder) {
  return asks(folder, looks_at_uses);
}

bool shows_for_once(const ViewContext& context, const ResultFolder& folder) {
  return shows_by_uses(folder) || (context.access.is_active() && asks(folder, looks_at_content));
}

Result<SharedSet> members_of(Database& db, CachedSets& sets, const ResultFolder& folder) {
  PathNode key;
  key.folder = folder.canonical();
  // What depends on sizes and times is as new as its terms, each of which is kept.
  if (shows_by_files(folder)) {
    LENSFS_TRY(SharedSet now, narrowed_set(db, sets, folder));
    return sets.seen(db, std::move(now));
  }
  std::string name = "folder " + key.spec();
  if (asks(folder, looks_at_content)) {
    LENSFS_TRY(const Veil veil, sets.veil(db));
    name += veil.suffix();
  }
  LENSFS_TRY(SharedSet all,
             sets.composed(db, name, [&] { return narrowed_set(db, sets, folder); }));
  return sets.seen(db, std::move(all));
}

Status check_facet_value(Database& db, ViewContext& context, const ResultFolder::Filter& filter) {
  LENSFS_TRY(SharedSet all, facet_set(db, context.sets, filter.facet, filter.value));
  LENSFS_TRY(const std::uint64_t viewer, context.access.viewer(db));
  if (viewer == 0) return {};
  // A value that only hidden assets have is one that nothing has, a project's name included.
  LENSFS_TRY(const SharedSet seen, context.sets.seen(db, std::move(all)));
  return seen->empty() ? Status(fail(Errc::not_found, "nothing has this value")) : Status();
}

Status check_facet(Database& db, ViewContext& context, const AssetSet& members,
                   std::string_view facet) {
  LENSFS_TRY(const std::vector<FacetValue> values, facet_values(db, context.sets, members, facet));
  LENSFS_TRY(const std::uint64_t viewer, context.access.viewer(db));
  const bool is_built_in =
      facet == "tag" || facet == "project" || facet == "kind" || facet == "ext";
  if (viewer == 0 || is_built_in || !values.empty()) return {};
  return fail(Errc::not_found, "no such facet");
}

namespace {

// Whoever shows under the bare name of this spelling or one like it: the oldest member. Nobody
// where the folder itself has an entry of that name.
Result<std::optional<Asset>> holder_of(Database& db, const AssetSet& members,
                                       const TakenNames& taken, const std::string& key) {
  if (taken.contains(key)) return std::optional<Asset>();
  LENSFS_TRY(std::vector<Asset> namesakes, assets_by_name_key(db, key));
  for (Asset& asset : namesakes) {
    if (members.contains(asset.id)) return std::optional(std::move(asset));
  }
  return std::optional<Asset>();
}

}  // namespace

Result<Asset> find_member(Database& db, const AssetSet& members, const TakenNames& taken,
                          std::string_view name) {
  LENSFS_TRY(auto holder, holder_of(db, members, taken, fold_name(name)));
  if (holder && holder->name == name) return *std::move(holder);
  const auto id = id_in_suffixed_name(name);
  if (!id || !members.contains(static_cast<AssetId>(*id))) return fail(Errc::not_found);
  LENSFS_TRY(Asset asset, find_asset(db, static_cast<AssetId>(*id)));
  if (suffixed_name(asset.name, *id) != name) return fail(Errc::not_found);
  return asset;
}

Result<std::string> member_name(Database& db, const AssetSet& members, const TakenNames& taken,
                                const Asset& member) {
  LENSFS_TRY(const auto holder, holder_of(db, members, taken, member.name_key));
  const bool is_bare = holder && holder->id == member.id;
  return is_bare ? member.name : suffixed_name(member.name, number(member.id));
}

Result<std::vector<std::string>> subclips_in(Database& db, CachedSets& sets,
                                             const ResultFolder& folder) {
  std::vector<std::string> names;
  if (folder.base != ResultFolder::Base::search) return names;
  LENSFS_TRY(const Query query, parse_query(folder.text));
  LENSFS_TRY(const SharedSet members, members_of(db, sets, folder));
  LENSFS_TRY(const std::vector<Marker> markers, markers_found(db, query, *members));
  for (const Marker& marker : markers) {
    if (marker.frames == 0) continue;  // a point is no clip
    LENSFS_TRY(const Asset asset, find_asset(db, marker.asset));
    LENSFS_TRY(const std::string name, member_name(db, *members, {"+"}, asset));
    LENSFS_TRY(const FrameClock clock, clock_of(db, asset.id));
    names.push_back(subclip_name(clock, name, marker));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Status list_members(Database& db, const AssetSet& members, const Drafts* drafts, TakenNames taken,
                    Listing& into) {
  std::vector<AssetId> ids;
  ids.reserve(members.count());
  taken.reserve(taken.size() + members.count());
  members.each([&](AssetId id) {
    ids.push_back(id);
    return true;
  });
  // A listing that goes over many statements is of one snapshot, the caller's.
  return each_listed_asset(db, ids, [&](const ListedAsset& listed) {
    const bool bare = taken.emplace(listed.name_key).second;
    const std::string suffixed = bare ? "" : suffixed_name(listed.name, number(listed.id));
    into.add(bare ? listed.name : suffixed, file_cookie(number(listed.id)),
             node_of(listed.file.file), attributes_of(listed.file, drafts));
  });
}

}  // namespace lensfs
