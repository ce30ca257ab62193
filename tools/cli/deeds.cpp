#include "tools/cli/deeds.h"

#include <fmt/format.h>
#include <unistd.h>

#include "catalog/model/access_view.h"
#include "catalog/model/search.h"
#include "catalog/model/tag.h"
#include "tools/cli/asset_path.h"

namespace lensfs {
namespace {

// Up to so many are asked for one by one.
constexpr std::uint64_t kFewAssets = 64;

// Empty for what nobody did on purpose.
std::string_view word_for(const Change& change) {
  switch (change.kind) {
    case ChangeKind::asset_added:
      return "added";
    case ChangeKind::version_added:
      return "new-version";
    case ChangeKind::place_added:
      return "placed";
    case ChangeKind::place_removed:
      return "unplaced";
    case ChangeKind::folder_added:
      return "made-folder";
    case ChangeKind::folder_removed:
      return "removed-folder";
    case ChangeKind::project_added:
      return "made-project";
    case ChangeKind::project_removed:
      return "removed-project";
    case ChangeKind::tag_added:
      return "made-term";
    case ChangeKind::tag_removed:
      return "removed-term";
    case ChangeKind::tagged:
      return "tagged";
    case ChangeKind::untagged:
      return "untagged";
    case ChangeKind::field_changed:
      return change.name.empty() ? "" : "field";  // without a name: read from the file
    case ChangeKind::xattr_changed:
      return "attribute";
    case ChangeKind::attributes_changed:
      return "mode";
    case ChangeKind::saved:
      return "saved";
    case ChangeKind::label_changed:
      return "label";
    case ChangeKind::trashed:
      return "trashed";
    case ChangeKind::restored:
      return "restored";
    case ChangeKind::removed:
      return "destroyed";
    case ChangeKind::version_purged:
      return "destroyed-version";
    case ChangeKind::renamed:
      return "renamed";
    case ChangeKind::search_changed:
      return "search";
    case ChangeKind::term_renamed:
      return "renamed-term";
    case ChangeKind::term_links_changed:
      return "term-links";
    case ChangeKind::marker_changed:
      return "markers";
    case ChangeKind::access_changed:
      return "access";
    case ChangeKind::role_changed:
      return "role";
    case ChangeKind::fields_declared:
    case ChangeKind::rendition_ready:
    case ChangeKind::rendition_failed:
    case ChangeKind::rendition_replaced:
      break;
  }
  return "";
}

Deed deed_of(const Change& change) {
  const bool is_known = !change.program.empty();
  const Door door = is_known        ? door_of(change.program)
                    : change.origin ? Door::mount
                                    : Door::command;
  return {.at = change.at,
          .uid = change.actor,
          .door = door,
          .program = change.program,
          .what = word_for(change),
          .asset = change.asset,
          .change = change};
}

// A file that is made on the drive is told of when its name is there and again with its first
// bytes, for those who follow the log; one that was a scratch file comes with the name that makes
// it one.
Status say_once_that_it_came(Database& db, Deed& deed) {
  const ChangeKind kind = deed.change->kind;
  if (kind != ChangeKind::asset_added && kind != ChangeKind::restored) return {};
  LENSFS_TRY(const bool before, came_before(db, *deed.change));
  if (!before) deed.what = word_for({.kind = ChangeKind::asset_added});
  if (before && kind == ChangeKind::asset_added) deed.what = {};
  return {};
}

Deed deed_of(const Use& use) {
  return {.at = use.at,
          .uid = use.uid,
          .door = use.door,
          .program = use.program,
          .what = name_of(use.act),
          .asset = use.asset,
          .use = use};
}

Result<bool> may_see_others(AssetPaths& paths, Database& db) {
  AccessGate& access = paths.tree().access();
  if (access.is_owner(::getuid())) return true;
  LENSFS_TRY(const AccessCaller caller, caller_from(fmt::format("{}", ::getuid())));
  LENSFS_TRY(const AccessBook::View view, access.book().view(db, caller, Clock().now()));
  return view != nullptr && view->of_library() == Right::manage;
}

Result<std::int64_t> uid_of(const std::string& who) {
  const auto caller = caller_from(who);
  if (!caller || !caller->uid) {
    return fail(Error(Errc::usage, "no such user; give a name or a number").with(who));
  }
  return *caller->uid;
}

Result<Moments> moments_of(const Invocation& invocation, std::string_view option) {
  const std::string text = invocation.value(option).value_or("");
  if (const auto moments = moments_from(text)) return *moments;
  return fail(
      Error(Errc::usage, "a date is written as 2026-05-01, 2026-05, today, yesterday or -7d")
          .with(fmt::format("--{} {}", option, text)));
}

// A path of the drive, else a query.
Result<AssetSet> assets_for(const std::string& word, AssetPaths& paths, Database& db) {
  auto at_path = paths.assets_at(word);
  if (at_path || !is_missing(at_path)) return at_path;
  const auto query = parse_query(word);
  if (!query || word.find('/') != std::string::npos) return at_path;
  SqlSets sets;
  LENSFS_TRY(const SharedSet found, evaluate(db, sets, *query));
  return *found;
}

}  // namespace

bool DeedFilter::wants(const Deed& deed) const {
  if (deed.what.empty() || !covers(deed.at) || (uid && deed.uid != *uid)) return false;
  return !assets || (deed.asset && assets->contains(*deed.asset));
}

std::vector<Option> deed_options() {
  return {
      {.name = "project", .help = "only of what is in that project", .value = "NAME"},
      {.name = "person", .help = "only by that user, by name or number", .value = "WHO"},
      {.name = "since", .help = "from then on: 2026-05-01, 2026-05, today, -7d", .value = "DATE"},
      {.name = "until", .help = "until then, the day or month included", .value = "DATE"}};
}

Result<DeedFilter> deed_filter(const Invocation& invocation, Catalog& catalog, AssetPaths& paths) {
  DeedFilter filter;
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  if (const auto who = invocation.value("person")) {
    LENSFS_TRY(filter.uid, uid_of(*who));
  }
  LENSFS_TRY(const bool sees_all, may_see_others(paths, *reader));
  const auto own = static_cast<std::int64_t>(::getuid());
  if (!sees_all && filter.uid.value_or(own) != own) {
    return fail(Error(Errc::denied, "what others did is seen by who may manage the library"));
  }
  if (!sees_all) filter.uid = own;
  if (invocation.has("since")) {
    LENSFS_TRY(const Moments since, moments_of(invocation, "since"));
    filter.since = since.from;
  }
  if (invocation.has("until")) {
    LENSFS_TRY(const Moments until, moments_of(invocation, "until"));
    filter.until = until.until;
  }
  if (!invocation.operands().empty()) {
    LENSFS_TRY(filter.assets, assets_for(invocation.operands().front(), paths, *reader));
  }
  if (const auto name = invocation.value("project")) {
    const auto project = find_project(*reader, *name);
    if (!project) return fail(project.error().with(*name));
    SqlSets sets;
    LENSFS_TRY(const SharedSet in_it, sets.in_project(*reader, project->id));
    if (filter.assets) {
      *filter.assets &= *in_it;
    } else {
      filter.assets = *in_it;
    }
  }
  return filter;
}

Status each_use_deed(Database& db, const DeedFilter& filter, const VisitDeed& visit) {
  const auto take = [&](const Use& use) {
    Deed deed = deed_of(use);
    return !filter.wants(deed) || visit(std::move(deed));
  };
  if (!filter.assets || filter.assets->count() > kFewAssets) {
    return each_use_backward(db, filter.since, filter.until, take);
  }
  Status status;
  filter.assets->each([&](AssetId asset) {
    status = each_use_of(db, asset, take);
    return status.has_value();
  });
  return status;
}

Status each_change_deed(Database& db, const DeedFilter& filter, const VisitDeed& visit) {
  Status said;
  const auto take = [&](const Change& change) {
    if (change.at < filter.since) return false;  // what is older is further on
    Deed deed = deed_of(change);
    if (!filter.wants(deed)) return true;
    said = say_once_that_it_came(db, deed);
    return said && (deed.what.empty() || visit(std::move(deed)));
  };
  if (!filter.assets || filter.assets->count() > kFewAssets) {
    LENSFS_CHECK(each_change_backward(db, take));
    return said;
  }
  Status status;
  filter.assets->each([&](AssetId asset) {
    status = each_change_of(db, asset, take);
    return status && said;
  });
  return status ? said : status;
}

const std::string& DeedWords::person(std::int64_t uid) {
  const auto known = people_.find(uid);
  return known != people_.end() ? known->second
                                : people_.emplace(uid, name_of_user(uid)).first->second;
}

Result<std::string> DeedWords::path_of(AssetId id) {
  LENSFS_TRY(const auto paths, places_.of(db_, id));
  if (!paths.empty()) return paths.front();
  const auto asset = find_asset(db_, id);
  if (asset) return asset->name;
  if (!is_missing(asset)) return fail(asset.error());
  std::string name;  // the last thing that the log says of it
  LENSFS_CHECK(each_change_of(db_, id, [&](const Change& change) {
    if (change.kind == ChangeKind::removed) name = change.name;
    return name.empty();
  }));
  return name.empty() ? fmt::format("asset {}", number(id)) : name;
}

Result<std::string> DeedWords::folder_path(FolderId folder) {
  auto path = lensfs::path_of(db_, folder);
  if (is_missing(path)) return std::string("(a folder that is gone)");
  if (!path) return path;
  return "Projects/" + *path;
}

Result<std::string> DeedWords::object_of(const Deed& deed) {
  if (deed.asset) return path_of(*deed.asset);
  const Change& change = *deed.change;
  if (change.folder) {
    LENSFS_TRY(const std::string path, folder_path(*change.folder));
    return change.name.empty() ? path : path + "/" + change.name;
  }
  if (change.tag) {
    const auto tag = find_tag(db_, *change.tag);
    return tag ? tag->path : change.name;
  }
  return change.name;
}

Result<std::string> DeedWords::detail_of(const Deed& deed) {
  if (deed.use || !deed.asset) return std::string();
  const Change& change = *deed.change;
  if (change.tag) {
    const auto tag = find_tag(db_, *change.tag);
    return tag ? tag->path : std::string("(a term that is gone)");
  }
  if (change.folder) {
    LENSFS_TRY(const std::string at, folder_path(*change.folder));
    LENSFS_TRY(const std::string now, path_of(*deed.asset));
    const std::string then = at + "/" + change.name;
    return then == now ? std::string() : then;
  }
  const bool has_name =
      change.kind == ChangeKind::field_changed || change.kind == ChangeKind::xattr_changed ||
      change.kind == ChangeKind::label_changed || change.kind == ChangeKind::renamed ||
      change.kind == ChangeKind::version_purged;
  return has_name ? change.name : std::string();
}

}  // namespace lensfs
