#include "catalog/model/marker.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "tools/cli/asset_path.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/subcommand.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

using Words = std::vector<std::string>;

// The file that a command is about, with what its frames are counted by.
struct Opened {
  std::unique_ptr<Catalog> catalog;
  Asset asset;
  FrameClock clock;
};

Result<Opened> open_file(const Invocation& invocation, const std::string& path) {
  Opened opened;
  LENSFS_TRY(opened.catalog, open_library(invocation, {path}));
  AssetPaths paths(*opened.catalog);
  LENSFS_TRY(const AssetId id, paths.asset_at(path));
  LENSFS_TRY(const Pool::Reader reader, opened.catalog->read());
  LENSFS_TRY(opened.asset, find_asset(*reader, id));
  LENSFS_TRY(opened.clock, clock_of(*reader, id));
  return opened;
}

Result<std::vector<Marker>> markers_in(Catalog& catalog, AssetId asset) {
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  return markers_of(*reader, asset);
}

void print_marker(const Opened& file, const Marker& marker, bool json) {
  if (json) {
    print_line(JsonObject()
                   .set("id", number(marker.id))
                   .set("start", timecode_of(file.clock, marker.start))
                   .set("start_frame", marker.start)
                   .set("frames", marker.frames)
                   .set("name", marker.name)
                   .set("text", marker.text)
                   .set("colour", marker.colour)
                   .set("author", marker.author)
                   .set("subclip", subclip_name(file.clock, file.asset.name, marker))
                   .text());
    return;
  }
  std::string line =
      fmt::format("{:>5}  {}  {}  {}", number(marker.id), timecode_of(file.clock, marker.start),
                  length_of(file.clock, marker.frames), shown_text(marker.name));
  if (!marker.text.empty()) line += ": " + shown_text(marker.text);
  if (!marker.colour.empty()) line += fmt::format(" [{}]", shown_text(marker.colour));
  print_line(line);
}

Result<ExitCode> list(const Invocation& invocation, const Words& words) {
  if (words.size() != 1) return fail(Error(Errc::usage, "which file?"));
  LENSFS_TRY(const Opened file, open_file(invocation, words.front()));
  LENSFS_TRY(const auto markers, markers_in(*file.catalog, file.asset.id));
  for (const Marker& marker : markers) print_marker(file, marker, invocation.has("json"));
  return markers.empty() ? ExitCode::nothing_found : ExitCode::done;
}

Result<ExitCode> add(const Invocation& invocation, const Words& words) {
  if (words.size() < 3 || words.size() > 4) {
    return fail(Error(Errc::usage, "give PATH, the start, the name and, if there is one, a text"));
  }
  LENSFS_TRY(const Opened file, open_file(invocation, words[0]));
  Marker marker{.name = words[2],
                .text = words.size() == 4 ? words[3] : "",
                .colour = invocation.value("colour").value_or("")};
  const auto start = frame_at(file.clock, words[1]);
  if (!start) {
    return fail(Error(Errc::usage, "not a timecode of this file; its first frame is")
                    .with(fmt::format("{} ({})", words[1], timecode_of(file.clock, 0))));
  }
  marker.start = *start;
  if (const auto length = invocation.value("length")) {
    const auto frames = frames_in(file.clock, *length);
    if (!frames) return fail(Error(Errc::usage, "give a length as 00:00:02:00 or in frames"));
    marker.frames = *frames;
  }
  LENSFS_TRY(marker.id, file.catalog->write([&](Transaction& txn) {
    return add_marker(txn, actor_of_process(), file.asset, marker);
  }));
  print_marker(file, marker, invocation.has("json"));
  return ExitCode::done;
}

Result<ExitCode> remove(const Invocation& invocation, const Words& words) {
  if (words.size() < 2) return fail(Error(Errc::usage, "give PATH and the numbers of markers"));
  LENSFS_TRY(const Opened file, open_file(invocation, words[0]));
  LENSFS_CHECK(file.catalog->write([&](Transaction& txn) -> Status {
    for (std::size_t at = 1; at < words.size(); ++at) {
      const auto id = static_cast<MarkerId>(std::strtoll(words[at].c_str(), nullptr, 10));
      const auto marker = find_marker(txn.db(), id);
      if (!marker || marker->asset != file.asset.id) {
        return fail(Error(Errc::not_found, "the file has no such marker").with(words[at]));
      }
      LENSFS_CHECK(remove_marker(txn, actor_of_process(), id));
    }
    return {};
  }));
  return ExitCode::done;
}

Result<ExitCode> export_csv(const Invocation& invocation, const Words& words) {
  if (words.size() != 1) return fail(Error(Errc::usage, "which file?"));
  LENSFS_TRY(const Opened file, open_file(invocation, words.front()));
  LENSFS_TRY(const auto markers, markers_in(*file.catalog, file.asset.id));
  print(markers_csv(file.clock, markers));
  return ExitCode::done;
}

Result<ExitCode> import_csv(const Invocation& invocation, const Words& words) {
  if (words.empty() || words.size() > 2) {
    return fail(Error(Errc::usage, "give PATH and a CSV file, or - for standard input"));
  }
  LENSFS_TRY(const Opened file, open_file(invocation, words[0]));
  std::string text;
  if (words.size() == 1 || words[1] == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream source(words[1], std::ios::binary);
    if (!source) return fail(error_from_errno(errno, "open").with(words[1]));
    text.assign(std::istreambuf_iterator<char>(source), {});
  }
  auto markers = markers_from_csv(file.clock, text);
  if (!markers) return fail(markers.error().with(words.size() == 2 ? words[1] : "standard input"));
  LENSFS_CHECK(file.catalog->write([&](Transaction& txn) {
    return replace_markers(txn, actor_of_process(), file.asset, *markers);
  }));
  return ExitCode::done;
}

Result<ExitCode> run_marker(const Invocation& invocation) {
  static constexpr SubCommand kAll[] = {{"list", list},
                                        {"add", add},
                                        {"remove", remove},
                                        {"export", export_csv},
                                        {"import", import_csv}};
  return run_subcommand(invocation, kAll);
}

}  // namespace

Command marker_verb() {
  return {
      .name = "marker",
      .summary = "mark ranges of a clip, and list, read and write its markers",
      .description =
          "marker add PATH START NAME [TEXT] marks a frame, or with --length a range, of a clip; "
          "START is a timecode of the clip or a number of frames from its first. marker list PATH "
          "shows the markers, marker remove PATH NUMBER… removes some. marker export PATH writes "
          "all as CSV (start, duration, name, text, colour, author); marker import PATH FILE makes "
          "the clip's markers exactly those of a CSV file. On the drive the same CSV is "
          "NAME.EXT.markers.csv beside the clip, to read and to write. The query marker:WORDS "
          "finds clips by what their markers say.",
      .operands = {.usage = "list|add|remove|export|import PATH …",
                   .least = 2,
                   .completes = Completes::files},
      .options = {{.name = "length",
                   .help = "of the range: 00:00:02:00, or frames",
                   .value = "TIME"},
                  {.name = "colour", .help = "red, green, blue …", .value = "NAME"}},
      .examples = {{{"lensfs marker add Projects/match/A001.mov 01:00:05:12 goal --length 50",
                     "marks two seconds of a clip"},
                    {"lensfs find marker:goal", "finds it"}}},
      .run = run_marker};
}

}  // namespace lensfs
