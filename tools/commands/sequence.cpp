// sequence: numbered pictures as one asset, and back.
#include "catalog/model/sequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include "tools/cli/asset_path.h"
#include "tools/cli/library_path.h"
#include "tools/cli/place_paths.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

struct Opened {
  const Invocation& invocation;
  Catalog& catalog;
  AssetPaths& paths;
  std::vector<std::string> words;  // after the sub-command
  [[nodiscard]] bool json() const { return invocation.has("json"); }
};

// --- what is meant

// The names of files by the project folder that they lie in.
using Named = std::map<FolderId, std::set<std::string>>;

Status add_all_in(Database& db, FolderId folder, Named& named) {
  return each_place(db, folder, [&](const PlacedAsset& placed) {
    if (placed.asset.type == 0) named[folder].insert(placed.name);
  });
}

Status add_named(const Opened& with, const std::string& path, Named& named) {
  LENSFS_TRY(const NodeId node, with.paths.node_at(path));
  LENSFS_TRY(const Pool::Reader reader, with.catalog.read());
  if (class_of(node) == NodeClass::folder) return add_all_in(*reader, folder_of(node), named);
  if (class_of(node) == NodeClass::frame || class_of(node) == NodeClass::sequence) {
    return fail(Error(Errc::invalid, "is one already").with(path));
  }
  const auto whole = std::filesystem::path(path);
  LENSFS_TRY(const NodeId folder, with.paths.node_at(whole.parent_path().native()));
  if (class_of(node) != NodeClass::file || class_of(folder) != NodeClass::folder) {
    return fail(Error(Errc::invalid, "give a folder of a project, or files in one").with(path));
  }
  named[folder_of(folder)].insert(whole.filename().native());
  return {};
}

// Runs that are long enough, or that belong to a sequence which is there.
Result<std::vector<FrameRun>> runs_in(Database& db, FolderId folder,
                                      const std::set<std::string>& names) {
  std::vector<FrameRun> runs;
  for (FrameRun& run : frame_runs({names.begin(), names.end()}, 1)) {
    if (run.names.size() < kFewestFrames) {
      const auto there = find_sequence(db, folder, *frame_name(run.names.front()));
      if (is_missing(there)) continue;
      if (!there) return fail(there.error());
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

// --- make

Result<PlannedSequence> plan(Database& db, FolderId folder, const FrameRun& run) {
  std::vector<Place> files;
  for (const std::string& name : run.names) {
    LENSFS_TRY(Place place, find_place(db, folder, name));
    files.push_back(std::move(place));
  }
  LENSFS_TRY(std::vector<NewFrame> frames, frames_from(db, files));
  return plan_sequence(db, folder, std::move(frames));
}

Result<SequenceOwner> owner_of(Database& db, FolderId folder, const FrameRun& run) {
  LENSFS_TRY(const PlacedAsset first, find_placed(db, folder, run.names.front()));
  return SequenceOwner{.uid = first.asset.uid,
                       .gid = first.asset.gid,
                       .mode = first.asset.mode,
                       .reason = "sequence"};
}

// What a person is told of one sequence.
struct Told {
  std::string path;
  std::string status;
  std::uint64_t frames = 0;
  std::string missing;
};

void print_told(const Told& told, bool json) {
  if (json) {
    JsonObject line;
    line.set("path", told.path).set("status", told.status).set("frames", told.frames);
    if (!told.missing.empty()) line.set("missing", told.missing);
    print_line(line.text());
    return;
  }
  std::string text = fmt::format("{}: {} frames", shown_text(told.path), told.frames);
  if (!told.missing.empty()) text += "; missing: " + told.missing;
  print_line(text);
}

Status make_one(const Opened& with, FolderId folder, const FrameRun& run) {
  Store& store = with.catalog.store();
  LENSFS_TRY(const Store::Hold hold, store.hold());
  PlannedSequence planned;
  SequenceOwner owner;
  Told told;
  {
    LENSFS_TRY(const Pool::Reader reader, with.catalog.read());
    const Snapshot snapshot(*reader);
    LENSFS_TRY(planned, plan(*reader, folder, run));
    LENSFS_TRY(owner, owner_of(*reader, folder, run));
    LENSFS_TRY(const std::string above, path_of(*reader, folder));
    told.path = "Projects/" + above + "/" + planned.name;
  }
  LENSFS_TRY(const ObjectKey manifest, keep_manifest(store, planned));
  LENSFS_CHECK(store.sync());
  LENSFS_TRY(const Ingested made, with.catalog.write([&](Transaction& txn) {
    return put_sequence(txn, actor_of_process(), planned, manifest, owner);
  }));
  told.status = made.outcome == IngestOutcome::added         ? "made"
                : made.outcome == IngestOutcome::new_version ? "version"
                                                             : "unchanged";
  told.frames = planned.frames.size();
  told.missing = planned.missing();
  print_told(told, with.json());
  return {};
}

Result<ExitCode> make(const Opened& with) {
  Named named;
  for (const std::string& path : with.words) LENSFS_CHECK(add_named(with, path, named));
  std::vector<std::pair<FolderId, FrameRun>> all;
  for (const auto& [folder, names] : named) {
    LENSFS_TRY(const Pool::Reader reader, with.catalog.read());
    LENSFS_TRY(std::vector<FrameRun> runs, runs_in(*reader, folder, names));
    for (FrameRun& run : runs) all.emplace_back(folder, std::move(run));
  }
  if (all.empty()) {
    complain("sequence", "no three files there that differ by a number alone");
    return ExitCode::nothing_found;
  }
  ExitCode code = ExitCode::done;
  for (const auto& [folder, run] : all) {
    const Status made = make_one(with, folder, run);
    if (made) continue;
    complain("sequence", made.error());
    code = std::max(code, exit_code_of(made.error().code()));
  }
  return code;
}

// --- list, split

Result<std::vector<Asset>> meant_sequences(const Opened& with, Database& db) {
  if (with.words.empty()) return all_sequences(db);
  std::vector<Asset> sequences;
  for (const std::string& path : with.words) {
    LENSFS_TRY(const AssetId id, with.paths.asset_at(path));
    LENSFS_TRY(Asset asset, find_asset(db, id));
    if (!is_sequence(asset)) return fail(Error(Errc::invalid, "no sequence").with(path));
    sequences.push_back(std::move(asset));
  }
  return sequences;
}

Status list_one(const Opened& with, Database& db, PlacePaths& places, const Asset& sequence) {
  LENSFS_TRY(const std::vector<Frame> frames, frames_of(db, sequence.version));
  std::vector<FrameNumber> numbers;
  std::uint64_t bytes = 0;
  for (const Frame& frame : frames) {
    numbers.push_back(frame.number);
    bytes += static_cast<std::uint64_t>(frame.size);
  }
  const std::string missing = missing_frames(numbers);
  LENSFS_TRY(const std::vector<std::string> paths, places.of(db, sequence.id));
  if (with.json()) {
    JsonObject json;
    json.set("name", sequence.name).set("paths", paths).set("frames", std::uint64_t{frames.size()});
    json.set("bytes", bytes);
    if (!missing.empty()) json.set("missing", missing);
    print_line(json.text());
    return {};
  }
  std::string text = fmt::format("{:>6} frames  {:>9}  {}", frames.size(), size_text(bytes),
                                 shown_text(paths.empty() ? sequence.name : paths.front()));
  if (!missing.empty()) text += "  missing: " + missing;
  print_line(text);
  return {};
}

Result<ExitCode> list(const Opened& with) {
  LENSFS_TRY(const Pool::Reader reader, with.catalog.read());
  const Snapshot snapshot(*reader);
  LENSFS_TRY(const std::vector<Asset> sequences, meant_sequences(with, *reader));
  PlacePaths places;
  for (const Asset& sequence : sequences) LENSFS_CHECK(list_one(with, *reader, places, sequence));
  return sequences.empty() ? ExitCode::nothing_found : ExitCode::done;
}

Result<ExitCode> split(const Opened& with) {
  if (with.words.empty()) return fail(Errc::usage, "which sequences? Give their paths");
  std::vector<Asset> sequences;
  {
    LENSFS_TRY(const Pool::Reader reader, with.catalog.read());
    LENSFS_TRY(sequences, meant_sequences(with, *reader));
  }
  LENSFS_TRY(
      const std::uint64_t files, with.catalog.write([&](Transaction& txn) -> Result<std::uint64_t> {
        std::uint64_t made = 0;
        for (const Asset& sequence : sequences) {
          LENSFS_TRY(const std::uint64_t some, split_sequence(txn, actor_of_process(), sequence));
          made += some;
        }
        return made;
      }));
  if (with.json()) {
    print_line(JsonObject().set("files", files).text());
  } else {
    print_line(fmt::format("{} files again", files));
  }
  return ExitCode::done;
}

struct SubCommand {
  std::string_view name;
  Result<ExitCode> (*run)(const Opened&);
};
constexpr std::array kSubCommands = {SubCommand{"make", make}, SubCommand{"list", list},
                                     SubCommand{"split", split}};

Result<ExitCode> run_sequence(const Invocation& invocation) {
  std::vector<std::string> words = invocation.operands();
  const std::string name = words.front();
  words.erase(words.begin());
  const auto known = std::find_if(kSubCommands.begin(), kSubCommands.end(),
                                  [&](const SubCommand& sub) { return sub.name == name; });
  if (known == kSubCommands.end()) {
    return fail(Error(Errc::usage, "say make, list or split, then the paths").with(name));
  }
  LENSFS_TRY(const auto catalog, open_library(invocation, words));
  AssetPaths paths(*catalog);
  return known->run({invocation, *catalog, paths, std::move(words)});
}

}  // namespace

Command sequence_verb() {
  return {
      .name = "sequence",
      .summary = "make numbered pictures one asset, list such, or split them",
      .description =
          "An image sequence is one asset with tags, versions and renditions of its own: "
          "plate.[1001-1240].exr, a folder that lists the frames. Their own paths go on working "
          "in the folder that holds it.\n\n"
          "make FOLDER… takes all runs of at least three pictures in a folder of a project that "
          "differ by a number alone (plate.1001.exr, plate_1001.exr, plate1001.exr; three digits, "
          "or a separator before them; exr dpx tif tiff png jpg jpeg tga cin dng); make FILE… "
          "those that are named. No bytes are copied. The sequence has the tags of its frames; "
          "the files, with what else they had, go to the trash. Where the folder has the sequence "
          "already it gets a version with the new frames. \"lensfs ingest --sequences\" makes "
          "sequences of what it takes in.\n\n"
          "split PATH… makes files of the frames again, those in the trash where they are there "
          "still; the sequence goes to the trash. list shows all sequences, or those that are "
          "named.",
      .operands = {.usage = "make|list|split [PATH…]", .least = 1, .completes = Completes::files},
      .options = {},
      .examples = {{{"lensfs sequence make /mnt/media/Projects/demo/render",
                     "makes one asset of each run of frames in a folder"},
                    {"lensfs sequence split '/mnt/media/Projects/demo/plate.[1001-1240].exr'",
                     "makes files of the frames again"}}},
      .run = run_sequence};
}

}  // namespace lensfs
