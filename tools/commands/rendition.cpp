// rendition: the renditions of files, one by one.
#include "catalog/model/rendition.h"

#include <fmt/format.h>

#include <array>
#include <condition_variable>
#include <mutex>

#include "catalog/model/job.h"
#include "catalog/model/sequence.h"
#include "catalog/model/settings.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/progress.h"
#include "tools/cli/rendition_words.h"
#include "tools/cli/stop_signal.h"
#include "tools/cli/version_path.h"
#include "tools/commands/commands.h"
#include "transcode/client/attach.h"
#include "transcode/scheduler/planner.h"
#include "transcode/scheduler/worker.h"

namespace lensfs {
namespace {

constexpr std::chrono::milliseconds kLookPause{200};

// --- what is meant

struct Meant {
  std::string path;
  Asset asset;
  std::string name;
  std::string kind;
  ObjectId source{};
  std::uint64_t size = 0;  // of the source
  std::int64_t version = 0;
};

Result<Meant> meant_at(Catalog& catalog, AssetPaths& paths, const std::string& path) {
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  LENSFS_TRY(const Version version, version_or_current(paths, *reader, path, std::nullopt));
  LENSFS_TRY(const Asset asset, find_asset(*reader, version.asset));
  return Meant{.path = path,
               .asset = asset,
               .name = asset.name,
               .kind = asset.kind,
               .source = version.object,
               .size = static_cast<std::uint64_t>(version.size),
               .version = version.number};
}

struct Wanted {
  Meant of;
  Recipe recipe;
};

// Opened: what each sub-command begins with.
struct Opened {
  const Invocation& invocation;
  Catalog& catalog;
  const RenditionSettings& settings;
  const Profiles& profiles = settings.profiles;
  AssetPaths& paths;
  std::vector<std::string> words;  // after the sub-command
  const StopOnSignal& stop;

  [[nodiscard]] Result<Profile> profile() const {
    const auto name = invocation.value("profile");
    if (!name) return fail(Errc::usage, "which profile? Give --profile NAME");
    if (const Profile* const found = profiles.find(*name)) return *found;
    std::string names;
    for (const Profile& known : profiles.all()) names += (names.empty() ? "" : ", ") + known.name;
    return fail(Error(Errc::usage, "no such profile; there are").with(*name).with(names));
  }
  [[nodiscard]] Result<Wanted> wanted(const std::string& path) const {
    LENSFS_TRY(const Profile chosen, profile());
    LENSFS_TRY(Meant of, meant_at(catalog, paths, path));
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(auto recipe, recipe_for(*reader, chosen, of.asset, of.name));
    if (!recipe) {
      return fail(Error(Errc::not_supported, "the profile makes nothing of such a file")
                      .with(fmt::format("{} of kind {}", chosen.name, of.kind))
                      .with(path));
    }
    return Wanted{.of = std::move(of), .recipe = *std::move(recipe)};
  }
};

// --- list

struct Listed {
  std::string what;  // the profile
  std::string recipe;
  std::optional<Rendition> ready{};
  std::optional<Job> job{};
  std::optional<Outline> outline{};
  [[nodiscard]] bool is_virtual() const { return !ready && outline && !job; }
};

std::string state_of(const Listed& listed) {
  if (listed.ready) return listed.ready->attached ? "attached" : "ready";
  if (listed.is_virtual()) return "virtual";
  if (!listed.job) return "none";
  return std::string(name_of(listed.job->state));
}

// What the profiles make of it, made or not; then what else there is.
Result<std::vector<Listed>> listed_of(Database& db, const Profiles& profiles, const Meant& of) {
  std::vector<Listed> all;
  for (const Profile& profile : profiles.all()) {
    LENSFS_TRY(const auto recipe, recipe_for(db, profile, of.asset, of.name));
    if (recipe) all.push_back({.what = profile.name, .recipe = recipe->text()});
  }
  const auto entry_of = [&](const std::string& recipe) -> Listed& {
    const auto known = std::find_if(all.begin(), all.end(),
                                    [&](const Listed& one) { return one.recipe == recipe; });
    if (known != all.end()) return *known;
    return all.emplace_back(Listed{.what = recipe, .recipe = recipe});
  };
  LENSFS_TRY(const std::vector<Rendition> renditions, renditions_of(db, of.source));
  for (const Rendition& rendition : renditions) {
    LENSFS_TRY(const std::string recipe, recipe_text(db, rendition.recipe));
    entry_of(recipe).ready = rendition;
  }
  LENSFS_TRY(const std::vector<Outline> outlines, outlines_of(db, of.source));
  for (const Outline& outline : outlines) {
    LENSFS_TRY(const std::string recipe, recipe_text(db, outline.recipe));
    entry_of(recipe).outline = outline;
  }
  LENSFS_TRY(const std::vector<Job> jobs, jobs_of(db, of.source));
  for (const Job& job : jobs) {
    LENSFS_TRY(const std::string recipe, recipe_text(db, job.recipe));
    entry_of(recipe).job = job;
  }
  return all;
}

void print_listed_json(const Listed& listed, const Meant& of) {
  JsonObject json;
  json.set("path", of.path).set("version", of.version).set("profile", listed.what);
  json.set("recipe", listed.recipe).set("state", state_of(listed));
  const auto set_shown = [&](const auto& shown) {
    json.set("name", rendered_name(of.name, shown.extension))
        .set("size", shown.size)
        .set("width", shown.width)
        .set("height", shown.height)
        .set("duration_ns", shown.duration);
  };
  if (listed.ready) {
    set_shown(*listed.ready);
    json.set("made_ns", listed.ready->made);
  } else if (listed.is_virtual()) {
    set_shown(*listed.outline);
  } else if (listed.job) {
    json.set("job", number(listed.job->id))
        .set("progress", static_cast<double>(listed.job->progress) / 1000);
    if (listed.job->error) json.set("error", *listed.job->error);
  }
  print_line(json.text());
}

void print_listed(const Listed& listed, const Meant& of) {
  std::string text = fmt::format("{:<10} {:<8}", listed.what, state_of(listed));
  const auto shown_as = [&](const auto& shown, const std::string& made) {
    return fmt::format("  {:>9}  {:<10}  {}{}", size_text(static_cast<std::uint64_t>(shown.size)),
                       extent_text(shown.width, shown.height, shown.duration), made,
                       shown_text(rendered_name(of.name, shown.extension)));
  };
  if (listed.ready) {
    text += shown_as(*listed.ready, time_text(listed.ready->made) + "  ");
  } else if (listed.is_virtual()) {
    text += shown_as(*listed.outline, "");
  } else if (listed.job && listed.job->error) {
    text += "  " + shown_text(*listed.job->error);
  }
  print_line(text);
}

Result<ExitCode> list(const Opened& with) {
  bool any = false;
  for (const std::string& path : with.words) {
    LENSFS_TRY(const Meant of, meant_at(with.catalog, with.paths, path));
    LENSFS_TRY(const Pool::Reader reader, with.catalog.read());
    LENSFS_TRY(const std::vector<Listed> all, listed_of(*reader, with.profiles, of));
    const bool json = with.invocation.has("json");
    if (!json && with.words.size() > 1) print_line(shown_text(path) + ":");
    for (const Listed& listed : all) {
      any = true;
      json ? print_listed_json(listed, of) : print_listed(listed, of);
    }
  }
  return any ? ExitCode::done : ExitCode::nothing_found;
}

// --- make

struct Look {
  std::string state;  // "ready", "failed", "waiting", "running", "virtual"
  std::string error;
  double part = 0;  // of it that is done
};

Result<Look> look_at(Database& db, const Wanted& wanted) {
  LENSFS_TRY(const auto recipe, find_recipe(db, wanted.recipe));
  if (!recipe) return Look{.state = "failed", .error = "nobody asked for it"};
  LENSFS_TRY(const Standing standing, standing_of(db, wanted.of.source, recipe));
  if (standing.ready) return Look{.state = "ready", .error = {}, .part = 1};
  const std::optional<Job>& job = standing.job;
  if (!job && standing.outline) return Look{.state = "virtual", .error = {}};
  if (!job) return Look{.state = "failed", .error = "its job was dropped"};
  const double part = static_cast<double>(job->progress) / 1000;
  if (job->state == JobState::running) return Look{.state = "running", .error = {}, .part = part};
  if (job->state == JobState::waiting) return Look{.state = "waiting", .error = {}};
  return Look{.state = "failed", .error = job->error.value_or("")};
}

Result<std::vector<Look>> look_at_all(Catalog& catalog, const std::vector<Wanted>& wanted) {
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  const Snapshot snapshot(*reader);
  std::vector<Look> looks;
  for (const Wanted& one : wanted) {
    LENSFS_TRY(Look look, look_at(*reader, one));
    looks.push_back(std::move(look));
  }
  return looks;
}

bool is_over(const Look& look) {
  return look.state == "ready" || look.state == "failed";
}

Amount amount_of(Catalog& catalog, const std::vector<Wanted>& wanted) {
  Amount amount{.total_files = wanted.size(), .counted = true};
  const auto looks = look_at_all(catalog, wanted);
  if (!looks) return amount;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto size = static_cast<double>(wanted[i].of.size);
    const Look& look = (*looks)[i];
    amount.files += is_over(look) ? 1U : 0U;
    amount.bytes += static_cast<std::uint64_t>(is_over(look) ? size : size * look.part);
    amount.total_bytes += wanted[i].of.size;
  }
  return amount;
}

NewJob new_job(const Wanted& wanted, Priority priority) {
  return {.source = wanted.of.source,
          .recipe = wanted.recipe,
          .kind = wanted.of.kind,
          .name = wanted.of.name,
          .priority = priority,
          .uid = actor_of_process().uid};
}

// The job that was to make it made an outline, which somebody else had asked for.
Status ask_for_the_whole(Catalog& catalog, const std::vector<Wanted>& wanted,
                         const std::vector<Look>& looks) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (looks[i].state != "virtual") continue;
    LENSFS_CHECK(catalog.write(
        [&](Transaction& txn) { return ask_for(txn, new_job(wanted[i], Priority::asked)); }));
  }
  return {};
}

// Until each of them is there or failed, or somebody asks to stop.
Status wait_for_all(const Opened& with, const std::vector<Wanted>& wanted) {
  if (!any_worker(with.catalog)) {
    complain("rendition", "nobody works at this library; start \"lensfs work\"");
  }
  const bool quiet = with.invocation.has("json") ||
                     ShownProgress::style_of_terminal() == ShownProgress::Style::lines;
  const ShownProgress progress(quiet ? ShownProgress::Style::none : ShownProgress::Style::bar,
                               "rendition", [&] { return amount_of(with.catalog, wanted); });
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  const std::stop_token stop = with.stop.token();
  while (!stop.stop_requested()) {
    LENSFS_TRY(const std::vector<Look> looks, look_at_all(with.catalog, wanted));
    if (std::all_of(looks.begin(), looks.end(), is_over)) return {};
    LENSFS_CHECK(ask_for_the_whole(with.catalog, wanted, looks));
    wake.wait_for(lock, stop, kLookPause, [] { return false; });
  }
  return {};
}

Result<ExitCode> tell_of(const Opened& with, const std::vector<Wanted>& wanted) {
  LENSFS_TRY(const std::vector<Look> looks, look_at_all(with.catalog, wanted));
  bool any_failed = false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Look& look = looks[i];
    any_failed = any_failed || look.state == "failed";
    if (with.invocation.has("json")) {
      JsonObject json = JsonObject()
                            .set("path", wanted[i].of.path)
                            .set("recipe", wanted[i].recipe.text())
                            .set("state", look.state);
      if (!look.error.empty()) json.set("error", look.error);
      print_line(json.text());
    } else if (look.state == "failed") {
      complain("rendition", shown_text(wanted[i].of.path + ": " + look.error));
    } else {
      print_line(fmt::format("{}  {}", look.state, shown_text(wanted[i].of.path)));
    }
  }
  if (with.stop.token().stop_requested()) return ExitCode::interrupted;
  return any_failed ? ExitCode::system : ExitCode::done;
}

// The whole of what is for editing is made only where it is asked for; an outline would be there
// for who waits.
Priority priority_of(const Recipe& recipe, bool waits) {
  return waits && recipe.form != Recipe::Form::edit ? Priority::waited : Priority::asked;
}

// Of every asset, as at ingest.
Result<ExitCode> make_of_all(const Opened& with) {
  if (!with.words.empty() || with.invocation.has("wait")) {
    return fail(Errc::usage, "--all takes no paths, and does not wait; see lensfs jobs");
  }
  LENSFS_TRY(const Profile profile, with.profile());
  LENSFS_TRY(const std::int64_t count, plan_all(with.catalog, with.settings, profile,
                                                actor_of_process().uid, with.stop.token()));
  if (with.invocation.has("json")) {
    print_line(JsonObject().set("asked", count).text());
  } else {
    print_line(fmt::format("{} asked for", count));
  }
  return with.stop.token().stop_requested() ? ExitCode::interrupted : ExitCode::done;
}

Result<ExitCode> make(const Opened& with) {
  if (with.invocation.has("all")) return make_of_all(with);
  std::vector<Wanted> wanted;
  for (const std::string& path : with.words) {
    LENSFS_TRY(Wanted one, with.wanted(path));
    wanted.push_back(std::move(one));
  }
  const bool waits = with.invocation.has("wait");
  LENSFS_CHECK(with.catalog.write([&](Transaction& txn) -> Status {
    for (const Wanted& one : wanted) {
      LENSFS_CHECK(ask_for(txn, new_job(one, priority_of(one.recipe, waits)), Again::yes));
    }
    return {};
  }));
  if (waits) LENSFS_CHECK(wait_for_all(with, wanted));
  return tell_of(with, wanted);
}

// --- attach, remove

Result<ExitCode> attach_file(const Opened& with) {
  if (with.words.size() != 2) {
    return fail(Errc::usage, "give the PATH and the FILE that becomes its rendition");
  }
  LENSFS_TRY(const Wanted wanted, with.wanted(with.words[0]));
  const bool force = with.invocation.has("force");
  const std::unique_ptr<Engines> engines = make_engines(with.settings);
  LENSFS_CHECK(
      attach(with.catalog, *engines,
             {.to = {.source = wanted.of.source, .recipe = wanted.recipe, .name = wanted.of.name},
              .file = with.words[1],
              .only = force ? AttachOnly::anything : AttachOnly::what_fits},
             with.stop.token()));
  return tell_of(with, {wanted});
}

Result<ExitCode> remove(const Opened& with) {
  std::vector<Wanted> wanted;
  for (const std::string& path : with.words) {
    LENSFS_TRY(Wanted one, with.wanted(path));
    wanted.push_back(std::move(one));
  }
  LENSFS_TRY(const std::uint64_t removed,
             with.catalog.write([&](Transaction& txn) -> Result<std::uint64_t> {
               std::uint64_t count = 0;
               for (const Wanted& one : wanted) {
                 LENSFS_TRY(const auto recipe, find_recipe(txn.db(), one.recipe));
                 if (!recipe) continue;
                 LENSFS_TRY(const auto ready, find_rendition(txn.db(), one.of.source, *recipe));
                 if (!ready) continue;
                 LENSFS_CHECK(remove_rendition(txn, *ready));
                 ++count;
               }
               return count;
             }));
  if (with.invocation.has("json")) print_line(JsonObject().set("removed", removed).text());
  return removed == 0 ? ExitCode::nothing_found : ExitCode::done;
}

struct SubCommand {
  std::string_view name;
  Result<ExitCode> (*run)(const Opened&);
};
constexpr std::array kSubCommands = {SubCommand{"list", list}, SubCommand{"make", make},
                                     SubCommand{"attach", attach_file},
                                     SubCommand{"remove", remove}};

Result<ExitCode> run_rendition(const Invocation& invocation) {
  const StopOnSignal stop;
  std::vector<std::string> words = invocation.operands();
  const std::string name = words.front();
  words.erase(words.begin());
  const auto known = std::find_if(kSubCommands.begin(), kSubCommands.end(),
                                  [&](const SubCommand& sub) { return sub.name == name; });
  if (known == kSubCommands.end()) {
    return fail(Error(Errc::usage, "say list, make, attach or remove, then the paths").with(name));
  }
  const bool may_have_none = known->name == "make" && invocation.has("all");
  if (words.empty() && !may_have_none) return fail(Errc::usage, "give the paths");
  LENSFS_TRY(const auto catalog, open_library(invocation, words));
  LENSFS_TRY(const Settings settings, read_settings(catalog->path()));
  AssetPaths paths(*catalog);
  return known->run({.invocation = invocation,
                     .catalog = *catalog,
                     .settings = settings.renditions,
                     .paths = paths,
                     .words = std::move(words),
                     .stop = stop});
}

}  // namespace

Command rendition_verb() {
  return {
      .name = "rendition",
      .summary = "list, make, attach or remove the renditions of files",
      .description =
          "list PATH… shows for each profile whether the file has its rendition. make asks for "
          "the rendition by a profile, also where it had failed before; with --wait the command "
          "ends when it is there, and the exit status is 6 if it failed. With --all it asks for "
          "those of all files in the library that have none, after all else that waits: for a "
          "profile that was made eager later. \"lensfs work\" must run somewhere for anything to "
          "be "
          "made.\n\n"
          "attach PATH FILE makes FILE the rendition: an edit proxy from the camera, a picture "
          "that was retouched. It stays what is shown, whatever is made later. FILE must have the "
          "form and the format that the profile makes of PATH and, where it takes time, the frame "
          "rate of PATH, its length to within a frame, and as many tracks and channels of sound. "
          "--force takes any format that renditions have, whatever its length. Copying FILE to "
          "Resolutions/720p/Projects/… of a drive attaches it, too. remove "
          "forgets a rendition, attached or made; it is made again when it is asked for.\n\n"
          "PATH may be an old version (cut@v3.mov); a plain path is the current one.",
      .operands = {.usage = "list|make|attach|remove PATH…",
                   .least = 1,
                   .completes = Completes::files},
      .options = {{.name = "profile",
                   .help = "by which profile: thumb, 720p …; list needs none",
                   .letter = 'p',
                   .value = "NAME"},
                  {.name = "all", .help = "make: of every file, as at ingest"},
                  {.name = "wait", .help = "make: wait until it is there", .letter = 'w'},
                  {.name = "force", .help = "attach: unlike its source, too"}},
      .examples = {{{"lensfs rendition make Projects/demo/cut.mov -p 720p --wait",
                     "makes a small version and waits for it"},
                    {"lensfs rendition attach Projects/demo/cut.mov proxy.mov -p 720p",
                     "takes a proxy that somebody else made"}}},
      .run = run_rendition};
}

}  // namespace lensfs
