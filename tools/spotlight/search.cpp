#include "tools/spotlight/search.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <set>
#include <unordered_map>

#include "catalog/model/access_book.h"
#include "catalog/model/profile.h"
#include "catalog/model/search.h"
#include "catalog/model/tag.h"
#include "fs/node_id.h"
#include "tools/cli/place_paths.h"
#include "tools/spotlight/acting_as.h"
#include "tools/spotlight/translate.h"

namespace lensfs {
namespace {

// So many paths are looked at for one search, readable or not.
constexpr std::size_t kMostLooks = 5000;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// Names of a folder and their numbers; nothing of one that cannot be read.
std::vector<std::pair<std::string, NodeId>> entries_of(const std::string& folder) {
  std::vector<std::pair<std::string, NodeId>> entries;
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.c_str()));
  if (open == nullptr) return entries;
  while (const dirent* entry = ::readdir(open.get())) {
    entries.emplace_back(entry->d_name, static_cast<NodeId>(entry->d_ino));
  }
  return entries;
}

// LensNames: what folders list through a lens. Only that is there already; a name that is looked up
// would be made.
class LensNames {
 public:
  // The path of what a folder shows for the file that has this path without a lens; empty: none.
  std::string shown(const std::string& path) {
    const std::size_t end = path.rfind('/') + 1;
    const std::string folder = path.substr(0, end);
    const std::string name = path.substr(end);
    const std::set<std::string>& listed = names_of(folder);
    if (listed.count(name) != 0) return path;
    for (const std::string& possible : possible_names(name)) {
      if (listed.count(possible) != 0) return folder + possible;
    }
    return "";
  }

 private:
  const std::set<std::string>& names_of(const std::string& folder) {
    const auto [at, is_new] = names_.try_emplace(folder);
    if (is_new) {
      for (auto& [name, node] : entries_of(folder)) at->second.insert(std::move(name));
    }
    return at->second;
  }

  std::unordered_map<std::string, std::set<std::string>> names_;
};

// What lies in projects has a path for each of its places.
Result<std::vector<std::string>> places_in(Database& db, const SharedFolder& folder,
                                           const AssetSet& found) {
  std::vector<std::string> all;
  PlacePaths places;
  Status status;
  const std::string within = folder.below.empty() ? "" : folder.below + "/";
  found.each([&](AssetId id) {
    const auto paths = places.of(db, id);
    if (!paths) {
      status = fail(paths.error());
      return false;
    }
    for (const std::string& place : *paths) {
      if (place.starts_with(within)) all.push_back(folder.root + "/" + place);
    }
    return all.size() < kMostLooks;
  });
  if (!status) return fail(status.error());
  return all;
}

// A term and a search call what they show as they list it; the number says which asset it is.
Result<std::vector<std::string>> members_in(Database& db, const SharedFolder& folder,
                                            const AssetSet& found, uid_t asker) {
  std::vector<std::pair<std::string, NodeId>> entries;
  {
    LENSFS_TRY(const ActingAs acting, ActingAs::user(asker));
    entries = entries_of(folder.path());
  }
  std::vector<std::string> all;
  for (const auto& [name, node] : entries) {
    if (class_of(node) != NodeClass::file && class_of(node) != NodeClass::sequence) continue;
    const auto asset = find_asset(db, file_of(node));
    if (!asset && !is_missing(asset)) return fail(asset.error());
    if (asset && found.contains(asset->id)) all.push_back(folder.path() + "/" + name);
    if (all.size() >= kMostLooks) break;
  }
  return all;
}

// Those that the asker may read, under the names that they have there.
Result<std::vector<std::string>> readable(std::vector<std::string> paths,
                                          const SharedFolder& folder, uid_t asker) {
  LENSFS_TRY(const ActingAs acting, ActingAs::user(asker));
  LensNames lens;
  std::vector<std::string> hits;
  for (std::string& path : paths) {
    if (folder.has_lens) path = lens.shown(path);
    if (path.empty() || ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) continue;
    hits.push_back(std::move(path));
    if (hits.size() == kMostHits) break;
  }
  return hits;
}

Query within_project(Query query, std::string_view project) {
  if (project.empty()) return query;
  Query lies_in;
  lies_in.key = "project";
  lies_in.value = project;
  return {.op = Query::Op::all_of, .parts = {std::move(query), std::move(lies_in)}};
}

// What the rules say to the asker; null: they may see everything.
Result<AccessBook::View> view_for(Database& db, uid_t asker) {
  if (asker == 0 || asker == ::geteuid()) return AccessBook::View();
  AccessBook book;
  LENSFS_CHECK(book.begin(db));
  const auto known = caller_from(fmt::format("{}", asker));
  const AccessCaller caller = known ? *known : AccessCaller{.uid = asker};
  return book.view(db, caller, Clock().now());
}

// Without what the rules hide: it need not be looked at. What may be read the drive says in the
// end.
AssetSet seen(const AccessBook::View& view, AssetSet found) {
  if (view == nullptr) return found;
  if (view->hides_all()) return AssetSet();
  found -= view->hidden();
  return found;
}

// Paths of what the query finds and the rules do not hide, whether they are there or not.
Result<std::vector<std::string>> candidates(Database& db, const Query& query,
                                            const SharedFolder& folder, uid_t asker) {
  LENSFS_TRY(const AccessBook::View view, view_for(db, asker));
  SqlSets sets(view == nullptr ? Veil() : veil_of(view));
  LENSFS_TRY(const SharedSet found, evaluate(db, sets, query));
  const AssetSet shown = seen(view, *found);
  if (folder.kind == SharedFolder::Kind::flat) return members_in(db, folder, shown, asker);
  return places_in(db, folder, shown);
}

}  // namespace

std::vector<MountedDrive> SpotlightSearch::drives() const {
  std::error_code error;
  const std::filesystem::path library = std::filesystem::weakly_canonical(catalog_.path(), error);
  std::vector<MountedDrive> own;
  for (MountedDrive& drive : mounted_drives()) {
    if (drive.library == library) own.push_back(std::move(drive));
  }
  return own;
}

Result<std::vector<std::string>> SpotlightSearch::find(std::string_view lucene, uid_t asker) {
  LENSFS_TRY(const Pool::Reader reader, catalog_.read());
  LENSFS_TRY(const std::vector<Tag> tags, all_tags(*reader));
  std::vector<std::string> terms;
  terms.reserve(tags.size());
  for (const Tag& tag : tags) terms.push_back(tag.path);
  LENSFS_TRY(SpotlightQuery wanted, spotlight_query(lucene, terms));
  LENSFS_TRY(const SharedFolder folder, shared_folder(wanted.folder, drives()));
  const Query query = within_project(std::move(wanted.query), folder.project());

  // One moment for all that the catalog says.
  LENSFS_CHECK(reader->begin_read());
  auto paths = candidates(*reader, query, folder, asker);
  reader->rollback();
  if (!paths) return paths;
  return readable(*std::move(paths), folder, asker);
}

}  // namespace lensfs
