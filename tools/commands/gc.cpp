#include <fmt/format.h>

#include <charconv>

#include "catalog/model/asset.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

// "24h", "90m", "7d", "30s", "0"
Result<Nanoseconds> duration_from(const std::string& text) {
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  std::int64_t seconds = -1;
  if (unit == "s" || (unit.empty() && count == 0)) seconds = 1;
  if (unit == "m") seconds = 60;
  if (unit == "h") seconds = 3600;
  if (unit == "d") seconds = 86400;
  if (error != std::errc() || count < 0 || count > 36500 || seconds < 0) {
    return fail(Error(Errc::usage, "not a time such as 30m, 24h or 7d").with("--grace " + text));
  }
  return count * seconds * kNanosecondsPerSecond;
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

Result<ExitCode> run_gc(const Invocation& invocation) {
  LENSFS_TRY(const Nanoseconds grace, duration_from(invocation.value("grace").value_or("24h")));
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  const bool dry = invocation.has("dry-run");
  const auto is_referenced = [&](const ObjectKey& key) -> Result<bool> {
    LENSFS_TRY(const Pool::Reader reader, catalog->read());
    return is_object_named(*reader, key);
  };
  LENSFS_TRY(
      const CollectReport report,
      catalog->store().collect(is_referenced, grace, dry ? Store::Dry::yes : Store::Dry::no));
  if (!dry && report.objects != 0) LENSFS_CHECK(forget_removed(*catalog));
  if (invocation.has("json")) {
    print_line(JsonObject()
                   .set("objects", report.objects)
                   .set("bytes", report.bytes)
                   .set("kept_young", report.kept_young)
                   .set("dry_run", dry)
                   .text());
  } else {
    print_line(
        fmt::format("{} {} objects, {}; {} more are not in use but younger than the grace time",
                    dry ? "would remove" : "removed", report.objects, size_text(report.bytes),
                    report.kept_young));
  }
  return ExitCode::done;
}

}  // namespace

Command gc_verb() {
  return {
      .name = "gc",
      .summary = "remove objects that nothing names any more",
      .description =
          "Removes objects that no version of any asset names, such as those that an "
          "interrupted ingest left behind, once they are older than the grace time. What a "
          "running ingest needs is never touched.",
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
