#include "catalog/model/label.h"

#include <fmt/format.h>

#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/version_path.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

Result<ExitCode> list_labels(const Invocation& invocation) {
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  LENSFS_TRY(const std::vector<std::string> labels, all_labels(*reader));
  for (const std::string& label : labels) {
    LENSFS_TRY(const AssetSet assets, labelled_assets(*reader, label));
    if (invocation.has("json")) {
      print_line(JsonObject().set("label", label).set("assets", assets.count()).text());
    } else {
      print_line(fmt::format("{}  {}", shown_text(label), assets.count()));
    }
  }
  return labels.empty() ? ExitCode::nothing_found : ExitCode::done;
}

Result<ExitCode> run_label(const Invocation& invocation) {
  std::vector<std::string> words = invocation.operands();
  if (words.empty()) return list_labels(invocation);
  if (words.size() < 2) return fail(Error(Errc::usage, "which label? Give it after the paths"));
  const std::string label = words.back();
  words.pop_back();
  LENSFS_CHECK(check_label(label));
  LENSFS_TRY(const auto number, invocation.number("version"));
  LENSFS_TRY(const auto catalog, open_library(invocation, words));
  AssetPaths paths(*catalog);
  std::vector<Version> versions;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog->read());
    for (const std::string& path : words) {
      LENSFS_TRY(Version version, version_or_current(paths, *reader, path, number));
      versions.push_back(std::move(version));
    }
  }
  const Actor actor = actor_of_process();
  const bool takes_off = invocation.has("remove");
  LENSFS_TRY(
      const std::uint64_t changed, catalog->write([&](Transaction& txn) -> Result<std::uint64_t> {
        std::uint64_t count = 0;
        for (const Version& version : versions) {
          LENSFS_TRY(const bool any, takes_off ? remove_label(txn, actor, version.asset, label)
                                               : set_label(txn, actor, version, label));
          count += any ? 1 : 0;
        }
        return count;
      }));
  if (invocation.has("json")) {
    print_line(JsonObject().set("label", label).set("changed", changed).text());
  }
  return takes_off && changed == 0 ? ExitCode::nothing_found : ExitCode::done;
}

}  // namespace

Command label_verb() {
  return {
      .name = "label",
      .summary = "give a version a name such as approved, or take it off",
      .description =
          "Labels the version that each PATH means: cut@v3.mov or cut.mov@v3, a file below "
          ".versions, a plain path with --version; a plain path alone means the current version. "
          "One version of a file has a label: another one loses it. The drive shows all that has a "
          "label, at the labelled versions, in /Versions/LABEL and in @LABEL in any folder.\n\n"
          "Without operands the labels are listed, with the number of files that have each.",
      .operands = {.usage = "[PATH… LABEL]", .completes = Completes::files},
      .options = {{.name = "version", .help = "the number of the version", .value = "N"},
                  {.name = "remove", .help = "take the label off, whichever version has it"}},
      .examples =
          {{{"lensfs label /mnt/media/Projects/demo/cut@v3.mov approved", "labels version 3"},
            {"lensfs label --remove Projects/demo/cut.mov approved", "takes the label off"}}},
      .run = run_label};
}

}  // namespace lensfs
