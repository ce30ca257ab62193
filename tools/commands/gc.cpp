#include <fmt/format.h>

#include "catalog/base/text.h"
#include "catalog/model/asset.h"
#include "catalog/model/outline_collecting.h"
#include "catalog/model/usage.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/purging.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

Result<Nanoseconds> grace_of(const Invocation& invocation) {
  const std::string text = invocation.value("grace").value_or("24h");
  const auto grace = duration_from(text);
  if (grace) return *grace;
  return fail(Error(Errc::usage, "not a time such as 30m, 24h or 7d").with("--grace " + text));
}

// Rows of objects that are gone and that no version names.
Status forget_removed(Catalog& catalog) {
  std::vector<ObjectKey> removed;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_CHECK(each_object_row(*reader, [&](ObjectKey key) -> Status {
      std::error_code error;
      if (!std::filesystem::exists(catalog.store().path_of(key), error)) removed.push_back(key);
      return {};
    }));
  }
  if (removed.empty()) return {};
  return catalog.write([&](Transaction& txn) -> Status {
    for (const ObjectKey& key : removed) LENSFS_CHECK(forget_object(txn, key));
    return {};
  });
}

// What [keep] in lensfs.toml says goes first; nothing where nothing is set.
Result<PurgeSum> apply_keep(Catalog& catalog, PurgeOptions::Dry dry) {
  LENSFS_TRY(const Settings settings, read_settings(catalog.path()));
  if (!settings.keep.any()) return PurgeSum();
  LENSFS_CHECK(check_may_purge(catalog));
  LENSFS_CHECK(forget_closed_files(catalog));
  PurgePlan plan;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(plan, plan_of(*reader, settings.keep, Clock().now()));
  }
  LENSFS_TRY(const Purged purged, carry_out(catalog, plan, {.dry = dry}));
  return purged.sum;
}

// Uses that are over [usage] keep, a few at a time.
Result<std::int64_t> forget_old_uses(Catalog& catalog, PurgeOptions::Dry dry) {
  constexpr std::int64_t kAtOnce = 1000;
  LENSFS_TRY(const Settings settings, read_settings(catalog.path()));
  if (!settings.usage.keep) return 0;
  const Nanoseconds before = Clock().now() - *settings.usage.keep;
  if (dry == PurgeOptions::Dry::yes) {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    return count_uses(*reader, before);
  }
  std::int64_t sum = 0;
  for (std::int64_t gone = kAtOnce; gone == kAtOnce; sum += gone) {
    LENSFS_TRY(gone, catalog.write_soon(
                         [&](Transaction& txn) { return forget_uses(txn, before, kAtOnce); }));
  }
  return sum;
}

void print_result(const Invocation& invocation, const PurgeSum& purged, const CollectReport& report,
                  const OutlineReport& outlines, std::int64_t uses) {
  const bool dry = invocation.has("dry-run");
  if (invocation.has("json")) {
    print_line(JsonObject()
                   .set("objects", report.objects)
                   .set("bytes", report.bytes)
                   .set("kept_young", report.kept_young)
                   .set("outlines", outlines.outlines)
                   .set("outline_bytes", outlines.bytes)
                   .set("outlines_kept_young", outlines.kept_young)
                   .set("purged_files", purged.assets)
                   .set("purged_versions", purged.versions)
                   .set("purged_bytes", purged.bytes)
                   .set("uses", uses)
                   .set("dry_run", dry)
                   .text());
    return;
  }
  if (purged.versions != 0 || purged.assets != 0) {
    print_line(fmt::format("{} {} deleted files and {} versions in all, by [keep] in lensfs.toml",
                           dry ? "would destroy" : "destroyed", purged.assets, purged.versions));
  }
  print_line(
      fmt::format("{} {} objects, {}; {} more are not in use but younger than the grace time",
                  dry ? "would remove" : "removed", report.objects, size_text(report.bytes),
                  report.kept_young));
  if (uses != 0) {
    print_line(fmt::format("{} {} uses that are older than [usage] keep in lensfs.toml",
                           dry ? "would forget" : "forgot", uses));
  }
  if (outlines.outlines == 0 && outlines.kept_young == 0) return;
  print_line(fmt::format("{} what was rendered of {} clips that nothing needs, {}; {} are younger",
                         dry ? "would remove" : "removed", outlines.outlines,
                         size_text(outlines.bytes), outlines.kept_young));
}

Result<ExitCode> run_gc(const Invocation& invocation) {
  LENSFS_TRY(const Nanoseconds grace, grace_of(invocation));
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  const bool dry = invocation.has("dry-run");
  LENSFS_TRY(const PurgeSum purged,
             apply_keep(*catalog, dry ? PurgeOptions::Dry::yes : PurgeOptions::Dry::no));
  const auto is_referenced = [&](const ObjectKey& key) -> Result<bool> {
    LENSFS_TRY(const Pool::Reader reader, catalog->read());
    return is_object_named(*reader, key);
  };
  LENSFS_TRY(
      const CollectReport report,
      catalog->store().collect(is_referenced, grace, dry ? Store::Dry::yes : Store::Dry::no));
  if (!dry && report.objects != 0) LENSFS_CHECK(forget_removed(*catalog));
  LENSFS_TRY(const OutlineReport outlines,
             collect_outlines(*catalog, grace, dry ? Store::Dry::yes : Store::Dry::no));
  LENSFS_TRY(const std::int64_t uses,
             forget_old_uses(*catalog, dry ? PurgeOptions::Dry::yes : PurgeOptions::Dry::no));
  print_result(invocation, purged, report, outlines, uses);
  return ExitCode::done;
}

}  // namespace

Command gc_verb() {
  return {
      .name = "gc",
      .summary = "remove objects that nothing names any more",
      .description =
          "Removes objects that no version of any asset names, such as those that an interrupted "
          "ingest or a purge left behind, once they are older than the grace time. What a running "
          "ingest or a mount needs is never touched. The same goes for what was rendered of clips "
          "for "
          "editing whose original is gone, whose rendition is whole, or which another version of "
          "the decoder began.\n\n"
          "Where [keep] in lensfs.toml says how long deleted files or old versions stay, what is "
          "over that is destroyed first, as \"lensfs purge --policy\" does. With --dry-run that is "
          "only counted, and what it would free is not among the objects. Notes of who used what "
          "go when they are older than [usage] says.",
      .operands = {.most = 0},
      .options = {{.name = "grace",
                   .help = "how long an object must have been unused: 30m, 24h, 7d; default 24h",
                   .value = "TIME"},
                  {.name = "dry-run", .help = "only say what would be removed", .letter = 'n'}},
      .examples = {{{"lensfs -L /srv/media gc --dry-run", "says how much could be freed"},
                    {"lensfs -L /srv/media gc --grace 1h", "removes what is unused for an hour"}}},
      .run = run_gc};
}

}  // namespace lensfs
