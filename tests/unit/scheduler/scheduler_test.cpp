#include "tests/unit/scheduler/scheduler_test.h"

#include <algorithm>
#include <span>

#include "catalog/model/ingest.h"
#include "catalog/store/marks.h"

namespace lensfs::test {

SchedulerTest::SchedulerTest() {
  settings_.reads = false;
  must(Catalog::create(library()));
  catalog_ = must(Catalog::open(library()));
}

AssetId SchedulerTest::add(const std::string& name, const std::string& bytes,
                           const std::string& project, const std::string& kind) {
  Store& store = catalog_->store();
  const auto span = std::as_bytes(std::span(bytes));
  const Stored stored = must(store.keep(must(store.stage_bytes(span, store.hash(span)))));
  must(store.sync());
  const Actor actor{.uid = 1000, .name = "ada"};
  return must(catalog_->write([&](Transaction& txn) -> Result<AssetId> {
    LENSFS_TRY(const Project at, ensure_project(txn, actor, {.name = project}));
    const NewAsset asset{.name = name, .kind = kind, .first = {.object = stored.key}};
    const Incoming file{
        .folder = at.folder, .place = {.name = name}, .asset = asset, .same_file = {}};
    LENSFS_TRY(const Ingested ingested, ingest_file(txn, actor, file));
    return ingested.asset;
  }));
}

Recipe SchedulerTest::recipe(AssetId asset, const std::string& profile) {
  const Pool::Reader reader = must(catalog_->read());
  const Asset its = must(find_asset(*reader, asset));
  return recipe_for(*settings_.profiles.find(profile), its.kind, its.name).value();
}

void SchedulerTest::ask(AssetId asset, const std::string& profile, Priority priority) {
  const Recipe wanted = recipe(asset, profile);
  must(catalog_->write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Asset its, find_asset(txn.db(), asset));
    LENSFS_TRY(const Version version, find_version(txn.db(), its.version));
    return ask_for(txn, {.source = version.object,
                         .recipe = wanted,
                         .kind = its.kind,
                         .name = its.name,
                         .priority = priority});
  }));
}

std::vector<Job> SchedulerTest::jobs() {
  const Pool::Reader reader = must(catalog_->read());
  return must(all_jobs(*reader));
}

std::vector<std::string> SchedulerTest::wanted() {
  std::vector<std::string> names;
  const Pool::Reader reader = must(catalog_->read());
  for (const Job& job : must(all_jobs(*reader))) {
    const Recipe its = must(recipe_of(*reader, job.recipe));
    for (const Profile& profile : settings_.profiles.all()) {
      if (recipe_for(profile, job.kind, job.name) == its) {
        names.push_back(profile.name + " of " + job.name);
      }
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> SchedulerTest::rendition(AssetId asset, const std::string& profile) {
  const Recipe wanted = recipe(asset, profile);
  const Pool::Reader reader = must(catalog_->read());
  const Asset its = must(find_asset(*reader, asset));
  const Version version = must(find_version(*reader, its.version));
  const auto row = must(find_recipe(*reader, wanted));
  if (!row) return std::nullopt;
  const auto ready = must(find_rendition(*reader, version.object, *row));
  if (!ready) return std::nullopt;
  return must(read_text(catalog_->store().path_of(must(object_of(*reader, *ready)))));
}

std::vector<std::string> SchedulerTest::staged_files() const {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(library() / "staging")) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !name.ends_with("lock")) files.push_back(name);
  }
  return files;
}

}  // namespace lensfs::test
