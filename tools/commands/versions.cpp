#include <fmt/format.h>

#include <map>

#include "catalog/model/label.h"
#include "tools/cli/asset_path.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

struct Entry {
  Version version;
  std::string hash;
  std::vector<std::string> labels;
  enum class Current { no, yes } current = Current::no;
};

Result<std::vector<Entry>> history_of(Database& db, AssetId id) {
  LENSFS_TRY(const Asset asset, find_asset(db, id));
  LENSFS_TRY(const std::vector<Label> labels, labels_of(db, id));
  std::map<VersionId, std::vector<std::string>> names;
  for (const Label& label : labels) names[label.version].push_back(label.name);
  LENSFS_TRY(std::vector<Version> versions, versions_of(db, id));
  std::vector<Entry> entries;
  for (Version& version : versions) {
    LENSFS_TRY(const ObjectKey object, object_of(db, version.id));
    const auto current = version.id == asset.version ? Entry::Current::yes : Entry::Current::no;
    std::vector<std::string> labelled = names[version.id];
    entries.push_back({std::move(version), to_hex(object.id), std::move(labelled), current});
  }
  return entries;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void print_table(const std::vector<Entry>& entries) {
  std::size_t widest = 6;
  for (const Entry& entry : entries) widest = std::max(widest, entry.version.author.size());
  print_line(fmt::format("{:>7}  {:<19}  {:<{}}  {:>9}  {:<8}  {}", "version", "date", "author",
                         widest, "size", "reason", "labels"));
  for (const Entry& entry : entries) {
    const Version& version = entry.version;
    std::vector<std::string> notes = entry.labels;
    if (entry.current == Entry::Current::yes) notes.emplace_back("(current)");
    print_line(fmt::format("{:>7}  {:<19}  {:<{}}  {:>9}  {:<8}  {}",
                           "v" + std::to_string(version.number), time_text(version.created),
                           shown_text(version.author), widest,
                           size_text(static_cast<std::uint64_t>(version.size)), version.reason,
                           shown_text(joined(notes))));
  }
}

void print_json(const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries) {
    const Version& version = entry.version;
    if (!text.empty()) text += ",";
    text += JsonObject()
                .set("number", version.number)
                .set("date", utc_text(version.created))
                .set("created_ns", version.created)
                .set("author", version.author)
                .set("size", version.size)
                .set("hash", entry.hash)
                .set("reason", version.reason)
                .set("labels", entry.labels)
                .set("current", entry.current == Entry::Current::yes)
                .text();
  }
  print_line("[" + text + "]");
}

Result<ExitCode> run_versions(const Invocation& invocation) {
  LENSFS_TRY(const auto catalog, open_library(invocation, invocation.operands()));
  AssetPaths paths(*catalog);
  LENSFS_TRY(const AssetId asset, paths.asset_at(invocation.operands().front()));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  LENSFS_TRY(const std::vector<Entry> entries, history_of(*reader, asset));
  if (invocation.has("json")) {
    print_json(entries);
  } else if (!entries.empty()) {
    print_table(entries);
  }
  return entries.empty() ? ExitCode::nothing_found : ExitCode::done;
}

}  // namespace

Command versions_verb() {
  return {
      .name = "versions",
      .summary = "list the versions of a file",
      .description =
          "Lists every version of the file at PATH, oldest first: its number, when and by whom it "
          "was made, its size, why it was made, and its labels. With --json an array of objects "
          "that also have the hash of the bytes; dates are in UTC there. A file that is being "
          "written gets its next version once the last program has closed it. Scratch files have "
          "none.\n\n"
          "On the drive the same versions are files in .versions/NAME/ beside the file, and "
          "NAME@v3.EXT is one of them.",
      .operands = {.usage = "PATH", .least = 1, .most = 1, .completes = Completes::files},
      .options = {},
      .examples = {{{"lensfs versions /mnt/media/Projects/demo/cut.mov", "lists what there was"},
                    {"lensfs versions --json Projects/demo/cut.mov", "the same for programs"}}},
      .run = run_versions};
}

}  // namespace lensfs
