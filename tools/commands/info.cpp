#include <fmt/format.h>

#include "catalog/base/text.h"
#include "catalog/model/field.h"
#include "catalog/model/settings.h"
#include "catalog/model/tag.h"
#include "catalog/model/totals.h"
#include "catalog/model/usage.h"
#include "tools/cli/asset_path.h"
#include "tools/cli/library_path.h"
#include "tools/cli/mount_status.h"
#include "tools/cli/place_paths.h"
#include "tools/cli/preview.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"
#include "tools/commands/space.h"
#include "transcode/facts.h"

namespace lensfs {
namespace {

struct Details {
  Asset asset;
  ObjectKey object;
  std::vector<Version> versions;
  std::vector<Tag> tags;
  std::vector<Field> fields;
  std::vector<std::string> places;
  std::optional<AssetUsage> used;
};

Result<Details> details_of(Catalog& catalog, AssetId id) {
  Details details;
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  LENSFS_TRY(details.asset, find_asset(*reader, id));
  LENSFS_TRY(details.object, object_of(*reader, details.asset.version));
  LENSFS_TRY(details.versions, versions_of(*reader, id));
  LENSFS_TRY(details.tags, tags_of(*reader, id));
  LENSFS_TRY(details.fields, fields_of(*reader, id));
  PlacePaths paths;
  LENSFS_TRY(details.places, paths.of(*reader, id));
  LENSFS_TRY(details.used, usage_of(*reader, id));
  return details;
}

void line(std::string_view key, std::string_view value) {
  print_line(fmt::format("{:<10} {}", key, shown_text(value)));
}

void print_field(const Field& field) {
  // A value may have many lines: the first says what it is about.
  const std::string_view first =
      std::string_view(field.value).substr(0, field.value.find_first_of("\r\n"));
  print_line(fmt::format("{:<16} {}{}  ({})", field.key, shown_text(first),
                         first.size() < field.value.size() ? " …" : "", field.source));
}

// What files say of themselves in the order in which people want to read it, then the rest.
void print_fields(const std::vector<Field>& fields) {
  for (const FactKey& known : fact_keys()) {
    for (const Field& field : fields) {
      if (field.key == known.key) print_field(field);
    }
  }
  for (const Field& field : fields) {
    if (!is_fact_key(field.key)) print_field(field);
  }
}

void print_text(const Details& details) {
  const Asset& asset = details.asset;
  line("name", asset.name);
  line("id", base32_id(number(asset.id)));
  line("kind", asset.kind);
  line("size",
       fmt::format("{} ({} bytes)", size_text(static_cast<std::uint64_t>(asset.size)), asset.size));
  line("changed", time_text(asset.mtime));
  line("owner", fmt::format("{}:{} {:04o}", asset.uid, asset.gid, asset.mode));
  line("hash", to_hex(details.object.id));
  line("used", details.used ? fmt::format("{}, {} times in all", time_text(details.used->last),
                                          details.used->times)
                            : "never");
  for (const std::string& place : details.places) line("place", place);
  for (const Tag& tag : details.tags) line("tag", tag.path);
  print_fields(details.fields);
  for (const Version& version : details.versions) {
    line("version", fmt::format("{}  {}  {}  {} by {}", version.number, time_text(version.created),
                                size_text(static_cast<std::uint64_t>(version.size)), version.reason,
                                version.author));
  }
}

void print_json(const Details& details) {
  const Asset& asset = details.asset;
  std::vector<std::string> tags;
  for (const Tag& tag : details.tags) tags.push_back(tag.path);
  JsonObject fields;
  JsonObject sources;
  for (const Field& field : details.fields) {
    fields.set(field.key, field.value);
    sources.set(field.key, field.source);
  }
  std::vector<JsonObject> versions;
  for (const Version& version : details.versions) {
    versions.push_back(JsonObject()
                           .set("number", version.number)
                           .set("size", version.size)
                           .set("mtime_ns", version.mtime)
                           .set("created_ns", version.created)
                           .set("author", version.author)
                           .set("reason", version.reason));
  }
  JsonObject json;
  if (details.used) json.set("last_used_ns", details.used->last).set("used", details.used->times);
  print_line(json.set("id", base32_id(number(asset.id)))
                 .set("name", asset.name)
                 .set("kind", asset.kind)
                 .set("size", asset.size)
                 .set("mtime_ns", asset.mtime)
                 .set("uid", asset.uid)
                 .set("gid", asset.gid)
                 .set("mode", fmt::format("{:04o}", asset.mode))
                 .set("hash", to_hex(details.object.id))
                 .set("object", Store::relative_path(details.object).string())
                 .set("paths", details.places)
                 .set("tags", tags)
                 .set("fields", fields)
                 .set("field_sources", sources)
                 .set("versions", versions)
                 .text());
}

Result<ExitCode> show_library(const Invocation& invocation) {
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  LENSFS_TRY(const Totals totals, totals_of(*reader));
  if (invocation.has("json")) {
    print_line(JsonObject()
                   .set("library", catalog->path().string())
                   .set("uuid", catalog->uuid())
                   .set("assets", totals.assets)
                   .set("versions", totals.versions)
                   .set("objects", totals.objects)
                   .set("object_bytes", totals.object_bytes)
                   .set("version_bytes", totals.version_bytes)
                   .set("projects", totals.projects)
                   .set("folders", totals.folders)
                   .set("places", totals.places)
                   .set("tags", totals.tags)
                   .text());
    return ExitCode::done;
  }
  line("library", catalog->path().string());
  line("uuid", catalog->uuid());
  line("assets", fmt::format("{} in {} versions and {} places", totals.assets, totals.versions,
                             totals.places));
  line("projects", fmt::format("{} with {} folders", totals.projects, totals.folders));
  line("tags", fmt::format("{}", totals.tags));
  line("stored",
       fmt::format("{} in {} objects", size_text(static_cast<std::uint64_t>(totals.object_bytes)),
                   totals.objects));
  line("saved", size_text(static_cast<std::uint64_t>(
                    std::max<std::int64_t>(0, totals.version_bytes - totals.object_bytes))));
  return ExitCode::done;
}

Result<ExitCode> show_mount(const Invocation& invocation, const std::string& mountpoint) {
  LENSFS_TRY(const MountStatus status, read_mount_status(mountpoint));
  JsonObject json;
  for (const auto& [key, value] : status.lines) {
    if (invocation.has("json")) {
      json.set(key, value);
    } else {
      line(key, value);
    }
  }
  if (invocation.has("json")) print_line(json.text());
  return ExitCode::done;
}

// Without a picture the words are worth as much.
void show_preview(Catalog& catalog, const RenditionSettings& settings, const Asset& asset) {
  const auto shown = preview_of(catalog, settings, asset, picture_terminal());
  if (shown) {
    print(*shown);
  } else {
    complain("info", shown.error());
  }
}

Result<ExitCode> run_info(const Invocation& invocation) {
  if (const auto mountpoint = invocation.value("mount")) return show_mount(invocation, *mountpoint);
  if (invocation.has("space")) {
    if (!invocation.operands().empty()) {
      return fail(Errc::usage, "--space is for the library as a whole; no PATH");
    }
    LENSFS_TRY(const auto catalog, open_library(invocation, {}));
    return show_space(invocation, *catalog);
  }
  if (invocation.operands().empty()) return show_library(invocation);
  LENSFS_TRY(const auto catalog, open_library(invocation, invocation.operands()));
  LENSFS_TRY(const bool shows, is_preview_wanted(invocation.value("preview")));
  LENSFS_TRY(const Settings settings, read_settings(catalog->path()));
  AssetPaths paths(*catalog);
  bool first = true;
  for (const std::string& path : invocation.operands()) {
    LENSFS_TRY(const AssetId id, paths.asset_at(path));
    LENSFS_TRY(const Details details, details_of(*catalog, id));
    if (invocation.has("json")) {
      print_json(details);
    } else {
      if (!std::exchange(first, false)) print_line("");
      if (shows) show_preview(*catalog, settings.renditions, details.asset);
      print_text(details);
    }
  }
  return ExitCode::done;
}

}  // namespace

Command info_verb() {
  return {
      .name = "info",
      .summary = "show an asset, the library or a mount in detail",
      .description =
          "Shows what the catalog knows of the asset at PATH: its identity, places, tags, "
          "fields and versions. Each field says who said so: the file itself, a sidecar beside it "
          "(XMP), an import, or a person, who wins. Terminals that can show pictures (kitty, "
          "Ghostty, iTerm2, WezTerm, VS Code, mintty) show its thumb. Without a path, totals of "
          "the library; with --mount, how a "
          "drive is served.\n\n"
          "With --space, what the library takes on the disk: current versions, labelled versions "
          "that are not current, the trash, older versions, renditions, garbage (objects that "
          "nothing names), drafts of files being written, staging, and the files of the catalog. "
          "Content "
          "that several of these share is counted once, for the first of them in this order; so "
          "purging all old versions frees what \"older\" says, and emptying the trash at least "
          "what is not shared with older versions. \"on disk\" are the blocks that the file "
          "system gives: fewer than the size where there are holes, more by rounding; what "
          "copies share by reflink counts for each.",
      .operands = {.usage = "[PATH…]", .completes = Completes::files},
      .options = {{.name = "space",
                   .help = "show what takes how much room in the library",
                   .excludes = "mount"},
                  {.name = "preview",
                   .help = "whether to show its thumb on the terminal: auto, always or never",
                   .value = "WHEN"},
                  {.name = "mount",
                   .help = "show the state of the drive mounted at DIR",
                   .value = "DIR",
                   .completes = Completes::directories}},
      .examples = {{{"lensfs info /mnt/media/Projects/demo/clip.mov", "shows one asset"},
                    {"lensfs info --mount /mnt/media", "tells how a drive is served, and why so"}}},
      .run = run_info};
}

}  // namespace lensfs
