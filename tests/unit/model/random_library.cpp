#include "tests/unit/model/random_library.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/field.h"
#include "catalog/model/search.h"
#include "catalog/model/usage.h"

namespace lensfs::test {

const std::vector<std::string> kSomeTerms = {
    "beach",      "place",       "place/oslo",   "place/oslo/harbour",
    "place/rome", "person/ada",  "person/grace", "harbour",
    "Été",        "or",          "a b (c)",      "x\"y",
    "placebo",    "person/Oslo", "[v]",          "unused/never"};
const std::vector<std::string> kSomeProjects = {"film", "Ad Spot", "not", "film2"};
const std::vector<std::string> kSomeKinds = {"video", "audio", "image"};

const std::vector<std::string> kSomeKeywords = {"Sun", "sun, Rain", "rain, Fog", "fog"};
const std::vector<std::string> kSomeTexts = {"The runners were running home",
                                             "a run for the été record", "Fog over the harbour",
                                             "harbour fog over all"};

namespace {

const std::vector<std::string> kStems = {"clip", "Clip", "A001", "beach day", "été",
                                         "oslo", "v[1]", "or",   "x.y",       "place"};
const std::vector<std::string> kExtensions = {".mov", ".MOV", ".png", ".wav", "", ".tar.gz"};

constexpr Nanoseconds kHalfADay = 12 * 3600 * kNanosecondsPerSecond;

void add_parts(std::set<std::string>& parts, std::string_view term) {
  const auto slash = term.rfind('/');
  parts.insert(fold_name(term.substr(slash + 1)));
  if (slash != std::string_view::npos) add_parts(parts, term.substr(0, slash));
}

}  // namespace

bool is_tagged_below(const KnownAsset& asset, const std::string& term) {
  return std::any_of(asset.tags.begin(), asset.tags.end(), [&](const std::string& carried) {
    return carried == term || carried.starts_with(term + "/");
  });
}

std::set<AssetId> ids_in(const AssetSet& set) {
  std::set<AssetId> ids;
  set.each([&](AssetId id) {
    ids.insert(id);
    return true;
  });
  return ids;
}

RandomLibrary::RandomLibrary(std::size_t assets, std::uint32_t seed) : random_(seed) {
  write([&](Transaction& txn) -> Status {
    std::vector<Project> projects;
    for (const std::string& name : kSomeProjects) {
      LENSFS_TRY(Project project, add_project(txn, actor_, {.name = name}));
      projects.push_back(std::move(project));
    }
    LENSFS_CHECK(ensure_tag(txn, actor_, "unused/never"));
    for (std::size_t i = 0; i < assets; ++i) {
      LENSFS_CHECK(fill_one(txn, projects, static_cast<int>(i)));
    }
    return {};
  });
}

Status RandomLibrary::fill_one(Transaction& txn, const std::vector<Project>& projects, int n) {
  KnownAsset made;
  made.name = fmt::format("{}{}{}", any_of(kStems), below(4) == 0 ? "" : fmt::format("{}", n % 10),
                          any_of(kExtensions));
  made.folded = fold_name(made.name);
  made.kind = any_of(kSomeKinds);
  made.size = 100 + 1024 * below(8);
  NewAsset asset{
      .name = made.name, .kind = made.kind, .first = {.object = object_number(n, made.size)}};
  LENSFS_TRY(made.id, add_asset(txn, actor_, asset));
  LENSFS_TRY(const Asset row, find_asset(txn.db(), made.id));
  for (std::size_t left = below(4); left > 0; --left) {
    const std::string& term = kSomeTerms[below(kSomeTerms.size() - 1)];
    LENSFS_CHECK(add_tag(txn, actor_, row, term));
    made.tags.insert(term);
    add_parts(made.called, term);
  }
  for (std::size_t left = below(3); left > 0; --left) {
    const Project& project = projects[below(projects.size() - 1)];
    const NewPlace place{.name = fmt::format("{}-{}-{}", made.name, n, left)};
    LENSFS_CHECK(add_place(txn, actor_, project.folder, made.id, place));
    made.projects.insert(project.name);
  }
  if (below(2) == 0) made.fields["scene"] = fmt::format("{}", below(5));
  if (below(3) == 0) made.fields["Camera.model"] = any_of(kStems);
  if (below(2) == 0) made.fields["title"] = fmt::format("take {}", n);
  if (below(2) == 0) {
    made.fields["shot"] = fmt::format("2026-{:02}-{:02}", 1 + below(4), 1 + below(28));
  }
  if (below(3) == 0) made.fields["rating"] = fmt::format("{}", below(6));
  if (below(3) == 0) made.fields["keywords"] = any_of(kSomeKeywords);
  if (below(3) == 0) made.fields["description"] = any_of(kSomeTexts);
  for (const auto& [key, value] : made.fields) {
    LENSFS_CHECK(set_field(txn, actor_, row, key, value));
  }
  if (below(2) == 0) {
    made.last_used = fmt::format("2026-{:02}-{:02}", 1 + below(4), 1 + below(28));
    const Nanoseconds noon = moments_from(made.last_used)->from + kHalfADay;
    LENSFS_CHECK(note_used(txn, made.id, noon, 1));
  }
  known_.push_back(std::move(made));
  return {};
}

std::set<AssetId> RandomLibrary::ids_where(
    const std::function<bool(const KnownAsset&)>& test) const {
  std::set<AssetId> ids;
  for (const KnownAsset& asset : known_) {
    if (test(asset)) ids.insert(asset.id);
  }
  return ids;
}

}  // namespace lensfs::test
