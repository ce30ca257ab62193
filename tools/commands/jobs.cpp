// jobs: what is being made, what waits, and what failed.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <mutex>
#include <set>

#include "catalog/model/job.h"
#include "catalog/model/settings.h"
#include "tools/cli/asset_path.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/progress.h"
#include "tools/cli/rendition_words.h"
#include "tools/cli/stop_signal.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

constexpr std::size_t kShownWaiting = 20;
constexpr std::size_t kBarWidth = 16;
constexpr std::chrono::milliseconds kRedraw{500};

struct ShownJob {
  Job job;
  std::string recipe;
  std::string what;  // the profile
  std::uint64_t source_size = 0;

  [[nodiscard]] double part() const { return static_cast<double>(job.progress) / 1000; }
  [[nodiscard]] double seconds() const {
    return static_cast<double>(Clock().now() - job.started.value_or(Clock().now())) /
           kNanosecondsPerSecond;
  }
};

// The objects of all versions of the assets at the paths; nothing: no path was given.
Result<std::optional<std::set<ObjectId>>> meant_sources(Catalog& catalog,
                                                        const std::vector<std::string>& paths) {
  if (paths.empty()) return std::optional<std::set<ObjectId>>();
  AssetPaths assets(catalog);
  std::set<ObjectId> sources;
  for (const std::string& path : paths) {
    LENSFS_TRY(const AssetId asset, assets.asset_at(path));
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(const std::vector<Version> versions, versions_of(*reader, asset));
    for (const Version& version : versions) sources.insert(version.object);
  }
  return std::optional(std::move(sources));
}

Result<std::vector<ShownJob>> meant_jobs(Catalog& catalog, const Profiles& profiles,
                                         const std::optional<std::set<ObjectId>>& sources) {
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  const Snapshot snapshot(*reader);
  std::vector<Job> jobs;
  if (!sources) {
    LENSFS_TRY(jobs, all_jobs(*reader));
  } else {
    for (const ObjectId source : *sources) {
      LENSFS_TRY(const std::vector<Job> its, jobs_of(*reader, source));
      jobs.insert(jobs.end(), its.begin(), its.end());
    }
  }
  std::vector<ShownJob> shown;
  for (Job& job : jobs) {
    LENSFS_TRY(std::string recipe, recipe_text(*reader, job.recipe));
    LENSFS_TRY(const ObjectKey source, find_object(*reader, job.source));
    std::string what = name_of_recipe(profiles, job.kind, job.name, recipe);
    shown.push_back({std::move(job), std::move(recipe), std::move(what), source.size});
  }
  return shown;
}

std::vector<const ShownJob*> in_state(const std::vector<ShownJob>& jobs, JobState state) {
  std::vector<const ShownJob*> found;
  for (const ShownJob& one : jobs) {
    if (one.job.state == state) found.push_back(&one);
  }
  return found;
}

std::string_view name_of(Priority priority) {
  switch (priority) {
    case Priority::due:
      return "due";
    case Priority::asked:
      return "asked";
    case Priority::waited:
      break;
  }
  return "waited";
}

// --- as text

std::string head_of(const ShownJob& one) {
  return fmt::format("{:>7}  {:<9}  {}", number(one.job.id), one.what, shown_text(one.job.name));
}

std::string running_text(const ShownJob& one) {
  std::string text = fmt::format("{}  ", head_of(one));
  if (::isatty(STDOUT_FILENO) != 0) text += bar_of(one.part(), kBarWidth) + " ";
  text += fmt::format("{:.0f}%  {}", one.part() * 100, duration_text(one.seconds()));
  if (one.job.progress == 0 || one.seconds() < 1) return text;
  const double rate = static_cast<double>(one.source_size) * one.part() / one.seconds();
  return text + fmt::format("  {}/s", size_text(static_cast<std::uint64_t>(rate)));
}

std::string waiting_text(const ShownJob& one) {
  std::string text = fmt::format("{}  {}", head_of(one), name_of(one.job.priority));
  if (!one.job.error) return text;
  const Nanoseconds left = std::max<Nanoseconds>(0, one.job.due - Clock().now());
  return text + fmt::format(", again in {}: {}",
                            duration_text(static_cast<double>(left) / kNanosecondsPerSecond),
                            shown_text(*one.job.error));
}

std::string failed_text(const ShownJob& one) {
  return fmt::format("{}: {}", head_of(one), shown_text(one.job.error.value_or("")));
}

std::string table_of(const std::vector<ShownJob>& jobs) {
  std::string text;
  const auto part = [&](JobState state, std::size_t most, auto&& text_of) {
    const std::vector<const ShownJob*> found = in_state(jobs, state);
    text += fmt::format("{} {}\n", name_of(state), found.size());
    for (std::size_t i = 0; i < std::min(most, found.size()); ++i) {
      text += text_of(*found[i]) + "\n";
    }
    if (found.size() > most) text += fmt::format("         … and {} more\n", found.size() - most);
  };
  part(JobState::running, jobs.size(), running_text);
  part(JobState::waiting, kShownWaiting, waiting_text);
  part(JobState::failed, jobs.size(), failed_text);
  return text;
}

// --- as JSON

void print_json(const std::vector<ShownJob>& jobs) {
  for (const ShownJob& one : jobs) {
    const Job& job = one.job;
    JsonObject json;
    json.set("id", number(job.id))
        .set("state", name_of(job.state))
        .set("name", job.name)
        .set("kind", job.kind)
        .set("profile", one.what)
        .set("recipe", one.recipe)
        .set("priority", name_of(job.priority))
        .set("attempts", job.attempts)
        .set("uid", job.uid)
        .set("asked_ns", job.asked)
        .set("due_ns", job.due)
        .set("source_size", one.source_size);
    if (job.state == JobState::running) {
      json.set("progress", one.part()).set("seconds", one.seconds());
      json.set("worker", job.worker.value_or(""));
    }
    if (job.error) json.set("error", *job.error);
    print_line(json.text());
  }
}

// --- what is done to them

Result<ExitCode> watch(Catalog& catalog, const Profiles& profiles,
                       const std::optional<std::set<ObjectId>>& sources, const StopOnSignal& stop) {
  if (::isatty(STDOUT_FILENO) == 0) return fail(Errc::usage, "--watch needs a terminal");
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.token().stop_requested()) {
    LENSFS_TRY(const std::vector<ShownJob> jobs, meant_jobs(catalog, profiles, sources));
    print("\033[H\033[J" + table_of(jobs));
    std::fflush(stdout);
    wake.wait_for(lock, stop.token(), kRedraw, [] { return false; });
  }
  return ExitCode::done;
}

Result<ExitCode> retry(Catalog& catalog, const Invocation& invocation,
                       const std::vector<ShownJob>& jobs) {
  const bool all = invocation.operands().empty();
  LENSFS_TRY(const std::int64_t count, catalog.write([&](Transaction& txn) -> Result<std::int64_t> {
    if (all) return retry_failed(txn);
    std::int64_t again = 0;
    for (const ShownJob& one : jobs) {
      LENSFS_TRY(const bool any, retry_failed(txn, one.job.id));
      again += any ? 1 : 0;
    }
    return again;
  }));
  if (invocation.has("json")) {
    print_line(JsonObject().set("waiting_again", count).text());
  } else {
    print_line(fmt::format("{} wait again", count));
  }
  return count == 0 ? ExitCode::nothing_found : ExitCode::done;
}

Status drop(Catalog& catalog, const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(Error(Errc::usage, "not the number of a job").with("--drop " + text));
  }
  return catalog.write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const std::optional<Job> job, find_job(txn.db(), JobId{id}));
    if (!job) return fail(Error(Errc::not_found, "no such job").with(text));
    if (job->state == JobState::running) {
      return fail(Error(Errc::busy, "it is being made").with(text));
    }
    return drop_job(txn, job->id);
  });
}

Result<ExitCode> run_jobs(const Invocation& invocation) {
  const StopOnSignal stop;
  LENSFS_TRY(const auto catalog, open_library(invocation, invocation.operands()));
  if (const auto id = invocation.value("drop")) {
    LENSFS_CHECK(drop(*catalog, *id));
    return ExitCode::done;
  }
  LENSFS_TRY(const Settings settings, read_settings(catalog->path()));
  const Profiles& profiles = settings.renditions.profiles;
  LENSFS_TRY(const auto sources, meant_sources(*catalog, invocation.operands()));
  if (invocation.has("watch")) return watch(*catalog, profiles, sources, stop);
  LENSFS_TRY(const std::vector<ShownJob> jobs, meant_jobs(*catalog, profiles, sources));
  if (invocation.has("retry")) return retry(*catalog, invocation, jobs);
  if (invocation.has("json")) {
    print_json(jobs);
  } else {
    print(table_of(jobs));
  }
  return ExitCode::done;
}

}  // namespace

Command jobs_verb() {
  return {
      .name = "jobs",
      .summary = "show what is being made, what waits and what failed",
      .description =
          "Shows the renditions that \"lensfs work\" is making, how far it is and how fast, by "
          "the size of the source; the first 20 that wait, in the order in which they are taken, "
          "and why: due (made at ingest), asked (somebody asked for it) or waited (somebody waits "
          "for it); and those that failed, with what the decoder said. With paths, only what is "
          "made of these files. With --json one object for each job.\n\n"
          "A job that failed is not begun again by itself: --retry lets all of them, or those of "
          "the paths, wait again; \"lensfs rendition make\" does that for one.",
      .operands = {.usage = "[PATH…]", .completes = Completes::files},
      .options = {{.name = "watch", .help = "go on showing it until Ctrl-C", .excludes = "json"},
                  {.name = "retry", .help = "let what failed wait again", .excludes = "watch"},
                  {.name = "drop",
                   .help = "forget the job of that number, unless it is being made",
                   .value = "ID",
                   .excludes = "retry"}},
      .examples = {{{"lensfs -L /srv/media jobs --watch", "shows how far everything is"},
                    {"lensfs -L /srv/media jobs --retry", "begins again what failed"}}},
      .run = run_jobs};
}

}  // namespace lensfs
