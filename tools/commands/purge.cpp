#include <fmt/format.h>

#include "catalog/base/text.h"
#include "catalog/model/label.h"
#include "catalog/model/trash.h"
#include "tools/cli/library_path.h"
#include "tools/cli/place_paths.h"
#include "tools/cli/print.h"
#include "tools/cli/purging.h"
#include "tools/cli/version_path.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

// --- what is meant

Result<std::optional<Nanoseconds>> age_asked_for(const Invocation& invocation) {
  const auto text = invocation.value("older");
  if (!text) return std::optional<Nanoseconds>();
  const auto age = duration_from(*text);
  if (age) return age;
  return fail(Error(Errc::usage, "not a time such as 30m, 24h or 7d").with("--older " + *text));
}

VersionRule::Labelled labelled_asked_for(const Invocation& invocation) {
  return invocation.has("labelled") ? VersionRule::Labelled::go : VersionRule::Labelled::stay;
}

bool is_called(const Trashed& trashed, const std::string& wanted) {
  return trashed.name == wanted || trashed.path == wanted || "Projects/" + trashed.path == wanted ||
         id_from_base32(wanted) == number(trashed.asset) ||
         suffixed_name(trashed.name, number(trashed.asset)) == wanted;
}

// What is destroyed cannot be had back, so a name must say which.
Result<AssetId> one_in_trash(const std::vector<Trashed>& all, const std::string& wanted) {
  std::vector<const Trashed*> meant;
  for (const Trashed& trashed : all) {
    if (is_called(trashed, wanted)) meant.push_back(&trashed);
  }
  if (meant.size() == 1) return meant.front()->asset;
  if (meant.empty()) return fail(Error(Errc::not_found, "no such thing in the trash").with(wanted));
  std::string names;
  for (const Trashed* const one : meant) {
    names += (names.empty() ? "" : ", ") + suffixed_name(one->name, number(one->asset));
  }
  return fail(Error(Errc::usage, "several in the trash are called so; name one of these")
                  .with(names)
                  .with(wanted));
}

Result<PurgePlan> plan_trash(Catalog& catalog, const Invocation& invocation) {
  LENSFS_TRY(const auto age, age_asked_for(invocation));
  const Nanoseconds before = Clock().now() - age.value_or(0);
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  LENSFS_TRY(const std::vector<Trashed> all, all_trashed(*reader));
  PurgePlan plan;
  if (invocation.operands().empty()) {
    for (const Trashed& trashed : all) {
      if (trashed.deleted <= before) plan.assets.push_back(trashed.asset);
    }
    return plan;
  }
  for (const std::string& wanted : invocation.operands()) {
    LENSFS_TRY(const AssetId asset, one_in_trash(all, wanted));
    LENSFS_TRY(const Trashed trashed, find_trashed(*reader, asset));
    if (trashed.deleted <= before) plan.assets.push_back(asset);
  }
  return plan;
}

Status refuse_held(Database& db, const Version& version, Holder holder) {
  const auto because = [](Errc code, const char* why) -> Status { return fail(Error(code, why)); };
  switch (holder) {
    case Holder::nobody:
      return {};
    case Holder::current:
    case Holder::newest:
      return because(Errc::not_permitted,
                     "the current version stays; delete the file, then purge it from the trash");
    case Holder::open_file:
      return because(Errc::busy,
                     "a program may still have it open; close it, or unmount the drive");
    case Holder::label:
      break;
  }
  LENSFS_TRY(const std::vector<Label> labels, labels_of(db, version.asset));
  std::string names;
  for (const Label& label : labels) {
    if (label.version == version.id) names += (names.empty() ? "" : ", ") + label.name;
  }
  return fail(
      Error(Errc::not_permitted, "a labelled version stays; take the label off, or give --labelled")
          .with(names));
}

Result<PurgePlan> plan_named_versions(Catalog& catalog, const Invocation& invocation) {
  AssetPaths paths(catalog);
  PurgePlan plan;
  for (const std::string& path : invocation.operands()) {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    const auto version = version_of_path(paths, *reader, path, std::nullopt);
    if (!version && version.error().code() == Errc::usage) {
      return fail(Error(Errc::usage,
                        "which version? Give PATH@v3, or --versions for all the old ones, or "
                        "--trash for what was deleted")
                      .with(path));
    }
    if (!version) return fail(version.error());
    LENSFS_TRY(const Holder holder, holder_of(*reader, *version));
    if (holder != Holder::label || !invocation.has("labelled")) {
      const Status free = refuse_held(*reader, *version, holder);
      if (!free) return fail(free.error().with(path));
    }
    plan.versions.push_back(version->id);
  }
  return plan;
}

Result<PurgePlan> plan_old_versions(Catalog& catalog, const Invocation& invocation) {
  LENSFS_TRY(const auto age, age_asked_for(invocation));
  LENSFS_TRY(const auto newest, invocation.number("keep"));
  if (newest && (*newest == 0 || *newest > INT32_MAX)) {
    return fail(Error(Errc::usage, "the current version stays: give 1 or more").with("--keep"));
  }
  VersionRule rule{.newest = static_cast<std::int64_t>(newest.value_or(1)),
                   .replaced_before = {},
                   .labelled = labelled_asked_for(invocation)};
  if (age) rule.replaced_before = Clock().now() - *age;
  AssetPaths paths(catalog);
  PurgePlan plan;
  for (const std::string& path : invocation.operands()) {
    LENSFS_TRY(const AssetId asset, paths.asset_at(path));
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(const std::vector<Version> versions, purgeable_versions(*reader, asset, rule));
    for (const Version& version : versions) plan.versions.push_back(version.id);
  }
  return plan;
}

Result<PurgePlan> plan_policy(Catalog& catalog) {
  LENSFS_TRY(const Settings settings, read_settings(catalog.path()));
  if (!settings.keep.any()) {
    return fail(Error(Errc::usage, "nothing is set; write trash, versions or versions_for there")
                    .with("[keep]")
                    .with((catalog.path() / kSettingsName).native()));
  }
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  return plan_of(*reader, settings.keep, Clock().now());
}

Result<PurgePlan> plan_for(Catalog& catalog, const Invocation& invocation) {
  if (invocation.has("trash")) return plan_trash(catalog, invocation);
  const bool operands = !invocation.operands().empty();
  if (invocation.has("policy")) {
    if (operands) return fail(Errc::usage, "--policy is for the library as a whole; no PATH");
    return plan_policy(catalog);
  }
  if (!operands) {
    return fail(Errc::usage, "say what: PATH@v3, --versions PATH, --trash or --policy");
  }
  if (invocation.has("versions")) return plan_old_versions(catalog, invocation);
  return plan_named_versions(catalog, invocation);
}

// --- what is said of it

struct Named {
  std::vector<std::string> files;
  std::vector<std::string> versions;
};

Result<Named> names_of(Catalog& catalog, const PurgePlan& plan) {
  Named named;
  PlacePaths paths;
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  for (const AssetId asset : plan.assets) {
    LENSFS_TRY(const Trashed trashed, find_trashed(*reader, asset));
    named.files.push_back(trashed.path);
  }
  for (const VersionId id : plan.versions) {
    LENSFS_TRY(const Version version, find_version(*reader, id));
    LENSFS_TRY(const Asset asset, find_asset(*reader, version.asset));
    LENSFS_TRY(const std::vector<std::string> places, paths.of(*reader, asset.id));
    named.versions.push_back(
        fmt::format("{}@v{}", places.empty() ? asset.name : places.front(), version.number));
  }
  return named;
}

void print_json(const Purged& purged, const Named& named, PurgeOptions::Dry dry) {
  print_line(JsonObject()
                 .set("files", purged.sum.assets)
                 .set("versions", purged.sum.versions)
                 .set("objects", purged.sum.objects)
                 .set("bytes", purged.sum.bytes)
                 .set("freed_objects", purged.collected.objects)
                 .set("freed_bytes", purged.collected.bytes)
                 .set("dry_run", dry == PurgeOptions::Dry::yes)
                 .set("file_names", named.files)
                 .set("version_names", named.versions)
                 .text());
}

void print_text(const Purged& purged, const Named& named, const PurgeOptions& options) {
  const bool dry = options.dry == PurgeOptions::Dry::yes;
  if (dry) {
    for (const std::string& name : named.files) print_line(shown_text(name) + "  (deleted)");
    for (const std::string& name : named.versions) print_line(shown_text(name));
  }
  const std::string bytes =
      fmt::format("{} in {} objects", size_text(purged.sum.bytes), purged.sum.objects);
  const char* const then = "{} free once \"lensfs gc\" has run";
  print_line(
      fmt::format("{} {} deleted files and {} versions in all; {}",
                  dry ? "would destroy" : "destroyed", purged.sum.assets, purged.sum.versions,
                  options.collect == PurgeOptions::Collect::now && !dry
                      ? fmt::format("{} in {} objects freed", size_text(purged.collected.bytes),
                                    purged.collected.objects)
                      : fmt::format(fmt::runtime(then), bytes)));
}

Result<ExitCode> run_purge(const Invocation& invocation) {
  const std::vector<std::string> paths =
      invocation.has("trash") ? std::vector<std::string>() : invocation.operands();
  LENSFS_TRY(const auto catalog, open_library(invocation, paths));
  LENSFS_CHECK(check_may_purge(*catalog));
  LENSFS_CHECK(forget_closed_files(*catalog));
  LENSFS_TRY(const PurgePlan plan, plan_for(*catalog, invocation));
  LENSFS_TRY(const Named named, names_of(*catalog, plan));
  const PurgeOptions options{
      .labelled = labelled_asked_for(invocation),
      .dry = invocation.has("dry-run") ? PurgeOptions::Dry::yes : PurgeOptions::Dry::no,
      .collect = invocation.has("now") ? PurgeOptions::Collect::now : PurgeOptions::Collect::later};
  LENSFS_TRY(const Purged purged, carry_out(*catalog, plan, options));
  if (invocation.has("json")) {
    print_json(purged, named, options.dry);
  } else {
    print_text(purged, named, options);
  }
  return ExitCode::done;
}

}  // namespace

Command purge_verb() {
  return {
      .name = "purge",
      .summary = "destroy deleted files or old versions for good",
      .description =
          "The only command that destroys; there is no way back. Only who owns the library, and "
          "root, may use it.\n\n"
          "PATH@v3 is one old version, as restore takes it. With --versions it is every old "
          "version of the file at PATH, or those that --keep and --older both say. With --trash "
          "it is what was deleted: all of it, or by name, path or id; on the drive, deleting a "
          "file in /Trash does the same. With --policy it is what [keep] in the library's "
          "lensfs.toml says, which \"lensfs gc\" does, too.\n\n"
          "The current version of a file is never taken, nor one that a program may have open "
          "under a name that the file lost. A labelled version is taken only with --labelled, or "
          "with its file out of the trash when that is named or --trash is given; never by "
          "--policy.\n\n"
          "What is destroyed is in no past: under /Versions/DATE and in .versions a file is "
          "missing for the time in which a version of it held that is gone. No other version "
          "takes its place, for the file did not have those bytes then.\n\n"
          "The bytes are removed by \"lensfs gc\" after its grace time, or at once with --now. "
          "Content that something else has, too, stays.",
      .operands = {.usage = "[PATH…]", .completes = Completes::files},
      .options =
          {{.name = "trash", .help = "what was deleted, all or by name", .excludes = "policy"},
           {.name = "versions",
            .help = "the old versions of the files at PATH",
            .excludes = "trash"},
           {.name = "policy", .help = "what [keep] in lensfs.toml says", .excludes = "versions"},
           {.name = "keep",
            .help = "with --versions: so many of the newest stay, the current one included",
            .value = "N"},
           {.name = "older",
            .help = "only what was deleted, or replaced by a newer version, longer ago: "
                    "30m, 24h, 7d",
            .value = "TIME"},
           {.name = "labelled", .help = "labelled versions, too"},
           {.name = "now", .help = "free the room at once, without the grace time of gc"},
           {.name = "dry-run", .help = "only say what would go", .letter = 'n'}},
      .examples = {{{"lensfs -L /srv/media purge --trash --older 30d --now",
                     "frees what was deleted more than 30 days ago"},
                    {"lensfs purge --versions --keep 5 /mnt/media/Projects/demo/cut.mov",
                     "leaves the five newest versions"}}},
      .run = run_purge};
}

}  // namespace lensfs
