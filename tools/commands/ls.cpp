#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "tools/cli/asset_path.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

struct Shown {
  std::string name;
  Attributes attributes;
};

const char* type_of(const Attributes& attributes) {
  if (S_ISDIR(attributes.mode)) return "folder";
  if (S_ISLNK(attributes.mode)) return "link";
  return "file";
}

std::string mode_text(mode_t mode) {
  std::string text = S_ISDIR(mode) ? "d" : S_ISLNK(mode) ? "l" : "-";
  constexpr std::string_view kLetters = "rwxrwxrwx";
  for (std::size_t bit = 0; bit < kLetters.size(); ++bit) {
    text += (mode & (0400U >> bit)) != 0 ? kLetters[bit] : '-';
  }
  return text;
}

std::string text_of(const Shown& entry, bool full) {
  const Attributes& is = entry.attributes;
  const std::string name = shown_text(entry.name) + (S_ISDIR(is.mode) ? "/" : "");
  if (!full) return name;
  return fmt::format("{} {:>3} {:>9}  {}  {}", mode_text(is.mode), is.links,
                     S_ISDIR(is.mode) ? "-" : size_text(static_cast<std::uint64_t>(is.size)),
                     time_text(is.mtime), name);
}

std::string json_of(const Shown& entry) {
  const Attributes& is = entry.attributes;
  return JsonObject()
      .set("name", entry.name)
      .set("type", type_of(is))
      .set("size", is.size)
      .set("mode", fmt::format("{:04o}", is.mode & 07777U))
      .set("links", static_cast<std::uint64_t>(is.links))
      .set("mtime_ns", is.mtime)
      .set("inode", static_cast<std::uint64_t>(is.ino))
      .text();
}

Result<std::vector<Shown>> entries_at(AssetPaths& paths, const std::string& path) {
  LENSFS_TRY(const NodeId node, paths.node_at(path));
  LENSFS_TRY(const Attributes own, paths.tree().attributes(node));
  std::vector<Shown> entries;
  if (!S_ISDIR(own.mode)) {
    entries.push_back({std::filesystem::path(path).filename().string(), own});
    return entries;
  }
  LENSFS_TRY(const Tree::Shared listing, paths.tree().list(node, Tree::Read::fresh));
  for (const Listing::Entry& entry : listing->entries()) {
    entries.push_back({std::string(listing->name(entry)), entry.attributes});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Shown& a, const Shown& b) { return a.name < b.name; });
  return entries;
}

Result<ExitCode> run_ls(const Invocation& invocation) {
  std::vector<std::string> wanted = invocation.operands();
  if (wanted.empty()) wanted = {library_of_mounted(".") && !invocation.has("library") ? "." : "/"};
  LENSFS_TRY(const auto catalog, open_library(invocation, wanted));
  AssetPaths paths(*catalog);
  for (const std::string& path : wanted) {
    LENSFS_TRY(const auto entries, entries_at(paths, path));
    for (const Shown& entry : entries) {
      bool read = true;
      if (invocation.has("json")) {
        read = print_line(json_of(entry));
      } else if (invocation.has("null")) {
        read = print(entry.name + std::string(1, '\0'));
      } else {
        read = print_line(text_of(entry, invocation.has("long")));
      }
      if (!read) return ExitCode::done;
    }
  }
  return ExitCode::done;
}

}  // namespace

Command ls_verb() {
  return {.name = "ls",
          .summary = "list a folder of the drive, mounted or not",
          .description =
              "Lists what a folder of the drive shows. PATH is a path inside a mount, or a path "
              "of the drive such as Projects/demo, Tags/place, Search/tag:oslo, Trash or "
              "Versions/2026-11-01/Projects; without one the top of the drive is listed.",
          .operands = {.usage = "[PATH…]", .completes = Completes::files},
          .options = {{.name = "long",
                       .help = "with permissions, places, size and time",
                       .letter = 'l'},
                      {.name = "null", .help = "end names with a NUL byte", .letter = '0'}},
          .examples = {{{"lensfs -L /srv/media ls Projects/demo", "lists a project"},
                        {"lensfs ls -l /mnt/media/Tags/place", "lists a tag folder with details"}}},
          .run = run_ls};
}

}  // namespace lensfs
